/**
 * The plan: how many pods and GPUs KServe will deploy for a service on a runtime. It runs KServe's own
 * algorithm (docs/kserve.md, Ray back end; docs/kserve.md, mp back end) for the given object and release. The planner
 * states facts and refuses nothing: a plan with too few GPUs is a plan, and a rule denies it.
 */
import type { Backend, RuntimeView } from './runtime.ts';
import type { ServiceView } from './view.ts';
import type { Setting } from './setting.ts';
import { gpuTypes } from './gpu-types.ts';
import { gpuRequest, type GpuRequest, type KServeFacts } from './gpus.ts';
import { isWorkerName, podContainers, type PodContainers } from './merge.ts';
import { has, type Release } from './releases.ts';

/** What KServe computes from the sizes and the two counts. */
export interface Layout {
  /** Pods in all: the head and nodes - 1 workers. */
  readonly nodes: number;
  /** GPUs of the head. */
  readonly head: number;
  /** GPUs that KServe writes into the worker's template, also where no worker pod is planned. */
  readonly worker: number;
}

/**
 * The Ray back end.
 * @param total tensor times pipeline parallel size, >= 1
 * @param head GPUs that the head requests after the merge, 0 when unset
 * @param worker GPUs that the worker requests after the merge, 0 when unset
 */
export function layoutOnRay(total: number, head: number, worker: number): Layout {
  if (worker > 0) {
    const nodes = head >= total ? 1 : Math.ceil(total / worker);
    if (nodes === 1) return { nodes, head: total, worker: 0 };
    return { nodes, head: head > 0 ? head : total - worker * (nodes - 1), worker };
  }
  if (head > 0) return { nodes: total <= head ? 1 : total - head + 1, head, worker: 1 };
  return { nodes: total, head: 1, worker: 1 };
}

/** The mp back end, which ignores requests: a node a pipeline stage, each with the tensor parallel size. */
function layoutOnMp(tensorParallelSize: number, pipelineParallelSize: number): Layout {
  return { nodes: pipelineParallelSize, head: tensorParallelSize, worker: tensorParallelSize };
}

export interface PodPlan {
  /** Pods of this role. */
  readonly replicas: number;
  /** GPUs of each pod; 0 where there is no pod. */
  readonly gpus: number;
  /** The resource name that KServe writes the count under. */
  readonly type: string;
  /** What the pod's container requests after the merge, as KServe counts it. */
  readonly request: GpuRequest;
}

export interface Plan {
  readonly backend: Backend;
  readonly tensorParallelSize: number;
  readonly pipelineParallelSize: number;
  /** One head and its workers, as KServe writes them into RAY_NODE_COUNT. */
  readonly nodes: number;
  /** All heads and workers: another number than the nodes where minReplicas is not 1. */
  readonly pods: number;
  readonly head: PodPlan;
  readonly worker: PodPlan;
  /** What KServe writes as the worker's REQUEST_GPU_COUNT, also where no worker pod is planned. */
  readonly workerTemplateGpus: number;
  /** Tensor times pipeline parallel size. */
  readonly required: number;
  /** GPUs of the nodes, which KServe compares with the required ones. */
  readonly available: number;
  /** GPUs of all pods together. */
  readonly allocated: number;
}

export interface Sizes {
  readonly tensorParallelSize: number;
  readonly pipelineParallelSize: number;
}

/**
 * The sizes that KServe takes: the service's over the runtime's over 1.
 * @returns null where a given size is no whole number >= 1
 */
export function effectiveSizes(service: ServiceView, runtime: RuntimeView): Sizes | null {
  const tensorParallelSize = size(service.worker?.tensorParallelSize, runtime.worker?.tensorParallelSize);
  const pipelineParallelSize = size(
    service.worker?.pipelineParallelSize,
    runtime.worker?.pipelineParallelSize,
  );
  return tensorParallelSize === null || pipelineParallelSize === null
    ? null
    : { tensorParallelSize, pipelineParallelSize };
}

function size(ofService: Setting | undefined, ofRuntime: Setting | undefined): number | null {
  const setting = ofService?.given === undefined ? ofRuntime : ofService;
  if (setting?.given === undefined) return 1;
  return setting.value !== null && setting.value >= 1 ? setting.value : null;
}

/**
 * @param pods the two containers, if they should request other resources than the service does
 * @returns the plan, or null where KServe could not make one: no workerSpec on either side, no model, a
 *   worker container of another name, sizes or GPU quantities that are no whole numbers
 */
export function planService(
  service: ServiceView,
  runtime: RuntimeView,
  kserve: KServeFacts,
  pods: PodContainers = podContainers(service, runtime),
): Plan | null {
  if (service.model === null || service.worker === null) return null;
  if (runtime.worker === null || runtime.worker.container === null) return null;
  const { own } = pods.worker;
  if (own !== null && !isWorkerName(own.name)) return null;
  const sizes = effectiveSizes(service, runtime);
  if (sizes === null || !Number.isSafeInteger(totalOf(sizes))) return null;
  const types = gpuTypes(service, runtime, kserve);
  const head = gpuRequest(pods.head.merged, types.head);
  const worker = gpuRequest(pods.worker.merged, types.worker);
  if (head === null || worker === null) return null;
  return planRequests(backendOn(runtime, kserve.release), sizes, headReplicas(service), head, worker);
}

/** An int32, as the API server reads it. */
const MOST_REPLICAS = 2 ** 31 - 1;

/** KServe gives minReplicas to the head's Deployment as it is. What no cluster stores counts as absent. */
function headReplicas({ minReplicas: { value } }: ServiceView): number {
  return value !== null && value >= 0 && value <= MOST_REPLICAS ? value : 1;
}

/** The back end that a release takes for a runtime: older ones do not read the annotation that asks for mp. */
export function backendOn({ backend }: RuntimeView, release: Release): Backend {
  return has(release, 'mp') ? backend : 'ray';
}

function totalOf({ tensorParallelSize, pipelineParallelSize }: Sizes): number {
  return tensorParallelSize * pipelineParallelSize;
}

/** @returns the plan of the same pods for other sizes. */
export function withSizes({ backend, head, worker }: Plan, sizes: Sizes): Plan {
  return planRequests(backend, sizes, head.replicas, head.request, worker.request);
}

function planRequests(
  backend: Backend,
  sizes: Sizes,
  heads: number,
  head: GpuRequest,
  worker: GpuRequest,
): Plan {
  const { tensorParallelSize, pipelineParallelSize } = sizes;
  const required = totalOf(sizes);
  const layout =
    backend === 'mp'
      ? layoutOnMp(tensorParallelSize, pipelineParallelSize)
      : layoutOnRay(required, head.count, worker.count);
  const workers = layout.nodes - 1;
  return {
    backend,
    tensorParallelSize,
    pipelineParallelSize,
    nodes: layout.nodes,
    pods: heads + workers,
    head: { replicas: heads, gpus: layout.head, type: head.type, request: head },
    worker: { replicas: workers, gpus: workers > 0 ? layout.worker : 0, type: worker.type, request: worker },
    workerTemplateGpus: layout.worker,
    required,
    available: layout.head + workers * layout.worker,
    allocated: heads * layout.head + workers * layout.worker,
  };
}
