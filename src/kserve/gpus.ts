/**
 * What KServe sees of GPUs in one pod: the service's container merged over the runtime's, then its counting and
 * its choice of a type (docs/kserve.md, Merge of service and runtime; docs/kserve.md, GPU types;
 * docs/kserve.md, GPUs that the controller sets).
 */
import { STANDARD_RESOURCES, type ResourceEntry, type Resources } from './container.ts';
import type { GpuTypes } from './gpu-types.ts';
import type { Release } from './releases.ts';
import { oncePer } from '../lib/once.ts';

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
 * Is a name that an annotation lists a GPU's? Standard resources and those of notGpus are not; where KServe's ConfigMap
 * lists one, KServe does count it as a GPU.
 */
export function isGpuType(type: string, { counted }: GpuTypes, notGpus: readonly string[]): boolean {
  return counted.includes(type) || !(STANDARD_RESOURCES.includes(type) || isNeverGpu(type, notGpus));
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

/** The configuration stays the same, and a container may have thousands of names. */
const neverGpus = oncePer((notGpus: readonly string[]): NeverGpus => {
  const isPrefix = (entry: string): boolean => entry.endsWith('/') || entry.endsWith('-');
  return {
    prefixes: notGpus.filter(isPrefix),
    names: new Set(notGpus.filter((entry) => !isPrefix(entry))),
  };
});
