/**
 * The plan has the GPUs that the sizes need, and KServe counts the ones that are asked for.
 *
 * Reads: the plan, the data parallel size that the args state, and the counts given in types that only an
 * annotation names, denied where the service's does and warned of where the runtime's alone does.
 * Allowed: at least TP x PP GPUs in all pods together, and times the data parallel size where there is one.
 * Why: KServe refuses to deploy fewer, minutes later and in the service's status only. Types of the annotation
 * pass its validator but are not counted: a given 2 becomes whatever KServe plans without it. Data parallel replicas
 * need TP x PP GPUs each, and KServe plans for one of them.
 * Source: docs/kserve.md, Ray back end; docs/kserve.md, GPU types; kserve/kserve#4776. The guide lets the annotation
 * name further types and does not mention the ConfigMap.
 */
import { admittedGpuTypes, countedTypes } from '../kserve/gpu-types.ts';
import { isNeverGpu, type KServeFacts } from '../kserve/gpus.ts';
import type { Plan } from '../kserve/plan.ts';
import { entryOf, type PodContainer } from '../kserve/merge.ts';
import { statedBy } from '../vllm/args.ts';
import type { Report, Rule } from './rule.ts';
import type { ServiceSubject } from './subject.ts';
import { wholeFlag } from './support/flag-words.ts';
import { quote, visible } from '../lib/text.ts';

export const rule: Rule = {
  id: 'gpu-capacity',
  summary: 'The planned pods have the GPUs that TP x PP needs',
  needsPlan: true,
  checkService(subject) {
    const { plan } = subject;
    if (plan === null) return [];
    return [...tooFew(subject, plan), ...tooFewForReplicas(subject, plan), ...uncounted(subject, plan)];
  },
};

function tooFew({ declaredPods: containers, runtime }: ServiceSubject, plan: Plan): readonly Report[] {
  const { available, required, head, worker } = plan;
  if (available >= required || containers === null || runtime.status !== 'found') return [];
  const { kind, name } = runtime.runtime;
  const ownHead = entryOf(containers.head.own, head.type);
  const ownWorker = entryOf(containers.worker.own, worker.type);
  const workers = `${worker.replicas} worker${worker.replicas === 1 ? '' : 's'} x ${worker.gpus}`;
  const needed = `TP ${plan.tensorParallelSize} x PP ${plan.pipelineParallelSize} = ${required}`;
  const sum = `head ${head.gpus} + ${workers} = ${available} < ${needed}`;
  const rest = required - worker.gpus * worker.replicas;
  const inherited = ownHead === undefined ? `; the head's count is from the ${kind} ${quote(name)}` : '';
  return [
    {
      severity: 'deny',
      field: (ownHead ?? ownWorker)?.field ?? containers.head.resourcesField,
      message: `too few GPUs: ${sum}${inherited}`,
      fix: `ask for at least ${rest} in the head, or for more in the worker`,
      short: `too few GPUs: ${sum}; ask for at least ${rest} in the head`,
    },
  ];
}

/** vLLM starts as many engines as the data parallel size. Flags for a rank or a local size are not judged here. */
function tooFewForReplicas({ service, runtime }: ServiceSubject, plan: Plan): readonly Report[] {
  const { available, required } = plan;
  if (available < required || runtime.status !== 'found') return [];
  const { dataParallelSize: flag } = statedBy(runtime.runtime.head, service.model);
  if (flag === null || available >= required * flag.value) return [];
  const sizes = `TP ${plan.tensorParallelSize} x PP ${plan.pipelineParallelSize}`;
  const sum = `${available} planned < ${sizes} x DP ${flag.value} = ${required * flag.value}`;
  return [
    {
      severity: 'deny',
      field: flag.field,
      ...(!flag.field.startsWith(`${service.predictorField}.`) && { owner: 'runtime' as const }),
      message: `too few GPUs for ${flag.flag} ${flag.value}: ${sum}; KServe plans TP x PP GPUs only`,
      fix: `remove ${wholeFlag(flag)}, and serve more replicas by services of their own`,
      short: `too few GPUs for ${flag.flag} ${flag.value}: ${sum}; remove it`,
    },
  ];
}

/**
 * On mp KServe counts no requests at all, whatever their type. A count whose type the runtime alone lists is no mistake of
 * the service's, and KServe deploys it with its own number.
 */
function uncounted(subject: ServiceSubject, plan: Plan): readonly Report[] {
  const { service, kserve, settings, pods: stored, declaredPods: declared } = subject;
  if (plan.backend !== 'ray' || stored === null || declared === null) return [];
  const counted = countedTypes(kserve);
  const { head, worker } = stored;
  const planned = [
    { container: head, declared: declared.head, pod: plan.head },
    ...(plan.worker.replicas > 0 ? [{ container: worker, declared: declared.worker, pod: plan.worker }] : []),
  ];
  return planned.flatMap(({ container, declared: own, pod }) => {
    const { type } = pod;
    const given = entryOf(container.merged, type)?.count ?? 0;
    if (given === 0 || given === pod.gpus) return [];
    if (counted.includes(type) || isNeverGpu(type, settings.notGpus)) return [];
    const severity = admittedGpuTypes(service, kserve).includes(type) ? 'deny' : 'warn';
    return [{ severity, ...otherCount(own, type, given, pod.gpus, kserve) }];
  });
}

function otherCount(
  { role, own, resourcesField }: PodContainer,
  type: string,
  given: number,
  planned: number,
  { customGpuTypes, namespace }: KServeFacts,
): Omit<Report, 'severity'> {
  const shown = visible(type);
  const list = JSON.stringify([...new Set([...customGpuTypes, type])].map(visible));
  const where = namespace === undefined ? "KServe's namespace" : `namespace ${visible(namespace)}`;
  return {
    field: entryOf(own, type)?.field ?? resourcesField,
    message:
      `the ${role} asks for ${given} ${shown}, a type that KServe does not count; ` +
      `it would deploy ${planned} instead`,
    fix:
      `have the type added to the ConfigMap inferenceservice-config in ${where}: ` +
      `multiNode: '{"customGPUResourceTypeList": ${list}}', and KServe's controller restarted, ` +
      'which reads the list at its start only',
    short:
      `the ${role} gets ${planned} ${shown}, not ${given}: KServe counts the type only when ` +
      `customGPUResourceTypeList of inferenceservice-config lists it`,
  };
}
