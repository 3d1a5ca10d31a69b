/**
 * The names that KServe takes for GPU types (docs/kserve.md, GPU types): those that it counts, and those of an
 * annotation under which it writes a count. Head and worker may have different lists, since each pod has the annotations
 * of its own part of the runtime.
 */
import { parseJson, property, type JsonObject } from '../lib/json.ts';
import { oncePer } from '../lib/once.ts';
import { GPU_RESOURCE_TYPES } from './annotations.ts';
import { STANDARD_RESOURCES } from './container.ts';
import type { RuntimeView } from './runtime.ts';
import type { ServiceView } from './view.ts';

/** The GPU types that KServe knows without being told, in the order in which it looks for them. */
export const KNOWN_GPU_TYPES = ['nvidia.com/gpu', 'amd.com/gpu', 'intel.com/gpu', 'habana.ai/gaudi'] as const;

/** The GPU types of one pod. */
export interface GpuTypes {
  /** Types that KServe counts in requests. */
  readonly counted: readonly string[];
  /** Counted ones and those of the pod's annotation: the types that KServe may write a count under. */
  readonly written: readonly string[];
}

/** The GPU types of head and worker. What KServe counts is the same in both. */
export interface PodGpuTypes {
  readonly head: GpuTypes;
  readonly worker: GpuTypes;
}

/** The part of KServe's ConfigMap that matters here. */
interface CustomTypes {
  readonly customGpuTypes: readonly string[];
}

/** A longer annotation is not read. A list of all existing GPU types has less than one KiB. */
export const LONGEST_LIST = 64 * 1024;
/** An annotation with more entries is not read. */
export const MOST_TYPES = 256;

/**
 * @param annotations of a service, a predictor, or a part of a runtime
 * @returns the annotation's list of GPU types, empty where it is absent or an empty text; null when it is not a JSON
 *   array of at least one non-empty string, or longer than the two bounds
 */
export function annotatedGpuTypes(annotations: JsonObject): readonly string[] | null {
  const given = property(annotations, GPU_RESOURCE_TYPES);
  if (given === undefined || given === '') return NO_TYPES;
  return listedIn(annotations);
}

const NO_TYPES: readonly string[] = [];

/** Kept, because the planner and several rules need it. */
const listedIn = oncePer((annotations: JsonObject): readonly string[] | null => {
  const given = property(annotations, GPU_RESOURCE_TYPES);
  if (typeof given !== 'string' || given.length > LONGEST_LIST) return null;
  const list = parseJson(given);
  if (!Array.isArray(list) || list.length === 0 || list.length > MOST_TYPES) return null;
  const types = list.filter((type) => typeof type === 'string' && type !== '');
  return types.length === list.length ? types : null;
});

/** Is the annotation a list that was not read because of its length? */
export function isTooLongList(annotations: JsonObject): boolean {
  const given = property(annotations, GPU_RESOURCE_TYPES);
  if (typeof given !== 'string') return false;
  if (given.length > LONGEST_LIST) return true;
  const list = parseJson(given);
  return Array.isArray(list) && list.length > MOST_TYPES;
}

/**
 * KServe lays the predictor's annotations over the service's, and these over the runtime's. An empty text is no list, but
 * hides those below it.
 * @param ofRuntime the annotations of the pod's part of the runtime: spec.annotations for the head, those of workerSpec
 *   for the worker; undefined where the runtime is not known
 * @returns the annotations that the pod has its list of GPU types from; null where none of them has one
 */
export function listingAnnotations(
  { podAnnotations, annotations }: ServiceView,
  ofRuntime: JsonObject | undefined,
): JsonObject | null {
  for (const layer of [podAnnotations, annotations, ofRuntime]) {
    if (property(layer, GPU_RESOURCE_TYPES) !== undefined) return layer ?? null;
  }
  return null;
}

/** @param runtime null where it is not known; then the lists of the service stand alone */
export function gpuTypes(
  service: ServiceView,
  runtime: RuntimeView | null,
  kserve: CustomTypes,
): PodGpuTypes {
  const counted = countedTypes(kserve);
  const ofPod = (ofRuntime: JsonObject | undefined): GpuTypes => {
    const annotations = listingAnnotations(service, ofRuntime);
    return { counted, written: withListed(counted, annotations) };
  };
  return { head: ofPod(runtime?.annotations), worker: ofPod(runtime?.worker?.annotations) };
}

/**
 * @returns the GPU types that KServe's validator admits in a service: it reads the annotation of the service alone, neither
 *   that of the predictor nor those of the runtime. A listed cpu is admitted anyway, and no GPU type.
 */
export function admittedGpuTypes({ annotations }: ServiceView, kserve: CustomTypes): readonly string[] {
  const types = withListed(countedTypes(kserve), annotations);
  return types.filter((type) => !STANDARD_RESOURCES.includes(type));
}

function withListed(counted: readonly string[], annotations: JsonObject | null): readonly string[] {
  const listed = annotations === null ? NO_TYPES : (annotatedGpuTypes(annotations) ?? NO_TYPES);
  return listed.length === 0 ? counted : [...new Set([...counted, ...listed])];
}

/** @returns the types that KServe counts in requests */
export function countedTypes({ customGpuTypes }: CustomTypes): readonly string[] {
  return withKnown(customGpuTypes);
}

/** They are the same for every service. */
const withKnown = oncePer((custom: readonly string[]): readonly string[] => [
  ...new Set([...KNOWN_GPU_TYPES, ...custom]),
]);
