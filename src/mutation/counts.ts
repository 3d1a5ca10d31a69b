/**
 * Which GPU counts headcount writes into head and worker: those that complete a given count and, if there is a plan,
 * those that nobody gave. The author's counts are never changed. A count that would change KServe's result is never
 * written (docs/decisions.md, Numbers are KServe's, not better ones).
 */
import type { ResourceAddition } from './additions.ts';
import { ResourceEntry, type Resources } from '../kserve/container.ts';
import { DEFAULT_GPU_TYPE, isSet, mergeContainers, type GpuTypes } from '../kserve/gpus.ts';
import type { Plan } from '../kserve/plan.ts';
import { entryOf, type PodContainer, type PodContainers } from '../kserve/merge.ts';

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

/** @returns what completes the given counts: limits from requests and the other way round, and the runtime's. */
export function givenCounts({ head, worker }: PodContainers, { written }: GpuTypes): GpuCounts {
  const completions = (container: PodContainer): readonly ResourceAddition[] =>
    written.flatMap((type) => completion(container, type)).slice(0, MOST_COMPLETED);
  return { head: completions(head), worker: completions(worker) };
}

function completion({ own, merged }: PodContainer, type: string): readonly ResourceAddition[] {
  if (!isSet(merged, type) || own?.holdsResources === false) return NOTHING;
  const stated = entryOf(own, type);
  if (stated === undefined) return inBoth(type, entryOf(merged, type)?.count ?? 0);
  const { given } = stated;
  const parts = PARTS.filter((part) => own?.[part].has(type) !== true);
  const readable = typeof given === 'string' || typeof given === 'number';
  return readable && parts.length > 0 ? [{ key: type, value: given, parts }] : NOTHING;
}

function inBoth(type: string, count: number): readonly ResourceAddition[] {
  return count > 0 ? [{ key: type, value: String(count), parts: PARTS }] : NOTHING;
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
 * @param pods with the given counts completed
 * @returns the counts that nobody gave, in the one GPU type of the service; none where it has several
 */
export function missingCounts({ head, worker }: PodContainers, { written }: GpuTypes, plan: Plan): GpuCounts {
  const set = written.filter((type) => isSet(head.merged, type) || isSet(worker.merged, type));
  if (set.length > 1) return NO_COUNTS;
  const [type = DEFAULT_GPU_TYPE] = set;
  const isMissing = ({ own, merged }: PodContainer): boolean =>
    !isSet(merged, type) && entryOf(own, type) === undefined && own?.holdsResources !== false;
  return {
    head: isMissing(head) ? inBoth(type, plan.head.gpus) : NOTHING,
    worker: isMissing(worker) ? inBoth(type, missingWorkerGpus(plan)) : NOTHING,
  };
}

/** On Ray KServe counts a worker count that we write. It changes nothing only if the head has no count either. */
function missingWorkerGpus(plan: Plan): number {
  if (plan.nodes === 1) return 0;
  return plan.backend === 'mp' || plan.head.request.count === 0 ? plan.workerTemplateGpus : 0;
}
