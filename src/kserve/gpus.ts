/**
 * What KServe sees of GPUs in one pod: the service's container merged over the runtime's, then its counting and
 * its choice of a type (docs/kserve.md, Merge of service and runtime; docs/kserve.md, GPU types;
 * docs/kserve.md, GPUs that the controller sets).
 */
import { parseJson, property, type JsonObject } from '../lib/json.ts';
import type { ResourceEntry, Resources } from './container.ts';
import { GPU_RESOURCE_TYPES } from './annotations.ts';
import type { ServiceView } from './view.ts';
import type { Release } from './releases.ts';

/** The GPU types that KServe knows without being told, in the order in which it looks for them. */
export const KNOWN_GPU_TYPES = ['nvidia.com/gpu', 'amd.com/gpu', 'intel.com/gpu', 'habana.ai/gaudi'] as const;
/** What KServe writes where it finds no GPU type. */
export const DEFAULT_GPU_TYPE = 'nvidia.com/gpu';

/** What KServe's ConfigMap inferenceservice-config says. */
export interface KServeConfig {
  /** multiNode.customGPUResourceTypeList: further types that KServe counts. */
  readonly customGpuTypes: readonly string[];
  /** deploy.defaultDeploymentMode; null when not known. */
  readonly defaultDeploymentMode: string | null;
  /** The ConfigMap's own namespace; absent where no ConfigMap was seen. */
  readonly namespace?: string;
  /** ingress.domainTemplate and ingressDomain; absent where KServe's own count. */
  readonly domainTemplate?: string;
  readonly ingressDomain?: string;
  /** Why these are KServe's defaults in place of a ConfigMap that could not be read. */
  readonly unread?: string;
}

/** What is known of the KServe that a service is planned for. */
export interface KServeFacts extends KServeConfig {
  readonly release: Release;
}

export interface GpuTypes {
  /** Types that KServe counts in requests. */
  readonly counted: readonly string[];
  /** Counted ones and those of the service's annotation: the types that KServe may write a count under. */
  readonly written: readonly string[];
}

/** A longer annotation is not read. A list of all existing GPU types has less than one KiB. */
export const LONGEST_LIST = 64 * 1024;
/** An annotation with more entries is not read. */
export const MOST_TYPES = 256;

/**
 * @param annotations of a service, or spec.annotations of a runtime
 * @returns the annotation's list of GPU types, empty where it is absent; null when it is not a JSON array of
 *   at least one non-empty string, or longer than the two bounds
 */
export function annotatedGpuTypes(annotations: JsonObject): readonly string[] | null {
  const given = property(annotations, GPU_RESOURCE_TYPES);
  if (given === undefined) return NO_TYPES;
  const known = READ.get(annotations);
  if (known !== undefined) return known.types;
  const types = readTypes(given);
  READ.set(annotations, { types });
  return types;
}

const NO_TYPES: readonly string[] = [];
/** Cached, because the planner and several rules need it. */
const READ = new WeakMap<JsonObject, { readonly types: readonly string[] | null }>();

function readTypes(given: unknown): readonly string[] | null {
  if (typeof given !== 'string' || given.length > LONGEST_LIST) return null;
  const list = parseJson(given);
  if (!Array.isArray(list) || list.length === 0 || list.length > MOST_TYPES) return null;
  const types = list.filter((type) => typeof type === 'string' && type !== '');
  return types.length === list.length ? types : null;
}

/** Is the annotation a list that was not read because of its length? */
export function isTooLongList(annotations: JsonObject): boolean {
  const given = property(annotations, GPU_RESOURCE_TYPES);
  if (typeof given !== 'string') return false;
  if (given.length > LONGEST_LIST) return true;
  const list = parseJson(given);
  return Array.isArray(list) && list.length > MOST_TYPES;
}

export function gpuTypes(service: ServiceView, kserve: KServeConfig): GpuTypes {
  const types = typesOf(kserve);
  const { annotations, podAnnotations } = service;
  const ofPods = property(podAnnotations, GPU_RESOURCE_TYPES) !== undefined;
  const annotated = annotatedGpuTypes(ofPods ? podAnnotations : annotations);
  if (annotated === null || annotated.length === 0) return types;
  return { ...types, written: [...new Set([...types.counted, ...annotated])] };
}

const OF_CLUSTER = new WeakMap<readonly string[], GpuTypes>();

/** Cached, because it is the same for every service without the annotation. */
function typesOf({ customGpuTypes }: KServeConfig): GpuTypes {
  const known = OF_CLUSTER.get(customGpuTypes);
  if (known !== undefined) return known;
  const counted = [...new Set([...KNOWN_GPU_TYPES, ...customGpuTypes])];
  const types = { counted, written: counted };
  OF_CLUSTER.set(customGpuTypes, types);
  return types;
}

/** The methods of Resources that callers need. */
interface ResourceLookup extends Pick<Resources, 'get' | 'has'> {
  readonly keys: () => IterableIterator<string>;
}

/** Requests and limits of a container, or of one laid over another. */
export interface ContainerResources {
  readonly requests: ResourceLookup;
  readonly limits: ResourceLookup;
}

/** One pod's container after KServe's merge: a resource of `over`, the service's, wins over the runtime's. */
export function mergeContainers(
  base: ContainerResources | null,
  over: ContainerResources | null,
): ContainerResources {
  if (base === null || over === null) return base ?? over ?? NO_CONTAINER;
  return { requests: merged(base.requests, over.requests), limits: merged(base.limits, over.limits) };
}

function merged(base: ResourceLookup, over: ResourceLookup): ResourceLookup {
  if (isEmpty(base)) return over;
  return isEmpty(over) ? base : new MergedResources(base, over);
}

function isEmpty(resources: ResourceLookup): boolean {
  return resources.keys().next().done === true;
}

const NO_CONTAINER: ContainerResources = { requests: new Map(), limits: new Map() };

/** Merges on demand, because callers look up only a few of many names. */
class MergedResources implements ResourceLookup {
  readonly #base: ResourceLookup;
  readonly #over: ResourceLookup;

  constructor(base: ResourceLookup, over: ResourceLookup) {
    this.#base = base;
    this.#over = over;
  }

  get(name: string): ResourceEntry | undefined {
    return this.#over.get(name) ?? this.#base.get(name);
  }

  has(name: string): boolean {
    return this.get(name) !== undefined;
  }

  *keys(): IterableIterator<string> {
    yield* this.#base.keys();
    for (const name of this.#over.keys()) if (!this.#base.has(name)) yield name;
  }
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
export function gpuRequest(container: ContainerResources, types: GpuTypes): GpuRequest | null {
  const named = types.written.filter((type) => container.requests.has(type) || container.limits.has(type));
  if (named.length === 0) return NO_REQUEST;
  const possible: number[] = [];
  for (const type of types.counted) {
    const entry = container.requests.get(type);
    if (entry === undefined) continue;
    if (entry.count === null) return null;
    possible.push(entry.count);
  }
  return {
    count: possible.find((count) => count > 0) ?? 0,
    possible: possible.length === 0 ? [0] : possible,
    type: named.find((type) => isSet(container, type)) ?? DEFAULT_GPU_TYPE,
    types: named,
  };
}

const NO_REQUEST: GpuRequest = { count: 0, possible: [0], type: DEFAULT_GPU_TYPE, types: [] };

/** Does the container ask for a positive count of the type? */
export function isSet(container: ContainerResources, type: string): boolean {
  return (container.limits.get(type)?.count ?? 0) > 0 || (container.requests.get(type)?.count ?? 0) > 0;
}

/**
 * @param notGpus names that are never GPUs; an entry ending in / or - is a prefix, any other a whole name
 */
export function isNeverGpu(name: string, notGpus: readonly string[]): boolean {
  const { prefixes, names } = neverGpus(notGpus);
  if (names.has(name)) return true;
  for (const prefix of prefixes) if (name.startsWith(prefix)) return true;
  return false;
}

interface NeverGpus {
  readonly prefixes: readonly string[];
  readonly names: ReadonlySet<string>;
}

const NEVER_GPUS = new WeakMap<readonly string[], NeverGpus>();

/** Cached, because the configuration stays the same, and a container may have thousands of names. */
function neverGpus(notGpus: readonly string[]): NeverGpus {
  const known = NEVER_GPUS.get(notGpus);
  if (known !== undefined) return known;
  const isPrefix = (entry: string): boolean => entry.endsWith('/') || entry.endsWith('-');
  const split = {
    prefixes: notGpus.filter(isPrefix),
    names: new Set(notGpus.filter((entry) => !isPrefix(entry))),
  };
  NEVER_GPUS.set(notGpus, split);
  return split;
}
