/**
 * Reads a review without parsing what few rules read: managedFields and status of the objects stay text until they are
 * asked for. They do where an API server writes them; anything else goes through JSON.parse, with the same result.
 */
import { at, property } from '../../lib/json.ts';
import {
  QUOTE,
  COMMA,
  COLON,
  OPEN_LIST,
  CLOSE_LIST,
  OPEN_OBJECT,
  CLOSE_OBJECT,
  endOfString,
} from '../../lib/json-bytes.ts';
import { afterValue, isText } from '../../lib/plain-json.ts';
import { hiddenKeys } from '../../lib/scan.ts';
import { Unread } from '../../lib/unread.ts';

/** A longer body is one in a thousand, and may have bounds to check. */
const LONGEST = 64 * 1024;
/** Deeper than any Kubernetes object. */
const MAX_DEPTH = 30;

/** What is shorter is parsed with the rest. */
const WORTHWHILE = 64;
/** Commas outside of what is left out: below the bound of entries in one list (scan.ts). */
const MAX_COMMAS = 16_000;

/** An object of a review, as far as something in it is left out. */
interface Place {
  /** Places in it, by their keys. */
  readonly inner: readonly (readonly [key: string, place: Place])[];
  /** The key of the value that is left out. */
  readonly out?: string;
}

const ELSEWHERE: Place = { inner: [] };
const METADATA: Place = { inner: [], out: 'managedFields' };
const NEW: Place = { inner: [['metadata', METADATA]], out: 'status' };
const OLD: Place = { ...NEW };
const REQUEST: Place = {
  inner: [
    ['object', NEW],
    ['oldObject', OLD],
  ],
};
const REVIEW: Place = { inner: [['request', REQUEST]] };

/** A value for which null is parsed. */
interface Cut {
  readonly key: string;
  readonly isOld: boolean;
  readonly start: number;
  readonly end: number;
}

interface Skimmed {
  readonly cuts: readonly Cut[];
  /** Colons outside strings, and outside of what is left out. */
  readonly members: number;
}

/** @returns the review as JSON.parse would make it, with `Unread` values; null where it must be read whole */
export function skim(bytes: Uint8Array): unknown {
  if (bytes.length > LONGEST) return null;
  const skimmed = cutsOf(bytes);
  if (skimmed === null) return null;
  let tree: unknown;
  try {
    tree = JSON.parse(withoutCuts(bytes, skimmed.cuts));
  } catch {
    return null;
  }
  if (hiddenKeys(tree, skimmed.members) !== null) return null;
  for (const cut of skimmed.cuts) putBack(tree, cut, bytes);
  return tree;
}

function withoutCuts(bytes: Uint8Array, cuts: readonly Cut[]): string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let text = '';
  let from = 0;
  for (const { start, end } of cuts) {
    text += `${buffer.toString('utf8', from, start)}null`;
    from = end;
  }
  return text + buffer.toString('utf8', from);
}

function putBack(tree: unknown, { key, isOld, start, end }: Cut, bytes: Uint8Array): void {
  const object = at(tree, 'request', isOld ? 'oldObject' : 'object');
  const holder = key === 'status' ? object : property(object, 'metadata');
  (holder as Record<string, unknown>)[key] = new Unread(bytes.subarray(start, end));
}

/** The place of the object that is open at each depth; a review is never skimmed while another one is. */
const places: Place[] = Array.from({ length: MAX_DEPTH + 1 }, () => ELSEWHERE);

/** One pass over the bytes. It need not see everything that is wrong: JSON.parse does, in what is left. */
function cutsOf(bytes: Uint8Array): Skimmed | null {
  const cuts: Cut[] = [];
  let depth = 0;
  let members = 0;
  let commas = 0;
  let isOld = false;
  let next = REVIEW;
  let keyStart = 0;
  let keyEnd = 0;
  for (let i = 0; i < bytes.length; i++) {
    switch (bytes[i]) {
      case QUOTE:
        keyStart = i + 1;
        i = endOfString(bytes, i);
        keyEnd = i;
        break;
      case OPEN_OBJECT:
      case OPEN_LIST:
        if (++depth > MAX_DEPTH) return null;
        places[depth] = bytes[i] === OPEN_OBJECT ? next : ELSEWHERE;
        next = ELSEWHERE;
        break;
      case CLOSE_OBJECT:
      case CLOSE_LIST:
        if (--depth < 0) return null;
        break;
      case COMMA:
        if (++commas > MAX_COMMAS) return null;
        break;
      case COLON: {
        members++;
        const place = places[depth] ?? ELSEWHERE;
        if (place === ELSEWHERE || keyEnd !== i - 1) break;
        next = placeOf(place, bytes, keyStart, keyEnd);
        if (next === NEW || next === OLD) isOld = next === OLD;
        const { out: key } = place;
        if (key === undefined || !isText(bytes, keyStart, keyEnd, key)) break;
        const end = afterValue(bytes, i + 1);
        if (end - i < WORTHWHILE || (bytes[end] !== COMMA && bytes[end] !== CLOSE_OBJECT)) break;
        cuts.push({ key, isOld, start: i + 1, end });
        i = end - 1;
        break;
      }
      default:
    }
  }
  return { cuts, members };
}

function placeOf(place: Place, bytes: Uint8Array, start: number, end: number): Place {
  for (const [key, inner] of place.inner) if (isText(bytes, start, end, key)) return inner;
  return ELSEWHERE;
}
