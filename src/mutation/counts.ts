/**
 * Which GPU counts headcount writes into head and worker: those that complete a given count and, if there is a plan,
 * those that nobody gave. The author's counts are never changed. A count that would change KServe's result is never
 * written (docs/decisions.md, Numbers are KServe's, not better ones).
 */
import type { ResourceAddition } from './additions.ts';
import { ResourceEntry, type Resources } from '../kserve/container.ts';
import { admittedGpuTypes, gpuTypes, type GpuTypes, type PodGpuTypes } from '../kserve/gpu-types.ts';
import {
  DEFAULT_GPU_TYPE,
  isGpuType,
  isNeverGpu,
  isSet,
  mergeContainers,
  type KServeFacts,
} from '../kserve/gpus.ts';
import type { Plan } from '../kserve/plan.ts';
import { entryOf, type PodContainer, type PodContainers } from '../kserve/merge.ts';
import type { RuntimeView } from '../kserve/runtime.ts';
import type { ServiceView } from '../kserve/view.ts';
import { isRecordable } from './record.ts';

/** What is to be written into the containers of the two pods. */
export interface GpuCounts {
  readonly head: readonly ResourceAddition[];
  readonly worker: readonly ResourceAddition[];
}

/** Types that are completed in one container: KServe's own come first. More do not fit into the record. */
const MOST_COMPLETED = 12;
const PARTS = ['requests', 'limits'] as const;
type Part = (typeof PARTS)[number];
const NOTHING: readonly ResourceAddition[] = [];
export const NO_COUNTS: GpuCounts = { head: NOTHING, worker: NOTHING };

/** The types of head and worker, and which of them may be written into the service. */
export interface WritableTypes extends PodGpuTypes {
  /**
   * Those that KServe counts and those that the service lists: KServe's validator refuses others. A limit on cpu or memory
   * is the author's alone to set, listed or not.
   */
  readonly writable: ReadonlySet<string>;
  /** Names that are never GPUs. */
  readonly notGpus: readonly string[];
}

export function writableTypes(
  service: ServiceView,
  runtime: RuntimeView,
  kserve: KServeFacts,
  notGpus: readonly string[],
): WritableTypes {
  return {
    ...gpuTypes(service, runtime, kserve),
    writable: new Set(admittedGpuTypes(service, kserve)),
    notGpus,
  };
}

/** @returns what completes the given counts: limits from requests and the other way round, and the runtime's. */
export function givenCounts({ head, worker }: PodContainers, types: WritableTypes): GpuCounts {
  const completions = (container: PodContainer, { written }: GpuTypes): readonly ResourceAddition[] =>
    written
      .filter((type) => types.writable.has(type))
      .flatMap((type) => completion(container, type))
      .slice(0, MOST_COMPLETED);
  return { head: completions(head, types.head), worker: completions(worker, types.worker) };
}

function completion({ own, merged }: PodContainer, type: string): readonly ResourceAddition[] {
  if (!isSet(merged, type) || own?.holdsResources === false) return NOTHING;
  const stated = entryOf(own, type);
  if (stated === undefined) return inBoth(type, entryOf(merged, type)?.count ?? 0);
  const { given } = stated;
  const parts = PARTS.filter((part) => own?.[part].has(type) !== true);
  return isRecordable(type, given) && parts.length > 0 ? [{ key: type, value: given, parts }] : NOTHING;
}

function inBoth(type: string, count: number): readonly ResourceAddition[] {
  const value = String(count);
  return count > 0 && isRecordable(type, value) ? [{ key: type, value, parts: PARTS }] : NOTHING;
}

/** @returns the containers as they are with the counts written into them. */
export function withCounts({ head, worker }: PodContainers, counts: GpuCounts): PodContainers {
  return { head: completed(head, counts.head), worker: completed(worker, counts.worker) };
}

function completed(pod: PodContainer, counts: readonly ResourceAddition[]): PodContainer {
  if (counts.length === 0) return pod;
  const written = (part: Part): Resources =>
    new Map(
      counts
        .filter(({ parts }) => parts.includes(part))
        .map(({ key, value }) => [key, new ResourceEntry(pod.resourcesField, key, value)]),
    );
  const over = { requests: written('requests'), limits: written('limits') };
  return { ...pod, merged: mergeContainers(pod.merged, over) };
}

/**
 * Where a pod asks for anything that is listed as a GPU type, KServe writes its count under that name, and nothing is
 * missing. But a type of the runtime's list may be a network card's, so that GPUs that another pod asks for are written
 * beside it.
 * @param pods with the given counts completed
 * @returns the counts that nobody gave, in the one GPU type of the service; none where it has several
 */
export function missingCounts({ head, worker }: PodContainers, types: WritableTypes, plan: Plan): GpuCounts {
  const { writable, notGpus } = types;
  const setIn = ({ merged }: PodContainer, { written }: GpuTypes): readonly string[] =>
    written.filter((type) => isSet(merged, type));
  const [inHead, inWorker] = [setIn(head, types.head), setIn(worker, types.worker)];
  const gpus = [...inHead, ...inWorker].filter((type) => isGpuType(type, types.head, notGpus));
  const own = gpus.filter((type) => writable.has(type));
  const [type = DEFAULT_GPU_TYPE] = own.length > 0 ? own : gpus;
  if (own.some((other) => other !== type) || !writable.has(type)) return NO_COUNTS;
  const isWanted = own.length > 0 && plan.nodes > 1;
  const isTaken = (name: string): boolean => writable.has(name) || !(isWanted || isNeverGpu(name, notGpus));
  const isMissing = (pod: PodContainer, set: readonly string[]): boolean =>
    !set.some(isTaken) && entryOf(pod.own, type) === undefined && pod.own?.holdsResources !== false;
  return {
    head: isMissing(head, inHead) ? inBoth(type, plan.head.gpus) : NOTHING,
    worker: isMissing(worker, inWorker) ? inBoth(type, missingWorkerGpus(plan)) : NOTHING,
  };
}

/** On Ray KServe counts a worker count that we write. It changes nothing only if the head has no count either. */
function missingWorkerGpus(plan: Plan): number {
  if (plan.nodes === 1) return 0;
  return plan.backend === 'mp' || plan.head.request.count === 0 ? plan.workerTemplateGpus : 0;
}
