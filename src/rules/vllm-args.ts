/**
 * vLLM is started with the sizes that KServe plans for.
 *
 * Reads: the command and args of head and worker after KServe's merge, shell scripts included.
 * Allowed: no size flag, one with the size that KServe plans for, or one with a variable as in ${TENSOR_PARALLEL_SIZE}.
 * Why: flags win over the env by which KServe passes the sizes on. Another number there leaves GPUs idle, or
 * makes vLLM wait for GPUs that nobody planned. Data parallelism and the like multiply the processes beside
 * the two sizes. Only what surely reaches vLLM is refused: not what stands in a branch or a variable of a script, or
 * in the command of another program.
 * Noted: several nodes on Ray without --distributed-executor-backend ray, which newer vLLM needs.
 * Source: kserve/kserve#4229; vLLM, arg_utils.py; docs/kserve.md, Merge of service and runtime.
 */
import type { RuntimeView } from '../kserve/runtime.ts';
import type { ServiceView } from '../kserve/view.ts';
import { effectiveSizes, type Plan } from '../kserve/plan.ts';
import { serviceWorkerContainer } from '../kserve/merge.ts';
import { RAY, statedBy, type StatedFlag, type StatedSize, type StatedSizes } from '../vllm/args.ts';
import { DATA_PARALLEL } from '../vllm/flags.ts';
import { dropsArguments } from '../vllm/words.ts';
import type { ModelView } from '../kserve/model.ts';
import type { Report, Rule } from './rule.ts';
import type { ServiceSubject } from './subject.ts';
import { quote } from '../lib/text.ts';

export const rule: Rule = {
  id: 'vllm-args',
  summary: 'Size flags of vLLM agree with the declared parallel sizes',
  checkService(subject) {
    const { service, plan } = subject;
    const { worker } = service;
    if (worker === null) return [];
    const runtime = subject.runtime.status === 'found' ? subject.runtime.runtime : null;
    const planned = plannedSizes(subject, runtime);
    const head = statedBy(runtime?.head ?? null, service.model);
    const workers = statedBy(runtime?.worker?.container ?? null, serviceWorkerContainer(service));
    const origin: Origin = { ofService: `${service.predictorField}.`, runtime };
    return [head, workers]
      .flatMap((stated) => [
        ...stated.tensorParallelSize.flatMap((flag) =>
          differing(flag, 'tensorParallelSize', planned, origin),
        ),
        ...stated.pipelineParallelSize.flatMap((flag) =>
          differing(flag, 'pipelineParallelSize', planned, origin),
        ),
        ...stated.unexpanded.map((flag) => unexpanded(flag, origin)),
        ...stated.worldSize.flatMap((flag) => multiplied(flag, plan, origin)),
      ])
      .concat(runtime?.unread === true ? tooLong(service, runtime) : withoutRay(subject, head, plan));
  },
};

type SizeName = 'tensorParallelSize' | 'pipelineParallelSize';
/** null where a size is not known. */
type Planned = Readonly<Record<SizeName, number | null>>;

/**
 * The sizes that KServe plans for, as they will be stored: case 2 is not applied where the args state what the author
 * declared. Where the runtime is not known, only those in the service.
 */
function plannedSizes({ service }: ServiceSubject, runtime: RuntimeView | null): Planned {
  const known = runtime === null ? null : effectiveSizes(service, runtime);
  return (
    known ?? {
      tensorParallelSize: service.worker?.tensorParallelSize.value ?? null,
      pipelineParallelSize: service.worker?.pipelineParallelSize.value ?? null,
    }
  );
}

interface Origin {
  /** How the fields of the service begin; all others are the runtime's. */
  readonly ofService: string;
  readonly runtime: RuntimeView | null;
}

function where(flag: StatedFlag, { ofService, runtime }: Origin): string {
  return runtime === null || flag.field.startsWith(ofService)
    ? ''
    : ` in the ${runtime.kind} ${quote(runtime.name)}`;
}

function differing(flag: StatedSize, size: SizeName, planned: Planned, origin: Origin): readonly Report[] {
  const wanted = planned[size];
  if (wanted === null || wanted === flag.value) return [];
  const at = where(flag, origin);
  const variable = size === 'tensorParallelSize' ? 'TENSOR_PARALLEL_SIZE' : 'PIPELINE_PARALLEL_SIZE';
  const given = `${flag.flag} ${flag.value}${at}`;
  // vLLM itself does not read the env, so a script must pass it on.
  const [passed, fix] = flag.inScript
    ? [`\${${variable}}`, `write \${${variable}} in place of ${flag.value}`]
    : [`$(${variable})`, `remove ${flag.flag}${withValue(flag)}, or pass it $(${variable})`];
  return [
    flag.sure
      ? {
          severity: 'deny',
          field: flag.field,
          ...(at !== '' && { owner: 'runtime' as const }),
          message: `${given} wins over ${size} ${wanted}, for which KServe plans`,
          fix,
          short: `${given} wins over ${size} ${wanted}: remove it, or set ${size} to ${flag.value}`,
        }
      : {
          severity: 'warn',
          field: flag.field,
          ...(at !== '' && { owner: 'runtime' as const }),
          message: `${given} would win over ${size} ${wanted}, for which KServe plans, if a shell passes it to vLLM`,
          fix,
          short: `${given} would win over ${size} ${wanted} if it reaches vLLM: remove it, or pass it ${passed}`,
        },
  ];
}

/** @returns what has to go with the flag where its value is a word of its own */
function withValue({ apart, text }: StatedFlag): string {
  return apart && text !== null ? ` and the ${text} after it` : '';
}

/** Only the kubelet expands variables in arguments, and only $(VAR). */
function unexpanded(flag: StatedFlag, origin: Origin): Report {
  const at = where(flag, origin);
  const given = `${flag.flag} ${flag.text}${at}`;
  const variable = `$(${flag.text?.replaceAll(/\W/g, '')})`;
  return {
    severity: 'warn',
    field: flag.field,
    ...(at !== '' && { owner: 'runtime' as const }),
    message: `${given} reaches vLLM as it stands: no shell expands it, and in arguments Kubernetes expands $(VAR) only`,
    fix: `write ${variable} in place of ${flag.text}`,
    short: `${given} reaches vLLM as it stands: write ${variable}`,
  };
}

function multiplied(flag: StatedFlag, plan: Plan | null, origin: Origin): readonly Report[] {
  if (flag.kind === 'nodes' && flag.value === plan?.nodes) return [];
  // gpu-capacity denies it, with the sum.
  if (
    flag.option === DATA_PARALLEL &&
    flag.sure &&
    plan !== null &&
    plan.allocated < plan.required * (flag.value ?? 1)
  )
    return [];
  const given = flag.value === null ? flag.flag : `${flag.flag} ${flag.value}`;
  const at = where(flag, origin);
  return [
    {
      severity: 'warn',
      field: flag.field,
      ...(at !== '' && { owner: 'runtime' as const }),
      message: `${given}${at} changes how many processes vLLM starts, but KServe plans TP x PP GPUs only`,
      fix:
        flag.option === DATA_PARALLEL
          ? `remove ${flag.flag}, and serve more replicas by services of their own`
          : `remove ${flag.flag}, and use tensorParallelSize and pipelineParallelSize`,
      short: `${given}${at} changes the world size, but KServe plans TP x PP GPUs only: remove it`,
    },
  ];
}

/** The unread args may name the Ray executor too. */
function tooLong({ model }: ServiceView, { kind, name }: RuntimeView): readonly Report[] {
  if (model === null) return [];
  const what = `the args of the ${kind} ${quote(name)} are too long to read`;
  return [
    {
      severity: 'warn',
      field: model.runtimeField,
      message: `${what}, so size flags among them are not checked`,
      fix: 'move what is long in args and command of the runtime into a ConfigMap or the image',
      short: `${what}: not checked`,
    },
  ];
}

/** Not for an assumed runtime, because its args are not known, nor where unknown-field refuses the service's own. */
function withoutRay(
  { service: { model }, runtime }: ServiceSubject,
  { backend }: StatedSizes,
  plan: Plan | null,
): readonly Report[] {
  if (runtime.status !== 'found' || runtime.how === 'assumed') return [];
  if (model === null || plan === null || plan.nodes === 1 || plan.backend !== 'ray') return [];
  if (!model.holdsWords) return [];
  // It asks for the mp back end, and kserve-release says that this release has none.
  if (runtime.runtime.backend === 'mp') return [];
  if (backend !== null) return backend.name === RAY ? [] : otherBackend(backend, model, runtime.runtime);
  const { head } = runtime.runtime;
  const isLost =
    model.command.length === 0 && dropsArguments([...(head?.command ?? []), ...(head?.args ?? [])]);
  const advice = isLost
    ? `put --distributed-executor-backend=ray into the script of the ${runtime.runtime.kind}, which ignores further args`
    : 'add the argument --distributed-executor-backend=ray';
  return [
    {
      severity: 'note',
      field: `${model.field}.args`,
      message:
        'several nodes on Ray, but neither service nor runtime passes --distributed-executor-backend ray',
      fix: `${advice}: vLLM 0.11.1 and later need it`,
      short: `several nodes on Ray: ${advice}`,
    },
  ];
}

/** vLLM does not use the Ray cluster then. What a variable stands for is not known. */
function otherBackend(
  { field, name }: NonNullable<StatedSizes['backend']>,
  model: ModelView,
  { kind, name: runtime }: RuntimeView,
): readonly Report[] {
  if (!/^\w+$/.test(name)) return [];
  const isOwn = field.startsWith(model.field);
  const place = isOwn ? '' : ` in the ${kind} ${quote(runtime)}`;
  const found = `vLLM is told --distributed-executor-backend ${name}${place}, and does not use the Ray cluster of several nodes`;
  return [
    {
      severity: 'warn',
      field,
      ...(!isOwn && { owner: 'runtime' as const }),
      message: found,
      fix: `write ray in place of ${name}${place}`,
      short: `${found}: write ray in place of ${name}`,
    },
  ];
}
