/** Does KServe deploy what headcount planned? */
import type { KServeRelease } from '../e2e/cluster/binaries.ts';
import type { Plan } from '../../src/kserve/plan.ts';
import type { Loose } from '../rules/cases.ts';
import type { Container, Deployment, Verdict } from './judge.ts';
import { refusals } from './refusals.ts';
import { SHORTHANDS } from './twists/world.ts';

/** What differs between the releases in what they deploy, beside the plan. */
interface Facts {
  /** Are the two sizes in the env of the worker? */
  readonly workerSizes: boolean;
  /** Is there a Service of the workers, and its name in their env? */
  readonly workerService: boolean;
  /** Is all that belongs to the workers deleted in the same reconcile (docs/kserve.md, Upstream faults)? */
  readonly deletesWorkers: boolean;
  /** Is predictor.name part of the name of the head's Deployment? */
  readonly predictorNameInNames: boolean;
}

const OLD: Facts = {
  workerSizes: false,
  workerService: false,
  deletesWorkers: false,
  predictorNameInNames: false,
};
const NEW: Facts = { ...OLD, workerSizes: true, workerService: true };
const FACTS: Readonly<Record<KServeRelease, Facts>> = {
  '0.15.2': OLD,
  '0.16.0': OLD,
  '0.17.0': OLD,
  '0.19.0': NEW,
  '0.20.0': { ...NEW, deletesWorkers: true, predictorNameInNames: true },
};

/** @returns why nothing runs of it, or null: KServe's webhook admits it, its controller deploys it, the API server takes it */
export function failureOf(verdict: Verdict): string | null {
  const { unreadable, webhook, error, panic, mode } = verdict;
  if (unreadable !== undefined) return `unreadable: ${unreadable}`;
  if (webhook !== undefined) return `webhook: ${webhook}`;
  if (panic !== undefined) return `panic: ${panic}`;
  if (error !== undefined) return `error: ${error}`;
  const [refused] = refusals(verdict);
  if (refused !== undefined) return `API server: ${refused}`;
  return mode === 'Standard' || mode === 'RawDeployment' ? null : `mode: ${mode}`;
}

/**
 * @param given the service before headcount
 * @param stored the service after it, which KServe got
 * @param listed the GPU types that the annotations of the two pods list
 * @param verdict of that service by that release, which has no failure
 * @returns each difference, as `what: planned, deployed`
 */
export function differences(
  plan: Plan,
  given: Loose,
  stored: Loose,
  listed: Readonly<Record<'head' | 'worker', readonly string[]>>,
  release: KServeRelease,
  { deployments = {}, services = {}, ...rest }: Verdict,
): string[] {
  const { name } = stored.metadata;
  const { workerSizes, workerService, deletesWorkers, predictorNameInNames } = FACTS[release];
  const inName = predictorNameInNames ? stored.spec.predictor.name : undefined;
  const headName = inName ? `${name}-${inName}-predictor` : `${name}-predictor`;
  const workerName = `${name}-predictor-worker`;
  const found: string[] = [];
  const compare = (what: string, planned: unknown, deployed: unknown): void => {
    const [one, other] = [planned, deployed].map((value) => JSON.stringify(value));
    if (one !== other) found.push(`${what}: planned ${one}, deployed ${other}`);
  };

  compare('Deployments', [headName, workerName].sort(), Object.keys(deployments).sort());
  compare('autoscalers', [], Object.keys(rest.autoscalers ?? {}));
  const head = containerOf(deployments[headName], 'kserve-container');
  const worker = containerOf(deployments[workerName], 'worker-container');
  if (head === null || worker === null) return [...found, 'a container is missing'];

  compare('head replicas', plan.head.replicas, deployments[headName]?.replicas ?? 1);
  compare('worker replicas', plan.worker.replicas, deployments[workerName]?.replicas ?? 1);
  const gpus = [
    ['head', head, plan.head.type, plan.head.gpus],
    ['worker', worker, plan.worker.type, plan.workerTemplateGpus],
  ] as const;
  for (const [role, container, type, count] of gpus) {
    // A worker Deployment of no pods may have any types.
    const others = role === 'worker' && plan.worker.replicas === 0 ? [] : listed[role];
    const deployed = gpusOf(container, type, plan, others);
    compare(`${role} GPUs`, gpusPlanned(type, count), deployed.counted);
    if (deployed.zero) found.push(`${role}: a zero of another GPU type: planned none`);
  }
  const counts = { RAY_NODE_COUNT: plan.nodes };
  const sizes = {
    PIPELINE_PARALLEL_SIZE: plan.pipelineParallelSize,
    TENSOR_PARALLEL_SIZE: plan.tensorParallelSize,
  };
  const env = [
    ['head', head, { ...counts, ...sizes, REQUEST_GPU_COUNT: plan.head.gpus }],
    ['worker', worker, { ...counts, ...(workerSizes && sizes), REQUEST_GPU_COUNT: plan.workerTemplateGpus }],
  ] as const;
  for (const [role, container, expected] of env) {
    for (const [key, value] of Object.entries(expected))
      compare(`${role} ${key}`, String(value), valueOf(container, key));
  }
  compare('MODEL_NAME', name, valueOf(head, 'MODEL_NAME'));
  compare('ISVC_NAME', name, valueOf(worker, 'ISVC_NAME'));
  const used = ['HEAD_SVC', ...(workerService ? ['WORKER_SVC'] : [])].map((key) => [
    key,
    valueOf(worker, key),
  ]);
  for (const [key, service = ''] of used) {
    // Without workers nobody looks for it.
    if (plan.worker.replicas > 0 && !(service in services))
      found.push(`${key}: there is no Service ${service}`);
  }
  const nameOfService = (key: string, service: string): string =>
    key === 'HEAD_SVC' && inName ? service.replace(name, `${name}-${inName}`) : service;
  const gone = [
    `Deployment/${workerName}`,
    ...used.map(([key = '', service = '']) => `Service/${nameOfService(key, service)}`),
  ];
  compare('deleted', deletesWorkers ? gone : [], rest.deleted ?? []);
  return [...found, ...writtenInVain(given, stored, head, worker)];
}

/**
 * What headcount writes may give the head no image that it would not have had, unless the worker runs it too.
 * @param alone KServe's answer without headcount; it deploys the service
 */
export function newImage(alone: Verdict, verdict: Verdict): readonly string[] {
  const [before, head] = [alone, verdict].map((answer) => imageOf(answer, 'kserve-container'));
  const isNew = head !== before && head !== imageOf(verdict, 'worker-container');
  // KServe's builds for CPUs alone can't run beside workers with GPUs.
  return isNew && !before?.includes('-cpu:') ? [`head image: planned ${before}, deployed ${head}`] : [];
}

function imageOf({ deployments = {} }: Verdict, container: string): string | undefined {
  const all = Object.values(deployments).flatMap(({ template }) => template.spec.containers);
  return all.find(({ name }) => name === container)?.image;
}

/** Env that headcount has added and that KServe overwrites: it may only write what KServe sets. */
function writtenInVain(given: Loose, stored: Loose, head: Container, worker: Container): readonly string[] {
  const roles = [
    ['head', envOfHead, head],
    ['worker', envOfWorker, worker],
  ] as const;
  return roles.flatMap(([role, envOf, container]) => {
    const own = envOf(given).map(({ name }: Loose) => name);
    return envOf(stored).flatMap(({ name, value }: Loose) =>
      own.includes(name) || valueOf(container, name) === value
        ? []
        : [`${role} env ${name}: written ${value}, deployed ${valueOf(container, name)}`],
    );
  });
}

function envOfHead({ spec: { predictor } }: Loose): Loose {
  return modelOf(predictor)?.env ?? [];
}

function modelOf(predictor: Loose): Loose {
  return ['model', ...SHORTHANDS].map((key) => predictor[key]).find((found) => found !== undefined);
}

function envOfWorker({ spec: { predictor } }: Loose): Loose {
  return predictor.workerSpec.containers?.[0]?.env ?? [];
}

function containerOf(deployment: Deployment | undefined, name: string): Container | null {
  return deployment?.template.spec.containers.find((container) => container.name === name) ?? null;
}

function valueOf({ env = [] }: Container, name: string): string | undefined {
  const entry = env.find((one) => one.name === name);
  return entry && (entry.value ?? '');
}

function gpusPlanned(type: string, gpus: number): object {
  return { requests: { [type]: String(gpus) }, limits: { [type]: String(gpus) } };
}

const KNOWN_GPUS = ['nvidia.com/gpu', 'amd.com/gpu', 'intel.com/gpu', 'habana.ai/gaudi'];
/** Names that the worlds list to get them past KServe's webhook. */
const NO_GPUS = [
  'cpu',
  'memory',
  'ephemeral-storage',
  'hugepages-2Mi',
  'rdma/hca',
  'vpc.amazonaws.com/efa',
  'example.com/nic',
];

/** Counts under every name that is a GPU's, so that a second type shows; zeros of a type that it does not have apart. */
function gpusOf(
  { resources = {} }: Container,
  own: string,
  plan: Plan,
  listed: readonly string[],
): { counted: object; zero: boolean } {
  const gpus = [...KNOWN_GPUS, ...listed.filter((name) => !NO_GPUS.includes(name))];
  const types = [...gpus, own, ...(plan.worker.replicas > 0 ? [plan.head.type, plan.worker.type] : [])];
  const lists = [resources.requests, resources.limits].map((list = {}) =>
    Object.entries(list).filter(([type]) => types.includes(type)),
  );
  const isZero = ([type, count]: readonly [string, string]): boolean => count === '0' && type !== own;
  const [requests, limits] = lists.map((list) => Object.fromEntries(list.filter((entry) => !isZero(entry))));
  return { counted: { requests, limits }, zero: lists.flat().some(isZero) };
}
