/**
 * What KServe sees of GPUs in one pod: the service's container strategic-merged over the runtime's, then
 * its counting and its choice of a type (kserve-behaviour: Ray back end; KServe, utils.GetGPUResourceQtyByType
 * and deployment_reconciler addGPUResourceToDeployment).
 */
import { asString, property, type JsonObject } from '../json.ts';
import type { ContainerView, ResourceEntry, Resources } from '../isvc/container.ts';
import { GPU_RESOURCE_TYPES, type ServiceView } from '../isvc/view.ts';

/** The GPU types that KServe knows without being told, in the order in which it looks for them. */
export const KNOWN_GPU_TYPES = ['nvidia.com/gpu', 'amd.com/gpu', 'intel.com/gpu', 'habana.ai/gaudi'] as const;
/** What KServe writes where it finds no GPU type. */
export const DEFAULT_GPU_TYPE = 'nvidia.com/gpu';

/** What a cluster says about KServe itself: its ConfigMap inferenceservice-config. */
export interface KServeFacts {
  /** multiNode.customGPUResourceTypeList: further types that KServe counts. */
  readonly customGpuTypes: readonly string[];
  /** deploy.defaultDeploymentMode; null when not known. */
  readonly defaultDeploymentMode: string | null;
}

export interface GpuTypes {
  /** Types that KServe counts in requests. */
  readonly counted: readonly string[];
  /** Counted ones and those of the service's annotation: the types that KServe may write a count under. */
  readonly written: readonly string[];
}

/**
 * @param annotations of a service, or spec.annotations of a runtime
 * @returns the annotation's list of GPU types, empty where it is absent; null when it is not a JSON array of
 *   at least one non-empty string
 */
export function annotatedGpuTypes(annotations: JsonObject): readonly string[] | null {
  const given = property(annotations, GPU_RESOURCE_TYPES);
  if (given === undefined) return [];
  if (typeof given !== 'string') return null;
  let list: unknown;
  try {
    list = JSON.parse(given);
  } catch {
    return null;
  }
  if (!Array.isArray(list) || list.length === 0) return null;
  const types = list.map(asString).filter((type) => type !== null && type !== '');
  return types.length === list.length ? (types as string[]) : null;
}

export function gpuTypes(service: ServiceView, kserve: KServeFacts): GpuTypes {
  const types = typesOf(kserve);
  const annotated = annotatedGpuTypes(service.annotations);
  if (annotated === null || annotated.length === 0) return types;
  return { ...types, written: [...new Set([...types.counted, ...annotated])] };
}

const OF_CLUSTER = new WeakMap<KServeFacts, GpuTypes>();

/** The same for every service without the annotation. */
function typesOf(kserve: KServeFacts): GpuTypes {
  const known = OF_CLUSTER.get(kserve);
  if (known !== undefined) return known;
  const counted = [...new Set([...KNOWN_GPU_TYPES, ...kserve.customGpuTypes])];
  const types = { counted, written: counted };
  OF_CLUSTER.set(kserve, types);
  return types;
}

/** One pod's container after KServe's merge: a resource of the service wins over the runtime's. */
export interface MergedContainer {
  readonly requests: Resources;
  readonly limits: Resources;
}

export function mergeContainers(
  runtime: ContainerView | null,
  service: ContainerView | null,
): MergedContainer {
  return {
    requests: mergeResources(runtime?.requests, service?.requests),
    limits: mergeResources(runtime?.limits, service?.limits),
  };
}

const NONE: Resources = new Map<string, ResourceEntry>();

function mergeResources(base: Resources = NONE, over: Resources = NONE): Resources {
  if (base.size === 0) return over;
  if (over.size === 0) return base;
  const merged = new Map(base);
  for (const [name, entry] of over) merged.set(name, entry);
  return merged;
}

/** What KServe counts in a container. */
export interface GpuRequest {
  /** The count; with more than one type (KServe then takes one at random) the first non-zero. */
  readonly count: number;
  /** Every count that KServe may arrive at: one unless the container requests several types. */
  readonly possible: readonly number[];
  /** The type that KServe writes the result under. */
  readonly type: string;
  /** Every known type that the container names in requests or limits, zeros included. */
  readonly types: readonly string[];
}

/** @returns null where a counted quantity is no whole number >= 0, so that no plan can be made. */
export function gpuRequest(container: MergedContainer, types: GpuTypes): GpuRequest | null {
  const possible: number[] = [];
  for (const type of types.counted) {
    const entry = container.requests.get(type);
    if (entry === undefined) continue;
    if (entry.count === null) return null;
    possible.push(entry.count);
  }
  const named = types.written.filter((type) => container.requests.has(type) || container.limits.has(type));
  return {
    count: possible.find((count) => count > 0) ?? 0,
    possible: possible.length === 0 ? [0] : possible,
    type: named.find((type) => isSet(container, type)) ?? DEFAULT_GPU_TYPE,
    types: named,
  };
}

function isSet(container: MergedContainer, type: string): boolean {
  return (container.limits.get(type)?.count ?? 0) > 0 || (container.requests.get(type)?.count ?? 0) > 0;
}

/**
 * @param notGpus names that are never GPUs; an entry ending in / or - is a prefix, any other a whole name
 */
export function isNeverGpu(name: string, notGpus: readonly string[]): boolean {
  return notGpus.some((entry) =>
    entry.endsWith('/') || entry.endsWith('-') ? name.startsWith(entry) : name === entry,
  );
}
