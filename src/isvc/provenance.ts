/**
 * Telling the author's values from our own. One annotation, `headcount.dev/applied`, records what we wrote,
 * where, and what the author had there; on the next review our values are taken back first, so that a plan
 * is always computed from what the author means. No rule and no line of the planner knows of it.
 *
 * The record comes from an untrusted side: whoever may write the service may write the annotation. So it is
 * checked, it can only name places that we write, and believing a forged one only ever removes values that
 * its author could have removed (product.md, section 4, point 6).
 *
 * Format: {"v":1,"wrote":[[place,key,value] or [place,key,value,had]...],"made":[parent...]}, where place is
 * annotation, size, or role.part as in "head.env"; `made` lists parents that did not exist before.
 */
import { asList, asObject, asString, at, equalJson, parseJson, property } from '../json.ts';
import { readWithinBounds } from '../scan.ts';
import { applyTimes, isApplied, isWorkerSpecOwned } from './ownership.ts';
import { restored, withoutWorkerSpec, type Removal } from './removals.ts';
import {
  PARENTS,
  placesOf,
  readSlot,
  WRITABLE_ANNOTATIONS,
  type ContainerSlot,
  type Parent,
  type Places,
  type Slot,
  type SlotValue,
} from './slots.ts';
import { STANDARD_RESOURCES } from './container.ts';
import { APPLIED, LAST_APPLIED } from './view.ts';

/** One value that we wrote. */
export interface Entry {
  readonly slot: Slot;
  readonly wrote: SlotValue;
  /** What the author had there; undefined when the slot was empty. */
  readonly had: SlotValue | undefined;
}

export interface Provenance {
  readonly entries: readonly Entry[];
  readonly made: readonly Parent[];
}

/**
 * More entries than this we never write; a longer record is not ours. 2 annotations, 2 sizes, 9 env, and requests and
 * limits of both containers for as many types as are written (MOST_COMPLETED).
 */
const MOST_ENTRIES = 64;
const LONGEST_TEXT = 16_384;
const SIZES = ['tensorParallelSize', 'pipelineParallelSize'];
const WIRING = [
  'RAY_NODE_COUNT',
  'REQUEST_GPU_COUNT',
  'MODEL_NAME',
  'MODEL_DIR',
  'ISVC_NAME',
  'HEAD_SVC',
  'WORKER_SVC',
];

/** Writes the record. */
export function encodeProvenance({ entries, made }: Provenance): string {
  const wrote = entries.map(({ slot, wrote: value, had }) => {
    const place = 'role' in slot ? `${slot.role}.${slot.at}` : slot.at;
    return had === undefined ? [place, slot.key, value] : [place, slot.key, value, had];
  });
  return JSON.stringify({ v: 1, wrote, made: PARENTS.filter((parent) => made.includes(parent)) });
}

function recordOf(object: unknown): unknown {
  return at(object, 'metadata', 'annotations', APPLIED);
}

/** @returns the record of an object; null when it has none, or one that is not ours to read. */
export function readProvenance(object: unknown): Provenance | null {
  const text = asString(recordOf(object));
  if (text === null || text.length > LONGEST_TEXT) return null;
  const record = parseJson(text);
  const wrote = property(record, 'wrote');
  const made = property(record, 'made');
  if (
    property(record, 'v') !== 1 ||
    !Array.isArray(wrote) ||
    wrote.length > MOST_ENTRIES ||
    !Array.isArray(made)
  ) {
    return null;
  }
  const entries = wrote.map(readEntry);
  if (entries.includes(null) || !made.every((parent) => PARENTS.includes(parent as Parent))) return null;
  return { entries: entries as Entry[], made: made as Parent[] };
}

function readEntry(raw: unknown): Entry | null {
  const [place, key, wrote, had] = asList(raw);
  if (typeof place !== 'string' || typeof key !== 'string' || !isValue(wrote)) return null;
  if (had !== undefined && !isValue(had)) return null;
  const slot = readPlace(place, key);
  if (slot === null) return null;
  const wantsNumber = slot.at === 'size';
  if (wantsNumber !== (typeof wrote === 'number') && (wantsNumber || !('role' in slot))) return null;
  return { slot, wrote, had };
}

function isValue(value: unknown): value is SlotValue {
  return typeof value === 'string' || Number.isSafeInteger(value);
}

function readPlace(place: string, key: string): Slot | null {
  if (place === 'annotation') return WRITABLE_ANNOTATIONS.includes(key) ? { at: place, key } : null;
  if (place === 'size') return SIZES.includes(key) ? { at: place, key } : null;
  const found = IN_CONTAINERS.get(place);
  if (found === undefined) return null;
  const isOurs = found.at === 'env' ? WIRING.includes(key) : !STANDARD_RESOURCES.includes(key);
  return isOurs ? { ...found, key } : null;
}

/** The places in the two containers, as a record names them. */
const IN_CONTAINERS = new Map<string, Omit<ContainerSlot, 'key'>>(
  (['head', 'worker'] as const).flatMap((role) =>
    (['requests', 'limits', 'env'] as const).map((part) => [`${role}.${part}`, { at: part, role }]),
  ),
);

export interface Declared {
  /** The object as its author means it: without our record and without the values that are still ours. */
  readonly object: unknown;
  /** Did someone just server-side-apply a value equal to one that we had derived? Ours was kept. */
  readonly ambiguous: boolean;
}

/**
 * Takes our own values back.
 * @param object the object of a review; its annotation is the stored one, or ours from an earlier round of
 *   the same request. Without the annotation every value is the author's.
 * @param old the stored object on an update, else null
 */
export function takeBack(object: unknown, old: unknown): Declared {
  const service = asObject(object);
  if (service === null || recordOf(service) === undefined) return { object, ambiguous: false };
  const provenance = readProvenance(service);
  if (provenance === null) return { object: restored(service, [], []), ambiguous: false };

  const places = placesOf(service);
  const manifest = readWithinBounds(asString(property(places.annotations, LAST_APPLIED)) ?? 'null');
  const applied = placesOf(manifest);
  const removals: Removal[] = [];
  let ambiguous = false;
  for (const { slot, wrote, had } of provenance.entries) {
    if (readSlot(places, slot) !== wrote) continue;
    const stated = readSlot(applied, slot);
    if (typeof stated === 'string' || typeof stated === 'number') {
      if (stated !== wrote) removals.push({ slot, had: stated });
      continue;
    }
    if (old !== null && isApplied(service, slot)) {
      if (!isApplied(old, slot) && had === undefined && !isAmongOurs(places, slot, provenance)) continue;
      if (had !== undefined && isJustApplied(service, old)) ambiguous = true;
    }
    removals.push({ slot, had });
  }
  const left = restored(service, removals, provenance.made);
  return { object: isLeftover(left, service, manifest) ? withoutWorkerSpec(left) : left, ambiguous };
}

/**
 * A value that we added to an empty slot, and that a manager has just come to own by Apply, was stated by the
 * author. But workerSpec.containers is owned as a whole: there the ownership may be that of the author's list,
 * to which an earlier round of this request has added ours. Then all the env that we added stands in it.
 */
function isAmongOurs(places: Places, slot: Slot, { entries }: Provenance): boolean {
  if (!('role' in slot) || slot.role !== 'worker') return false;
  const env = entries.filter((entry) => entry.slot.at === 'env' && entry.slot.role === 'worker');
  return env.length > 0 && env.every((entry) => readSlot(places, entry.slot) === entry.wrote);
}

function isJustApplied(object: unknown, old: unknown): boolean {
  return !equalJson(applyTimes(object), applyTimes(old));
}

/** A workerSpec that lives on only because we had added to it: its author has taken it out of the manifest. */
function isLeftover(stripped: unknown, object: unknown, lastApplied: unknown): boolean {
  const workerSpec = asObject(at(stripped, 'spec', 'predictor', 'workerSpec'));
  return (
    workerSpec !== null &&
    Object.keys(workerSpec).length === 0 &&
    !isWorkerSpecOwned(object) &&
    at(lastApplied, 'spec', 'predictor', 'workerSpec') === undefined
  );
}

/**
 * Has the Apply ownership of a field that the record names changed, or has the last owner of workerSpec let
 * go of it? Then the author may have claimed one of our values, or taken workerSpec out.
 */
export function ownershipChanged(object: unknown, old: unknown): boolean {
  const provenance = readProvenance(object);
  if (provenance === null) return false;
  return (
    isWorkerSpecOwned(object) !== isWorkerSpecOwned(old) ||
    provenance.entries.some(({ slot }) => isApplied(object, slot) !== isApplied(old, slot))
  );
}
