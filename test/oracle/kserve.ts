/**
 * KServe's multi-node arithmetic a second time: slow, plain, and sharing no line with src/. It answers what
 * KServe's controller deploys for a service on a runtime, and test/observed.test.ts holds it against what
 * KServe 0.19.0 really deployed, so that test/fidelity.test.ts may hold the planner against it.
 */
import type { Loose } from '../rules/cases.ts';

export interface KServeSettings {
  /** `customGPUResourceTypeList` of KServe's ConfigMap, key multiNode. */
  readonly customGpuTypes: readonly string[];
}

export interface PodSpec {
  /** What KServe writes into the container, as requests and as limits. */
  readonly gpus: number;
  /** The resource name under which it writes that. */
  readonly resource: string;
  /** What KServe sets; INFERENCE_SERVICE_NAME, which is not about several nodes, is left out. */
  readonly env: Readonly<Record<string, string>>;
}

export interface Deployed {
  readonly nodes: number;
  readonly head: PodSpec;
  readonly worker: PodSpec & { readonly replicas: number };
}

/** The sum for which KServe deploys nothing, as it reports it. */
export interface Failed {
  readonly failure: string;
}

export type Outcome = Deployed | Failed;

/** The GPU names that KServe knows by itself, in the order in which it looks for them. */
export const VENDORS = ['nvidia.com/gpu', 'amd.com/gpu', 'intel.com/gpu', 'habana.ai/gaudi'];

type Quantities = Record<string, unknown>;

export interface Resources {
  requests: Quantities;
  limits: Quantities;
}

export interface Sizes {
  readonly tensor: number;
  readonly pipeline: number;
}

/** What KServe deploys; where it counts by chance (two GPU names in one container), one of the chances. */
export function deploy(service: Loose, runtime: Loose, settings: KServeSettings): Outcome {
  const [first] = outcomes(service, runtime, settings);
  if (first === undefined) throw new Error('there is always a count, if only 0');
  return first;
}

/** Everything that KServe may deploy, one entry for each of its chances; never empty. */
export function outcomes(service: Loose, runtime: Loose, settings: KServeSettings): Outcome[] {
  // The controller takes the first worker container without looking whether there is one.
  if (service.spec.predictor.workerSpec.containers?.length === 0) return [{ failure: 'panic' }];
  const head = headResources(service, runtime);
  const worker = workerResources(service, runtime);
  const results: Outcome[] = [];
  for (const headCount of possibleCounts(head, settings)) {
    for (const workerCount of possibleCounts(worker, settings)) {
      results.push(deployCounted(service, runtime, settings, headCount, workerCount));
    }
  }
  return results;
}

/** The service's sizes over the runtime's over 1. */
export function sizesOf(service: Loose, runtime: Loose): Sizes {
  const own = service.spec.predictor.workerSpec;
  const theirs = runtime.spec.workerSpec;
  return {
    tensor: own.tensorParallelSize ?? theirs.tensorParallelSize ?? 1,
    pipeline: own.pipelineParallelSize ?? theirs.pipelineParallelSize ?? 1,
  };
}

/** Is this runtime's back end mp instead of Ray? */
export function isMp(runtime: Loose): boolean {
  return runtime.spec.annotations?.['multinode/executor-backend'] === 'mp';
}

/** The resources of kserve-container after KServe's merge. */
export function headResources(service: Loose, runtime: Loose): Resources {
  return mergeResources(
    containerNamed(runtime.spec.containers, 'kserve-container'),
    service.spec.predictor.model,
  );
}

/** The resources of worker-container after KServe's merge. */
export function workerResources(service: Loose, runtime: Loose): Resources {
  return mergeResources(
    containerNamed(runtime.spec.workerSpec.containers, 'worker-container'),
    service.spec.predictor.workerSpec.containers?.[0],
  );
}

function containerNamed(containers: Loose, name: string): Loose {
  return containers.find((container: Loose) => container.name === name);
}

function mergeResources(below: Loose, above: Loose): Resources {
  return {
    requests: { ...below?.resources?.requests, ...above?.resources?.requests },
    limits: { ...below?.resources?.limits, ...above?.resources?.limits },
  };
}

/** Requests only, of the names that KServe counts; one entry for each name that is there, zeros included. */
function possibleCounts({ requests }: Resources, { customGpuTypes }: KServeSettings): number[] {
  const counts: number[] = [];
  for (const name of [...VENDORS, ...customGpuTypes]) {
    if (name in requests) counts.push(quantity(requests[name]));
  }
  return counts.length === 0 ? [0] : counts;
}

/** The name under which KServe writes; here names from the service's annotation do count. */
export function writtenName(
  { requests, limits }: Resources,
  service: Loose,
  settings: KServeSettings,
): string {
  const listed = service.metadata.annotations?.['serving.kserve.io/gpu-resource-types'] ?? '[]';
  for (const name of [...VENDORS, ...settings.customGpuTypes, ...JSON.parse(listed)]) {
    if (quantity(limits[name] ?? 0) !== 0) return name;
    if (quantity(requests[name] ?? 0) !== 0) return name;
  }
  return 'nvidia.com/gpu';
}

/** Whole numbers and thousandths are all that the tests write. */
function quantity(value: unknown): number {
  const text = String(value);
  if (/^[0-9]+$/.test(text)) return Number(text);
  if (/^[0-9]+m$/.test(text)) return Math.ceil(Number(text.slice(0, -1)) / 1000);
  throw new Error(`not a quantity that the oracle reads: ${text}`);
}

function deployCounted(
  service: Loose,
  runtime: Loose,
  settings: KServeSettings,
  headCount: number,
  workerCount: number,
): Outcome {
  const { tensor, pipeline } = sizesOf(service, runtime);
  const counted = isMp(runtime)
    ? { nodes: pipeline, head: tensor, worker: tensor }
    : ray(tensor * pipeline, headCount, workerCount);
  if ('failure' in counted) return counted;

  const name = service.metadata.name;
  const common = {
    TENSOR_PARALLEL_SIZE: String(tensor),
    PIPELINE_PARALLEL_SIZE: String(pipeline),
    RAY_NODE_COUNT: String(counted.nodes),
  };
  return {
    nodes: counted.nodes,
    head: {
      gpus: counted.head,
      resource: writtenName(headResources(service, runtime), service, settings),
      env: {
        ...common,
        REQUEST_GPU_COUNT: String(counted.head),
        MODEL_NAME: name,
        MODEL_DIR: '/mnt/models',
      },
    },
    worker: {
      replicas: counted.nodes - 1,
      gpus: counted.worker,
      resource: writtenName(workerResources(service, runtime), service, settings),
      env: {
        ...common,
        REQUEST_GPU_COUNT: String(counted.worker),
        ISVC_NAME: name,
        HEAD_SVC: `${name}-head-1`,
        WORKER_SVC: `${name}-workers-1`,
      },
    },
  };
}

function ray(
  total: number,
  headCount: number,
  workerCount: number,
): { nodes: number; head: number; worker: number } | Failed {
  // Neither is given.
  if (workerCount === 0 && headCount === 0) return { nodes: total, head: 1, worker: 1 };

  // Only the head is given: every worker has one.
  if (workerCount === 0) {
    if (total <= headCount) return { nodes: 1, head: headCount, worker: 1 };
    return { nodes: total - headCount + 1, head: headCount, worker: 1 };
  }

  // The worker is given.
  let nodes = Math.ceil(total / workerCount);
  const rest = total - workerCount * (nodes - 1);
  if (headCount > 0 && Math.ceil(total / headCount) === 1) nodes = 1;
  const head = headCount === 0 ? rest : headCount;
  if (nodes === 1) return { nodes: 1, head: total, worker: 0 };
  const onWorkers = workerCount * (nodes - 1);
  if (total > head + onWorkers) {
    return {
      failure: `the total required number of GPUs(${total}) is less than the number of GPUs assigned to the head node(${head}) + worker node(${onWorkers})`,
    };
  }
  return { nodes, head, worker: workerCount };
}
