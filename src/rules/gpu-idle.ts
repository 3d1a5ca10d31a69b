/**
 * The plan is the one that its author would expect: no GPU reserved for nothing, no count changed by KServe.
 *
 * Reads: the plan, and the counts as the author and the runtime give them, without headcount's additions.
 * Warned: more GPUs reserved than TP x PP; a count that KServe changes; four or more one-GPU pods because no
 * count is given; a tensor parallel group across pods of different sizes; one pod only, which is not multi-node.
 * Why: each of them deploys and runs, or hangs in Ray, and shows on the bill.
 * Source: docs/kserve.md, The guide; docs/kserve.md, Ray back end; docs/kserve.md, mp back end;
 * kserve/kserve#4226, #4228, #4356.
 */
import type { RuntimeView } from '../kserve/runtime.ts';
import { gpuTypes, type PodGpuTypes } from '../kserve/gpu-types.ts';
import { isNeverGpu, isSet } from '../kserve/gpus.ts';
import { layoutOnRay, type Plan, type PodPlan } from '../kserve/plan.ts';
import { entryOf, type PodContainer, type PodContainers } from '../kserve/merge.ts';
import { statedBy, type StatedSizes } from '../vllm/args.ts';
import type { Report, Rule } from './rule.ts';
import type { ServiceSubject } from './subject.ts';
import { namesUnknownGpu } from './support/unknown-gpus.ts';
import { hasUnreadSize } from './unknown-field.ts';
import { quote, visible } from '../lib/text.ts';

/** From here on, pods of one GPU are likelier an oversight than a wish. */
const MANY_PODS = 4;
/** GPUs of a usual node, largest first. */
const USUAL_COUNTS = [8, 4, 2] as const;
const USUAL_NODE = 8;

export const rule: Rule = {
  id: 'gpu-idle',
  summary: 'No GPU is reserved for nothing, and KServe deploys the counts that were written',
  needsPlan: true,
  checkService(subject) {
    const { plan, runtime, declared, service, kserve, declaredPods: containers, pods: stored } = subject;
    if (plan === null || containers === null || stored === null) return [];
    if (runtime.status !== 'found' || service.worker === null) return [];
    if (hasUnreadSize(declared)) return [];
    const types = gpuTypes(service, runtime.runtime, kserve);
    return [
      ...(plan.nodes === 1 ? [oneNode(plan, service.worker.field)] : []),
      ...idle(plan, containers, () => statedBy(runtime.runtime.head, service.model)),
      ...changed(subject, plan, plan.head, containers.head, stored.head, runtime.runtime, types),
      ...(plan.worker.replicas > 0
        ? changed(subject, plan, plan.worker, containers.worker, stored.worker, runtime.runtime, types)
        : []),
      ...manyPods(plan, containers, types),
      ...unevenPods(plan, containers),
    ];
  },
};

function sizes({ tensorParallelSize, pipelineParallelSize, required }: Plan): string {
  return `TP ${tensorParallelSize} x PP ${pipelineParallelSize} = ${required}`;
}

function oneNode(plan: Plan, field: string): Report {
  const { head } = plan;
  return {
    severity: 'warn',
    field,
    message: `this is not multi-node: ${sizes(plan)}, and the head alone has ${head.gpus}, so no worker is started`,
    fix: 'for more nodes, raise pipelineParallelSize; for one, remove workerSpec and name a runtime for one node',
    short: `this is not multi-node: the head's ${head.gpus} GPUs are enough for ${sizes(plan)}; for more nodes, raise pipelineParallelSize`,
  };
}

/**
 * Only a head count of its author's makes KServe reserve too much: left out, it is what remains. Two data parallel engines
 * would use more than KServe can reserve, so that nothing is idle beside flags of that kind.
 */
function idle(plan: Plan, { head }: PodContainers, stated: () => StatedSizes): readonly Report[] {
  const { available, required } = plan;
  if (available <= required || stated().worldSize.length > 0) return [];
  const rest = required - plan.worker.gpus * plan.worker.replicas;
  const { replicas, gpus } = plan.worker;
  const sum =
    replicas === 0 ? `head ${available}` : `head ${plan.head.gpus} + ${replicas} x ${gpus} = ${available}`;
  const type = visible(plan.head.type);
  return [
    {
      severity: 'warn',
      field: entryOf(head.own, plan.head.type)?.field ?? head.resourcesField,
      message: `${sum} GPUs are reserved and ${sizes(plan)} are used: ${available - required} stay idle`,
      fix:
        replicas === 0
          ? `write ${type}: "${required}" for the head`
          : `write ${type}: "${rest}" for the head, or one count for both that divides ${required}`,
      short: `${available - required} of ${available} GPUs stay idle: ${sizes(plan)} are used, ${sum} reserved`,
    },
  ];
}

/** The rule gpu-capacity reports types that KServe does not count on Ray. */
function changed(
  { settings }: ServiceSubject,
  plan: Plan,
  pod: PodPlan,
  { role, own, merged, resourcesField }: PodContainer,
  stored: PodContainer,
  runtime: RuntimeView,
  types: PodGpuTypes,
): readonly Report[] {
  const { type } = pod;
  const { backend } = plan;
  const ownEntry = entryOf(own, type);
  const given = (ownEntry ?? entryOf(merged, type))?.count ?? 0;
  if (given === 0 || given === pod.gpus || isNeverGpu(type, settings.notGpus)) return [];
  if (backend === 'ray' && !types[role].counted.includes(type)) return [];
  const who = ownEntry === undefined ? `the ${runtime.kind} ${quote(runtime.name)} asks` : 'the service asks';
  if (ownEntry === undefined && entryOf(stored.own, type)?.count === pod.gpus) {
    return [kept(who, given, role, pod.gpus, resourcesField)];
  }
  const why = reason(plan);
  const verb = given < pod.gpus ? 'raises' : 'lowers';
  const fix =
    backend === 'mp'
      ? `write ${visible(type)}: "${pod.gpus}", or another tensorParallelSize`
      : plan.nodes === 1
        ? `write ${visible(type)}: "${pod.gpus}"`
        : isEnough(plan, pod, given)
          ? `write ${visible(type)}: "${given}" into requests as well`
          : `write counts into the requests of head and worker that give ${plan.required} GPUs together`;
  return [
    {
      severity: 'warn',
      field: ownEntry?.field ?? resourcesField,
      message: `${who} for ${given} GPUs in the ${role}, and KServe ${verb} that to ${pod.gpus}: ${why}`,
      fix,
      short: `KServe ${verb} the ${role}'s GPUs from ${given} to ${pod.gpus}: ${why}`,
    },
  ];
}

/** headcount wrote the count of an earlier runtime into the service, and what is written wins over the runtime. */
function kept(who: string, given: number, role: string, stored: number, field: string): Report {
  const found = `${who} for ${given} GPUs in the ${role}, and the service keeps the ${stored} stored with it`;
  return {
    severity: 'warn',
    field,
    message: `${found} until its own spec is changed`,
    fix: "write the counts that you want into the service's requests",
    short: `${found} until its spec is changed`,
  };
}

/** Would the GPUs do if KServe counted this one? */
function isEnough(plan: Plan, pod: PodPlan, given: number): boolean {
  const [head, worker] =
    pod === plan.head ? [given, plan.worker.request.count] : [plan.head.request.count, given];
  const { nodes, ...layout } = layoutOnRay(plan.required, head, worker);
  return layout.head + (nodes - 1) * layout.worker >= plan.required;
}

/** Why KServe deploys another count than the one that was given. */
function reason(plan: Plan): string {
  if (plan.backend === 'mp') return `the mp back end gives every pod TP = ${plan.tensorParallelSize}`;
  if (plan.nodes === 1) return `the head takes all of ${sizes(plan)}`;
  return 'KServe counts requests, not limits';
}

/** On mp no count would change the number of pods. */
function manyPods(plan: Plan, { head, worker }: PodContainers, types: PodGpuTypes): readonly Report[] {
  if (plan.backend === 'mp' || plan.nodes < MANY_PODS) return [];
  if (plan.head.gpus !== 1 || plan.worker.gpus !== 1) return [];
  const given = [head, worker].some(({ role, merged }) =>
    types[role].written.some((type) => isSet(merged, type)),
  );
  // A count under a name that KServe does not know is gpu-resource's.
  if (given || [head, worker].some(({ role, own }) => namesUnknownGpu(own, types[role]))) return [];
  const count = perPod(plan);
  const type = visible(plan.worker.type);
  const pods = Math.ceil(plan.required / count);
  return [
    {
      severity: 'warn',
      field: worker.resourcesField,
      message: `no GPU count is given, so that ${sizes(plan)} become ${plan.nodes} pods of one GPU`,
      fix: `write ${type}: "${count}" into requests and limits of head and worker, which gives ${pods} pods, or "1" where this is meant`,
      short: `${plan.nodes} pods of one GPU, since no count is given: ${type}: "${count}" in head and worker gives ${pods}`,
    },
  ];
}

/** @returns the TP if a group fits into a pod, else a usual count that divides the total into more than one pod */
function perPod({ tensorParallelSize, pipelineParallelSize, required }: Plan): number {
  const fits = tensorParallelSize > 1 && tensorParallelSize <= USUAL_NODE && pipelineParallelSize > 1;
  if (fits) return tensorParallelSize;
  const even = USUAL_COUNTS.find((count) => required % count === 0 && required > count);
  return even ?? Math.min(USUAL_NODE, Math.ceil(required / 2));
}

/** Where the plan has too few GPUs nothing is deployed, and gpu-capacity says so. */
function unevenPods(plan: Plan, { worker }: PodContainers): readonly Report[] {
  const { head, tensorParallelSize } = plan;
  if (plan.backend !== 'ray' || plan.nodes === 1 || plan.available < plan.required) return [];
  const whole = (gpus: number): number => Math.floor(gpus / tensorParallelSize);
  const groups = whole(head.gpus) + plan.worker.replicas * whole(plan.worker.gpus);
  if (head.gpus === plan.worker.gpus || groups >= plan.pipelineParallelSize) return [];
  const count = perPod(plan);
  // If no usual count divides the total, only pods of one GPU are all equal.
  const even = plan.required % count === 0 ? count : 1;
  const pods = `a head of ${head.gpus} and ${plan.worker.replicas} x ${plan.worker.gpus} GPUs`;
  return [
    {
      severity: 'warn',
      field: entryOf(worker.own, plan.worker.type)?.field ?? worker.resourcesField,
      message: `TP ${tensorParallelSize} spans uneven pods, ${pods}, over which Ray may never place the group`,
      fix: `write the same count for head and worker, such as ${visible(plan.worker.type)}: "${even}"`,
      short: `TP ${tensorParallelSize} spans uneven pods (${pods}): write the same count for head and worker`,
    },
  ];
}
