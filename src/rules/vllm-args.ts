/**
 * vLLM is started with the sizes that KServe plans for.
 *
 * Reads: the command and args of head and worker after KServe's merge, shell scripts included.
 * Allowed: no size flag, one with the size that KServe plans for, or one with a variable as in ${TENSOR_PARALLEL_SIZE}.
 * Why: flags win over the env by which KServe passes the sizes on. Another number there leaves GPUs idle, or
 * makes vLLM wait for GPUs that nobody planned. Data parallelism and the like multiply the processes beside
 * the two sizes. A variable that nothing expands reaches vLLM as a text, and a flag without a value ends it. Only what
 * surely reaches vLLM is refused: not what stands in a branch or a variable of a script, behind the command with which it
 * ends, or in the command of another program. The flags of other servers, such as SGLang, are not read.
 * Noted: several nodes on Ray without --distributed-executor-backend ray, which newer vLLM needs; arguments of the service
 * that the runtime's script does not pass on.
 * Source: kserve/kserve#4229; vLLM, arg_utils.py; docs/kserve.md, Merge of service and runtime.
 */
import type { RuntimeView } from '../kserve/runtime.ts';
import type { ServiceView } from '../kserve/view.ts';
import { effectiveSizes, type Plan } from '../kserve/plan.ts';
import { serviceWorkerContainer } from '../kserve/merge.ts';
import { RAY, statedBy, type StatedFlag, type StatedSize } from '../vllm/args.ts';
import { DATA_PARALLEL } from '../vllm/flags.ts';
import type { Report, Rule } from './rule.ts';
import type { ServiceSubject } from './subject.ts';
import {
  numberBehind,
  unusable,
  variablesFor,
  type Unusable,
  type Variables,
} from './support/flag-values.ts';
import { wholeFlag } from './support/flag-words.ts';
import { lostArguments } from './support/lost-arguments.ts';
import { withoutRay } from './support/ray-executor.ts';
import { quote, visible } from '../lib/text.ts';

export const rule: Rule = {
  id: 'vllm-args',
  summary: 'Size flags of vLLM agree with the declared parallel sizes',
  needsPlan: true,
  checkService(subject) {
    const { service, plan } = subject;
    const { worker } = service;
    if (worker === null) return [];
    const runtime = subject.runtime.status === 'found' ? subject.runtime.runtime : null;
    const planned = plannedSizes(subject, runtime);
    const head = statedBy(runtime?.head ?? null, service.model);
    const workers = statedBy(runtime?.worker?.container ?? null, serviceWorkerContainer(service));
    const origin: Origin = { ofService: `${service.predictorField}.`, runtime };
    return (['head', 'worker'] as const)
      .flatMap((role) => {
        const stated = role === 'head' ? head : workers;
        let known: Variables | undefined;
        const env = (): Variables => (known ??= variablesFor(role, subject, planned));
        return [
          ...[...stated.tensorParallelSize, ...stated.pipelineParallelSize].flatMap((flag) =>
            differing(flag, planned, origin),
          ),
          ...stated.others.flatMap((flag) => notANumber(flag, planned, env, origin)),
          ...stated.worldSize.flatMap((flag) => multiplied(flag, plan, origin)),
        ];
      })
      .concat(
        runtime?.unread === true
          ? tooLong(service, runtime)
          : withoutRay(service.model, subject.runtime, head, plan),
      )
      .concat(lostArguments(service.model, subject.runtime));
  },
};

type SizeName = 'tensorParallelSize' | 'pipelineParallelSize';
/** null where a size is not known. */
type Planned = Readonly<Record<SizeName, number | null>>;

/** The env by which KServe passes each size on. */
const PASSED_AS = {
  tensorParallelSize: 'TENSOR_PARALLEL_SIZE',
  pipelineParallelSize: 'PIPELINE_PARALLEL_SIZE',
};

function sizeOf({ kind }: StatedFlag): SizeName {
  return kind === 'tensor' ? 'tensorParallelSize' : 'pipelineParallelSize';
}

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

function differing(flag: StatedSize, planned: Planned, origin: Origin): readonly Report[] {
  const size = sizeOf(flag);
  const wanted = planned[size];
  if (wanted === null || wanted === flag.value) return [];
  const at = where(flag, origin);
  const variable = PASSED_AS[size];
  const isVariable = flag.text?.startsWith('$') === true;
  const written = isVariable ? flag.text : flag.value;
  const given = `${flag.flag} ${isVariable ? `${written}, which is ${flag.value},` : written}${at}`;
  // vLLM itself does not read the env, so a script must pass it on.
  const [passed, fix] = flag.inScript
    ? [`\${${variable}}`, `write \${${variable}} in place of ${written}`]
    : [`$(${variable})`, `remove ${wholeFlag(flag)}, or pass it $(${variable})`];
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
          message: `${given} would win over ${size} ${wanted}, for which KServe plans, if it reaches vLLM`,
          fix,
          short: `${given} would win over ${size} ${wanted} if it reaches vLLM: remove it, or pass it ${passed}`,
        },
  ];
}

/** A variable may stand for another number, or reach vLLM as it stands. */
function notANumber(
  flag: StatedFlag,
  planned: Planned,
  env: () => Variables,
  origin: Origin,
): readonly Report[] {
  const value = flag.kind === 'backend' ? null : numberBehind(flag, env());
  // A script may set the variable anew.
  if (value !== null)
    return differing({ ...flag, value, sure: flag.sure && !flag.inScript }, planned, origin);
  const problem = unusable(flag, env());
  return problem === null ? [] : [lost(flag, problem, origin)];
}

function lost(flag: StatedFlag, { why, meant }: Unusable, origin: Origin): Report {
  const at = where(flag, origin);
  const text = visible(flag.text ?? '');
  const given = `${flag.flag}${text === '' ? '' : ` ${text}`}${at}`;
  const right = flag.kind === 'backend' ? RAY : (meant ?? `$(${PASSED_AS[sizeOf(flag)]})`);
  const fix = text === '' ? `write ${flag.flag}=${right}` : `write ${right} in place of ${text}`;
  return {
    severity: 'warn',
    field: flag.field,
    ...(at !== '' && { owner: 'runtime' as const }),
    message: `${given} ${why}`,
    fix,
    short: `${given} ${why}: ${fix}`,
  };
}

function multiplied(flag: StatedFlag, plan: Plan | null, origin: Origin): readonly Report[] {
  if (flag.kind === 'nodes' && flag.value === plan?.nodes) return [];
  // gpu-capacity denies it, with the sum.
  if (
    flag.option === DATA_PARALLEL &&
    flag.sure &&
    plan !== null &&
    plan.available < plan.required * (flag.value ?? 1)
  )
    return [];
  const given = flag.value === null ? flag.flag : `${flag.flag} ${flag.value}`;
  const at = where(flag, origin);
  const [changes, reaches] = flag.sure ? ['changes', ''] : ['would change', ' if it reaches vLLM'];
  return [
    {
      severity: 'warn',
      field: flag.field,
      ...(at !== '' && { owner: 'runtime' as const }),
      message: `${given}${at} ${changes} how many processes vLLM starts${reaches}, but KServe plans TP x PP GPUs only`,
      fix:
        flag.option === DATA_PARALLEL
          ? `remove ${wholeFlag(flag)}, and serve more replicas by services of their own`
          : `remove ${wholeFlag(flag)}, and use tensorParallelSize and pipelineParallelSize`,
      short: `${given}${at} ${changes} the world size${reaches}, but KServe plans TP x PP GPUs only: remove it`,
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
