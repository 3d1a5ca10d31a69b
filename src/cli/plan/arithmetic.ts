/**
 * The arithmetic of a plan, step by step: where each number comes from, and which case of KServe's
 * algorithm applies (src/kserve/plan.ts computes; this only retells it).
 */
import { isStopped } from '../../kserve/pod-annotations.ts';
import { strategyOf } from '../../kserve/strategy.ts';
import type { Assessment } from '../../admission/assess.ts';
import type { RuntimeView } from '../../kserve/runtime.ts';
import type { ContainerView } from '../../kserve/container.ts';
import type { ServiceView } from '../../kserve/view.ts';
import type { Setting } from '../../kserve/setting.ts';
import { equalJson, property } from '../../lib/json.ts';
import { visibleLine } from '../../lib/text.ts';
import type { GpuRequest } from '../../kserve/gpus.ts';
import { layoutOnRay, type Plan } from '../../kserve/plan.ts';
import { serviceWorkerContainer } from '../../kserve/merge.ts';
import { has, type Release } from '../../kserve/releases.ts';
import { headWiring, workerWiring } from '../../kserve/wiring.ts';
import { count } from '../shared/finding-text.ts';
import { idleGpus, lackingGpus, rolloutPeak } from '../planned/figures.ts';
import type { Change } from '../planned/report.ts';

/**
 * @param change from an earlier version, which says what this roll-out needs; null where there is none
 * @returns indented lines; none where there is no plan
 */
export function arithmetic(assessment: Assessment, change: Change | null = null): readonly string[] {
  const { declared, service, runtime: outcome, plan, normalized } = assessment;
  if (plan === null || outcome.status !== 'found') return [];
  const { runtime, how } = outcome;
  const { tensorParallelSize: tp, pipelineParallelSize: pp, required } = plan;
  return [
    `runtime: ${runtime.kind} ${runtime.name}, ${howText(how, service)}`,
    `TP = ${tp}: ${sizeOrigin(service, declared, runtime, 'tensorParallelSize')}`,
    `PP = ${pp}: ${sizeOrigin(service, declared, runtime, 'pipelineParallelSize')}`,
    ...(normalized
      ? ['case 2 of the guide: the sizes were split so that a tensor parallel group fits one pod']
      : []),
    `required = TP x PP = ${tp} x ${pp} = ${required}`,
    ...(plan.backend === 'mp' ? mpSteps(plan) : raySteps(assessment, runtime, plan)),
    `allocated = ${headsText(plan)} + workers ${plan.worker.replicas} x ${plan.worker.gpus} = ${plan.allocated}`,
    useText(plan),
    ...(change === null ? [peakStep(plan, service)] : []),
    ...environment(service, plan, generationOf(assessment, change), assessment.kserve.release),
  ].map((line) => `  ${visibleLine(line)}`);
}

/** KServe gives minReplicas to the head's Deployment, and RAY_NODE_COUNT stays as it is. */
function headsText({ head: { replicas, gpus } }: Plan): string {
  return replicas === 1 ? `head ${gpus}` : `heads ${replicas} (minReplicas) x ${gpus}`;
}

function useText(plan: Plan): string {
  const { required, available, allocated, head } = plan;
  const lacking = lackingGpus(plan);
  if (lacking === 0) {
    const used =
      plan.nodes === 1 && head.replicas !== 1
        ? `heads ${head.replicas} x ${required}`
        : `required ${required}`;
    return `idle = allocated ${allocated} - ${used} = ${idleGpus(plan)}`;
  }
  const have = available < allocated ? `one head and its workers ${available}` : `allocated ${allocated}`;
  return `too few = required ${required} - ${have} = ${lacking}`;
}

function howText(how: 'named' | 'auto' | 'assumed', { model }: ServiceView): string {
  if (how === 'named') return 'named by the service';
  if (how === 'auto') return 'the one that KServe selects, since the service names none';
  return model?.runtimeName === null
    ? 'assumed: there is no catalogue that tells which one KServe selects'
    : 'assumed: there is no catalogue that holds the one the service names';
}

type SizeKey = 'tensorParallelSize' | 'pipelineParallelSize';

function sizeOrigin(service: ServiceView, declared: ServiceView, runtime: RuntimeView, key: SizeKey): string {
  const written = declared.worker?.[key];
  const stored = service.worker?.[key];
  if (written?.given !== undefined) {
    return written.given === stored?.given
      ? `from ${written.field}`
      : `rewritten from ${JSON.stringify(written.given)} in ${written.field}`;
  }
  const ofRuntime: Setting | undefined = runtime.worker?.[key];
  if (stored?.given !== undefined && stored.value !== (ofRuntime?.value ?? 1)) return 'set by headcount';
  return ofRuntime?.given !== undefined
    ? `from ${ofRuntime.field} of the runtime`
    : '1 is the default, neither service nor runtime says another';
}

function mpSteps({ tensorParallelSize: tp, pipelineParallelSize: pp }: Plan): readonly string[] {
  return [
    'back end mp: KServe ignores what head and worker request',
    `pods = PP = ${pp}; GPUs of each pod = TP = ${tp}`,
  ];
}

/**
 * The author's own counts explain more than those that headcount fills in. So a count that nobody gave is shown as
 * unset, if KServe would make the same plan without it.
 */
function raySteps({ declared }: Assessment, runtime: RuntimeView, plan: Plan): readonly string[] {
  const headOrigin = countOrigin(plan.head.request, declared.model, runtime.head);
  const workerOrigin = countOrigin(
    plan.worker.request,
    serviceWorkerContainer(declared),
    runtime.worker?.container ?? null,
  );
  const stored: Counts = { head: plan.head.request.count, worker: plan.worker.request.count };
  const written: Counts = {
    head: headOrigin === null ? 0 : stored.head,
    worker: workerOrigin === null ? 0 : stored.worker,
  };
  const counts = givesPlan(written, plan) ? written : stored;
  return [
    countStep('H', counts.head, headOrigin),
    countStep('W', counts.worker, workerOrigin),
    ...layoutSteps(counts, plan),
  ];
}

interface Counts {
  readonly head: number;
  readonly worker: number;
}

function countStep(letter: string, number: number, origin: string | null): string {
  const role = letter === 'H' ? 'the head' : 'the worker';
  if (number === 0) return `${letter} = 0: no GPUs are requested for ${role}`;
  return `${letter} = ${number}: ${origin ?? 'computed by headcount'}`;
}

/** Would KServe deploy the same for these counts? */
function givesPlan({ head, worker }: Counts, plan: Plan): boolean {
  const layout = layoutOnRay(plan.required, head, worker);
  return (
    layout.nodes === plan.nodes &&
    layout.head === plan.head.gpus &&
    (layout.nodes === 1 || layout.worker === plan.worker.gpus)
  );
}

/** @returns where the author of service or runtime gave the count; null where nobody did. */
function countOrigin(
  { types }: GpuRequest,
  service: ContainerView | null,
  runtime: ContainerView | null,
): string | null {
  for (const type of types) {
    for (const [container, suffix] of [
      [service, ''],
      [runtime, ' of the runtime'],
    ] as const) {
      const request = container?.requests.get(type);
      if (request !== undefined && request.count !== 0) return `from ${request.field}${suffix}`;
      const limit = container?.limits.get(type);
      if (limit !== undefined && limit.count !== 0) return `copied from ${limit.field}${suffix}`;
    }
  }
  return null;
}

/** KServe's cases, in its order; the numbers are those of src/kserve/plan.ts. */
function layoutSteps({ head, worker }: Counts, plan: Plan): readonly string[] {
  const { nodes, required: total } = plan;
  if (worker === 0 && head === 0) {
    return [`neither is requested: one GPU a pod, so pods = required = ${nodes}`];
  }
  if (worker === 0) {
    return [
      'only the head requests GPUs: each worker gets 1',
      nodes === 1
        ? `pods = 1, since H ${head} covers the required ${total}`
        : `pods = required - H + 1 = ${total} - ${head} + 1 = ${nodes}`,
    ];
  }
  const pods =
    head >= total
      ? `pods = 1, since H ${head} covers the required ${total}`
      : `pods = required / W, rounded up = ${total} / ${worker} = ${nodes}`;
  if (nodes === 1)
    return [pods, `one pod: the head gets all ${count(plan.head.gpus, 'GPU')}, no worker is made`];
  return [
    pods,
    head > 0
      ? `head = H = ${head}; each worker = W = ${worker}`
      : `head = required - W x (pods - 1) = ${total} - ${worker} x ${nodes - 1} = ${plan.head.gpus}; each worker = W = ${worker}`,
  ];
}

function peakStep(plan: Plan, service: ServiceView): string {
  const peak = rolloutPeak(plan, service);
  if (isStopped(service)) return `peak of a roll-out = ${peak}: the service is stopped`;
  const { recreate, rollingUpdate } = strategyOf(service);
  if (recreate) return `peak of a roll-out = allocated = ${peak}: Recreate stops the old pods first`;
  return peak < 2 * plan.allocated && rollingUpdate !== null
    ? `peak of a roll-out = ${peak}: maxSurge of rollingUpdate lets no more pods run beside the old ones`
    : `peak of a roll-out = 2 x ${plan.allocated} = ${peak}: the new pods come up beside the old ones`;
}

/** What metadata.generation will be; of a stored object, which has a uid, what it is. */
function generationOf({ service, stored }: Assessment, change: Change | null): number {
  const before = change?.before ?? null;
  if (before === null) return service.uid === null ? 1 : Math.max(1, service.generation);
  const was = Math.max(1, before.service.generation);
  return equalJson(property(before.stored, 'spec'), property(stored, 'spec')) ? was : was + 1;
}

function environment(
  service: ServiceView,
  plan: Plan,
  generation: number,
  release: Release,
): readonly string[] {
  const lines = [`env of the head: ${pairs([...sizesOf(plan), ...headWiring(service, plan)])}`];
  if (plan.worker.replicas > 0) {
    const sizes = has(release, 'sizesInWorkerEnv') ? sizesOf(plan) : [];
    lines.push(
      `env of each worker: ${pairs([...sizes, ...workerWiring(service, plan, generation, release)])}`,
    );
  }
  return lines;
}

type Env = readonly (readonly [name: string, value: string | number])[];

/** The sizes come first. KServe sets them as env too, and refuses them from anybody else. */
function sizesOf({ tensorParallelSize, pipelineParallelSize }: Plan): Env {
  return [
    ['TENSOR_PARALLEL_SIZE', tensorParallelSize],
    ['PIPELINE_PARALLEL_SIZE', pipelineParallelSize],
  ];
}

function pairs(env: Env): string {
  return env.map(([name, value]) => `${name}=${value}`).join(' ');
}
