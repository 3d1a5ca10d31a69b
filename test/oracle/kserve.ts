/**
 * KServe's multi-node arithmetic a second time: slow, plain, and sharing no line with src/. It answers what
 * KServe's controller deploys for a service on a runtime. test/kserve/observed.test.ts holds it against what
 * KServe 0.19.0 really deployed, so that test/kserve/fidelity.test.ts may hold the planner against it.
 */

export interface KServeSettings {
  /** `customGPUResourceTypeList` of KServe's ConfigMap, key multiNode. */
  readonly customGpuTypes: readonly string[];
}

/** What KServe writes into a Deployment's container. */
export interface Template {
  readonly gpus: number;
  /** The resource name under which the count is written, to requests and limits. */
  readonly resource: string;
  readonly requests: Readonly<Record<string, string>>;
  readonly limits: Readonly<Record<string, string>>;
  /** INFERENCE_SERVICE_NAME, which says nothing about several nodes, is left out. */
  readonly env: Readonly<Record<string, string>>;
}

export interface Deployed {
  readonly nodes: number;
  readonly head: Template;
  /** The template has a count, mostly 0, also where no worker pod is started. */
  readonly worker: Template & { readonly replicas: number };
}

export interface Outcome {
  /** KServe's report where it deploys nothing, else null. */
  readonly failure: string | null;
  /** What it computed, and deployed unless it failed. */
  readonly deployed: Deployed;
}

/** GPU names and counts of one container; other resources are left out. */
export interface GpuMaps {
  readonly requests: ReadonlyMap<string, number>;
  readonly limits: ReadonlyMap<string, number>;
}

/** The GPU names that KServe knows by itself, in the order in which it looks for them. */
const VENDORS = ['nvidia.com/gpu', 'amd.com/gpu', 'intel.com/gpu', 'habana.ai/gaudi'];

/** Names that KServe's webhook admits everywhere; every other one is a GPU's. */
const NOT_GPUS = ['cpu', 'memory', 'storage', 'ephemeral-storage'];

/** What KServe deploys; where it counts by chance, what the first of its chances gives. */
export function deploy(
  service: unknown,
  runtime: unknown,
  settings: KServeSettings,
): Deployed | { readonly failure: string } {
  const [first] = outcomes(service, runtime, settings);
  if (first === undefined) throw new Error('there is always a count, if only 0');
  return first.failure === null ? first.deployed : { failure: first.failure };
}

/** Everything that KServe may deploy: one for each GPU name that it may count in each container. */
export function outcomes(service: unknown, runtime: unknown, settings: KServeSettings): readonly Outcome[] {
  const { head, worker } = mergedContainers(service, runtime);
  return possibleCounts(head, settings).flatMap((headCount) =>
    possibleCounts(worker, settings).map((workerCount) =>
      outcome(service, runtime, settings, headCount, workerCount),
    ),
  );
}

/** The service's sizes over the runtime's over 1. */
export function parallelSizes(service: unknown, runtime: unknown): { tensor: number; pipeline: number } {
  const own = get(service, 'spec', 'predictor', 'workerSpec');
  const theirs = get(runtime, 'spec', 'workerSpec');
  const size = (key: string): number => Number(get(own, key) ?? get(theirs, key) ?? 1);
  return { tensor: size('tensorParallelSize'), pipeline: size('pipelineParallelSize') };
}

/** Is this runtime's back end mp instead of Ray? */
export function isMp(runtime: unknown): boolean {
  return get(runtime, 'spec', 'annotations', 'multinode/executor-backend') === 'mp';
}

/**
 * The service's model over the runtime's kserve-container, and its first worker container over the runtime's
 * worker-container: requests and limits are merged name by name.
 */
export function mergedContainers(service: unknown, runtime: unknown): { head: GpuMaps; worker: GpuMaps } {
  const predictor = get(service, 'spec', 'predictor');
  const [worker] = list(get(predictor, 'workerSpec', 'containers'));
  return {
    head: merge(
      namedContainer(get(runtime, 'spec', 'containers'), 'kserve-container'),
      get(predictor, 'model'),
    ),
    worker: merge(
      namedContainer(get(runtime, 'spec', 'workerSpec', 'containers'), 'worker-container'),
      worker,
    ),
  };
}

export function namedContainer(containers: unknown, name: string): unknown {
  return list(containers).find((container) => get(container, 'name') === name);
}

export function gpusOf(container: unknown): GpuMaps {
  return {
    requests: countsIn(get(container, 'resources', 'requests')),
    limits: countsIn(get(container, 'resources', 'limits')),
  };
}

/** The value at a chain of keys, undefined where one is missing. */
export function get(value: unknown, ...keys: readonly string[]): unknown {
  let here = value;
  for (const key of keys) here = (here as Record<string, unknown> | null | undefined)?.[key];
  return here;
}

/** The value as a list; an empty one where it is absent. */
export function list(value: unknown): readonly unknown[] {
  return (value ?? []) as readonly unknown[];
}

function merge(below: unknown, above: unknown): GpuMaps {
  const [lower, upper] = [gpusOf(below), gpusOf(above)];
  return {
    requests: new Map([...lower.requests, ...upper.requests]),
    limits: new Map([...lower.limits, ...upper.limits]),
  };
}

function countsIn(resources: unknown): ReadonlyMap<string, number> {
  const gpus = Object.entries((resources ?? {}) as Record<string, unknown>).filter(
    ([name]) => !NOT_GPUS.includes(name),
  );
  return new Map(gpus.map(([name, quantity]) => [name, wholeNumber(quantity)]));
}

/** Whole numbers and thousandths are all that the tests write. */
function wholeNumber(quantity: unknown): number {
  const [, digits, milli] = /^([0-9]+)(m?)$/.exec(String(quantity)) ?? [];
  if (digits === undefined) throw new Error(`not a quantity that the oracle reads: ${String(quantity)}`);
  return milli === 'm' ? Math.ceil(Number(digits) / 1000) : Number(digits);
}

/** Requests only, and only of names that KServe counts; zeros are counted as well. */
function possibleCounts({ requests }: GpuMaps, { customGpuTypes }: KServeSettings): readonly number[] {
  const counts = [...VENDORS, ...customGpuTypes].flatMap((name) => requests.get(name) ?? []);
  return counts.length === 0 ? [0] : counts;
}

/** The first name with a count in limits or requests; here names from the service's annotation do count. */
function writtenName({ requests, limits }: GpuMaps, names: readonly string[]): string {
  const named = names.find((name) => (limits.get(name) ?? 0) > 0 || (requests.get(name) ?? 0) > 0);
  return named ?? 'nvidia.com/gpu';
}

function outcome(
  service: unknown,
  runtime: unknown,
  { customGpuTypes }: KServeSettings,
  headCount: number,
  workerCount: number,
): Outcome {
  const { tensor, pipeline } = parallelSizes(service, runtime);
  const counted = isMp(runtime)
    ? { failure: null, nodes: pipeline, head: tensor, worker: tensor }
    : ray(tensor * pipeline, headCount, workerCount);

  const listed = get(service, 'metadata', 'annotations', 'serving.kserve.io/gpu-resource-types') ?? '[]';
  const names = [...VENDORS, ...customGpuTypes, ...(JSON.parse(listed as string) as string[])];
  const { head, worker } = mergedContainers(service, runtime);
  const name = String(get(service, 'metadata', 'name'));
  const template = (gpus: number, resource: string, env: Record<string, string>): Template => ({
    gpus,
    resource,
    requests: { [resource]: String(gpus) },
    limits: { [resource]: String(gpus) },
    env: {
      TENSOR_PARALLEL_SIZE: String(tensor),
      PIPELINE_PARALLEL_SIZE: String(pipeline),
      RAY_NODE_COUNT: String(counted.nodes),
      REQUEST_GPU_COUNT: String(gpus),
      ...env,
    },
  });
  return {
    failure: counted.failure,
    deployed: {
      nodes: counted.nodes,
      head: template(counted.head, writtenName(head, names), {
        MODEL_NAME: name,
        MODEL_DIR: '/mnt/models',
      }),
      worker: {
        replicas: counted.nodes - 1,
        ...template(counted.worker, writtenName(worker, names), {
          ISVC_NAME: name,
          HEAD_SVC: `${name}-head-1`,
          WORKER_SVC: `${name}-workers-1`,
        }),
      },
    },
  };
}

interface Counted {
  readonly failure: string | null;
  readonly nodes: number;
  readonly head: number;
  readonly worker: number;
}

function ray(total: number, headCount: number, workerCount: number): Counted {
  if (workerCount === 0 && headCount === 0) return { failure: null, nodes: total, head: 1, worker: 1 };

  if (workerCount === 0) {
    const nodes = total <= headCount ? 1 : total - headCount + 1;
    return { failure: null, nodes, head: headCount, worker: 1 };
  }

  let nodes = Math.ceil(total / workerCount);
  const rest = total - workerCount * (nodes - 1);
  if (headCount > 0 && Math.ceil(total / headCount) === 1) nodes = 1;
  const head = headCount === 0 ? rest : headCount;
  if (nodes === 1) return { failure: null, nodes, head: total, worker: 0 };

  const onWorkers = workerCount * (nodes - 1);
  const failure =
    total > head + onWorkers
      ? `the total required number of GPUs(${total}) is less than the number of GPUs assigned to the head node(${head}) + worker node(${onWorkers})`
      : null;
  return { failure, nodes, head, worker: workerCount };
}
