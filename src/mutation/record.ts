/**
 * The record of what headcount wrote into a service: the annotation `headcount.dev/applied`, its format and how it is
 * read. It comes from an untrusted side: whoever may write the service may write the annotation. So it is checked, and
 * it can only name places that we write.
 *
 * Format: {"v":1,"wrote":[[place,key,value] or [place,key,value,had]...],"made":[parent...]}, where place is
 * annotation, size, or role.part as in "head.env"; `made` lists parents that did not exist before, and
 * requests and limits that were empty.
 */
import { asList, asString, at, parseJson, property } from '../lib/json.ts';
import { STANDARD_RESOURCES } from '../kserve/container.ts';
import { WIRING } from '../kserve/wiring.ts';
import {
  PARENTS,
  WRITABLE_ANNOTATIONS,
  type ContainerSlot,
  type Parent,
  type Slot,
  type SlotValue,
} from './slots.ts';
import { APPLIED } from '../kserve/annotations.ts';

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
/** 64 entries of a place, a key and a value, and the parents. */
const LONGEST_TEXT = 32_768;
/** Of a key and a value as they are encoded. The name of a resource has 317 characters at most. */
const LONGEST_PAIR = 448;
const SIZES = ['tensorParallelSize', 'pipelineParallelSize'];

/** Can the record hold the value, and its reader take it? What it can't hold is not written. */
export function isRecordable(key: string, value: unknown): value is SlotValue {
  return isValue(value) && JSON.stringify([key, value]).length <= LONGEST_PAIR;
}

/** Writes the record. */
export function encodeProvenance({ entries, made }: Provenance): string {
  const wrote = entries.map(({ slot, wrote: value, had }) => {
    const place = 'role' in slot ? `${slot.role}.${slot.at}` : slot.at;
    return had === undefined ? [place, slot.key, value] : [place, slot.key, value, had];
  });
  return JSON.stringify({ v: 1, wrote, made: PARENTS.filter((parent) => made.includes(parent)) });
}

/** @returns the annotation as it stands: a string, or what a client sent in its place; undefined when absent. */
export function recordOf(object: unknown): unknown {
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
