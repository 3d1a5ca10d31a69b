/**
 * What headcount's changes to a service must lead to, decided from the service as its author wrote it: limits
 * become requests, the guide's case 2 is rewritten, and the GPU type of one pod is carried to the other. This
 * is the half that an oracle run on the patched object can't see: a patch that is wrong but consistent.
 */
import {
  deploy,
  get,
  gpusOf,
  isMp,
  list,
  mergedContainers,
  namedContainer,
  parallelSizes,
  type Deployed,
  type GpuMaps,
} from './kserve.ts';
import type { Json } from './generate.ts';

export interface Intended {
  readonly tensor: number;
  readonly pipeline: number;
  readonly deployed: Deployed | { readonly failure: string };
}

/**
 * @returns null where the contract leaves open what the author meant: zeros, a container of two GPU types,
 * limits without requests in the runtime
 */
export function intended(service: Json, runtime: Json): Intended | null {
  const asked = completed(service, runtime);
  const { head, worker } = mergedContainers(asked, runtime);
  if (unclear(head) || unclear(worker) || runtimeLimitsOnly(runtime)) return null;

  const sizes = caseTwo(asked, runtime) ?? parallelSizes(asked, runtime);
  const deployed = deploy(withSizes(asked, sizes), runtime, { customGpuTypes: [] });
  const carried = 'failure' in deployed ? deployed : carryTypes(deployed, head, worker, isMp(runtime));
  return { ...sizes, deployed: carried };
}

/**
 * TP over workers of W GPUs, no PP anywhere: PP is TP / W and TP is W. Where the head alone has TP GPUs there are no workers.
 * @returns null where case 2 does not apply
 */
function caseTwo(service: unknown, runtime: unknown): { tensor: number; pipeline: number } | null {
  const { tensor } = parallelSizes(service, runtime);
  const ofService = get(service, 'spec', 'predictor', 'workerSpec', 'pipelineParallelSize');
  const ofRuntime = get(runtime, 'spec', 'workerSpec', 'pipelineParallelSize');
  const { head, worker } = mergedContainers(service, runtime);
  const [count] = worker.requests.values();
  if ([...head.requests.values()].some((gpus) => gpus >= tensor)) return null;
  if (isMp(runtime) || ofService !== undefined || (ofRuntime ?? 1) !== 1) return null;
  if (get(service, 'metadata', 'annotations', 'headcount.dev/parallelism') === 'keep') return null;
  if (count === undefined || count === 0 || tensor <= count || tensor % count !== 0) return null;
  return { tensor: count, pipeline: tensor / count };
}

/** A pod that names no GPU gets the other's type, where writing it down leaves KServe's counts as they are. */
function carryTypes(deployed: Deployed, head: GpuMaps, worker: GpuMaps, mp: boolean): Deployed {
  const headStated = head.requests.size + head.limits.size > 0;
  const workerStated = worker.requests.size + worker.limits.size > 0;
  if (workerStated && !headStated) {
    return { ...deployed, head: { ...deployed.head, resource: deployed.worker.resource } };
  }
  if (headStated && !workerStated && mp) {
    return { ...deployed, worker: { ...deployed.worker, resource: deployed.head.resource } };
  }
  return deployed;
}

/** Limits as requests, but where too few GPUs would be left and KServe has enough without. */
function completed(service: Json, runtime: Json): Json {
  const fails = (object: Json): boolean => 'failure' in deploy(object, runtime, { customGpuTypes: [] });
  const asked = withRequests(service);
  return fails(asked) && !fails(service) ? service : asked;
}

function withRequests(service: Json): Json {
  const copy = JSON.parse(JSON.stringify(service)) as Json;
  const containers = [
    get(copy, 'spec', 'predictor', 'model'),
    ...list(get(copy, 'spec', 'predictor', 'workerSpec', 'containers')),
  ];
  for (const container of containers) {
    const { requests, limits } = gpusOf(container);
    for (const [type, count] of limits) {
      if (requests.has(type)) continue;
      const resources = get(container, 'resources') as { requests?: Record<string, string> };
      resources.requests = { ...resources.requests, [type]: String(count) };
    }
  }
  return copy;
}

function withSizes(service: Json, sizes: { tensor: number; pipeline: number }): Json {
  const copy = JSON.parse(JSON.stringify(service)) as Json;
  Object.assign(get(copy, 'spec', 'predictor', 'workerSpec') as object, {
    tensorParallelSize: sizes.tensor,
    pipelineParallelSize: sizes.pipeline,
  });
  return copy;
}

function unclear({ requests, limits }: GpuMaps): boolean {
  const types = new Set([...requests.keys(), ...limits.keys()]);
  return types.size > 1 || [...requests.values(), ...limits.values()].includes(0);
}

function runtimeLimitsOnly(runtime: unknown): boolean {
  const containers = [
    namedContainer(get(runtime, 'spec', 'containers'), 'kserve-container'),
    namedContainer(get(runtime, 'spec', 'workerSpec', 'containers'), 'worker-container'),
  ];
  return containers
    .map(gpusOf)
    .some(({ requests, limits }) => [...limits.keys()].some((type) => !requests.has(type)));
}
