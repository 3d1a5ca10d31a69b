/**
 * Keeps stored values when an update does not need new ones. When a spec or an annotation changes, KServe rolls out the
 * service and needs its GPUs twice during that time. So our part of an object, including the record, changes only when
 * the author's part changes.
 */
import { asObject, at, equalJson, property, type JsonObject } from '../lib/json.ts';
import { APPLIED, LAST_APPLIED, OUR_PREFIXES } from '../kserve/annotations.ts';
import { readProvenance, type Entry, type Provenance } from './record.ts';
import { restored } from './removals.ts';
import type { Parent } from './slots.ts';

/**
 * @param declared the incoming object as its author means it
 * @param stored the stored object
 * @param declaredBefore the stored object as its author means it
 * @returns the incoming object with the stored values if its author means the same as before; else null
 */
export function unchanged(declared: unknown, stored: unknown, declaredBefore: unknown): JsonObject | null {
  const object = asObject(declared);
  if (object === null || !meansTheSame(object, stored, declaredBefore)) return null;
  const annotations = annotationsOf(object);
  const before = annotationsOf(declaredBefore);
  for (const key of new Set([...Object.keys(annotations), ...Object.keys(before)])) {
    const matters = OUR_PREFIXES.some((prefix) => key.startsWith(prefix));
    if (matters && !equalJson(annotations[key], before[key])) return null;
  }
  const kept = annotationsOf(stored);
  const ours = Object.keys(kept).filter((key) => key === APPLIED || !equalJson(kept[key], before[key]));
  if (ours.length === 0) return withSpec(object, stored);
  return {
    ...withSpec(object, stored),
    metadata: {
      ...asObject(object['metadata']),
      annotations: { ...annotations, ...Object.fromEntries(ours.map((key) => [key, kept[key]])) },
    },
  };
}

const MAPS: readonly Parent[] = (['head', 'worker'] as const).flatMap((role) =>
  (['requests', 'limits'] as const).map((part) => `${role}.${part}` as const),
);

/** An empty map of the author's means the same as none while it holds our values. */
function meansTheSame(object: JsonObject, stored: unknown, declaredBefore: unknown): boolean {
  const before = at(declaredBefore, 'spec');
  if (equalJson(object['spec'], before)) return true;
  const maps = readProvenance(stored)?.made.filter((parent) => MAPS.includes(parent)) ?? [];
  return maps.length > 0 && equalJson(restored(object, [], maps)['spec'], before);
}

function withSpec(object: JsonObject, stored: unknown): JsonObject {
  const spec = property(stored, 'spec');
  return equalJson(object['spec'], spec) ? object : { ...object, spec };
}

/**
 * The author may move a worker count from requests to limits or back, and the stored object stays the same. Then the
 * record stays too. An outdated record does no harm: containers are an atomic list, so the next client that changes the
 * list sends all of it, without our values.
 * @param written the object with our values and the record of them
 * @returns it with the stored record, where nothing else has changed that KServe copies into the pods
 */
export function withSettledRecord(written: unknown, stored: unknown): unknown {
  const object = asObject(written);
  const [annotations, kept] = [annotationsOf(object), annotationsOf(stored)];
  if (object === null || annotations[APPLIED] === kept[APPLIED]) return written;
  if (kept[APPLIED] === undefined || !equalJson(object['spec'], property(stored, 'spec'))) return written;
  const [now, before] = [readProvenance(object), readProvenance(stored)];
  const isSettled =
    now !== null &&
    before !== null &&
    equalJson(copied(annotations), copied(kept)) &&
    equalJson(besideWorkerCounts(now), besideWorkerCounts(before));
  if (!isSettled) return written;
  return {
    ...object,
    metadata: { ...asObject(object['metadata']), annotations: { ...annotations, [APPLIED]: kept[APPLIED] } },
  };
}

/** KServe copies annotations, except kubectl's, into the pods (docs/kserve.md, Metadata that the controller copies). */
function copied({ [APPLIED]: _ours, [LAST_APPLIED]: _kubectls, ...others }: JsonObject): JsonObject {
  return others;
}

/** Leaves out entries that complete a worker count of the author; a count that is ours in both places stays. */
function besideWorkerCounts({ entries, made }: Provenance): Provenance {
  const isCount = (place: string): boolean =>
    ['worker.requests', 'worker.limits', 'worker.resources'].includes(place);
  const counts = entries.filter(({ slot }) => 'role' in slot && isCount(`${slot.role}.${slot.at}`));
  const keys = counts.map(({ slot }) => slot.key);
  const isCompletion = (entry: Entry): boolean =>
    counts.includes(entry) && keys.indexOf(entry.slot.key) === keys.lastIndexOf(entry.slot.key);
  return {
    entries: entries.filter((entry) => !isCompletion(entry)),
    made: made.filter((parent) => !isCount(parent)),
  };
}

function annotationsOf(object: unknown): JsonObject {
  return asObject(at(object, 'metadata', 'annotations')) ?? {};
}
