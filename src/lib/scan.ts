/**
 * One pass over the bytes of a body before JSON.parse sees them. JSON.parse has no bounds of its own: 7 MiB
 * of `[[[[` block it for more than a second and keep 200 MiB. It also hides duplicate
 * keys, and another reader may use the other value.
 */
import {
  QUOTE,
  COMMA,
  COLON,
  OPEN_LIST,
  CLOSE_LIST,
  OPEN_OBJECT,
  CLOSE_OBJECT,
  endOfString,
} from './json-bytes.ts';
import { parseJson } from './json.ts';

/** Deeper than any Kubernetes object: a container's env entry stands at depth 12. */
const MAX_DEPTH = 100;
/** The largest review that etcd's limit allows has some 400,000 tokens, if it were all one-letter strings. */
const MAX_TOKENS = 500_000;
/** In one list or object. It keeps work that grows with the square of a list small, here and in the rules. */
const MAX_ENTRIES = 16_384;

export type Scan =
  | {
      readonly refused: null;
      /** Colons outside strings: the members of all objects. */ readonly members: number;
    }
  | { readonly refused: string };

/** Commas seen in the list or object that is open at each depth; a scan is never interrupted by another. */
const commas = new Int32Array(MAX_DEPTH + 1);

/** Bounds the depth, the number of tokens and of entries; does not otherwise check that this is JSON. */
export function scan(bytes: Uint8Array): Scan {
  let depth = 0;
  let tokens = 0;
  let members = 0;
  commas[0] = 0;
  const end = bytes.length;
  for (let i = 0; i < end; i++) {
    switch (bytes[i]) {
      case QUOTE:
        tokens++;
        i = endOfString(bytes, i);
        break;
      case OPEN_LIST:
      case OPEN_OBJECT:
        tokens++;
        if (++depth > MAX_DEPTH) return { refused: `is nested more than ${MAX_DEPTH} levels deep` };
        commas[depth] = 0;
        break;
      case CLOSE_LIST:
      case CLOSE_OBJECT:
        depth--;
        break;
      case COLON:
        members++;
        tokens++;
        break;
      case COMMA:
        tokens++;
        if (++commas[depth]! >= MAX_ENTRIES) {
          return { refused: `has a list or an object of more than ${MAX_ENTRIES} entries` };
        }
        break;
      default:
    }
    if (tokens > MAX_TOKENS) return { refused: `has more than ${MAX_TOKENS} JSON tokens` };
  }
  return { refused: null, members };
}

/** A text up to this length is safe to parse, whatever it contains: at most a microsecond per hundred characters. */
const SHORT = 16_384;

/**
 * JSON inside an annotation, read within the bounds of a review.
 * @returns its value; undefined where it is no JSON, or deeper or of more tokens than a review may be
 */
export function readWithinBounds(text: string): unknown {
  const isSmall = text.length <= SHORT || scan(new TextEncoder().encode(text)).refused === null;
  return isSmall ? parseJson(text) : undefined;
}

/**
 * What JSON.parse hid, found in the tree that it made.
 * @param members as counted by `scan` in the same bytes
 * @returns what to refuse the body for, or null
 */
export function hiddenKeys(tree: unknown, members: number): string | null {
  const counted = countMembers(tree);
  if (counted === null) return 'must not have a key named __proto__';
  return counted === members ? null : 'must not have the same key twice in one object';
}

/** Recursive, because `scan` has bounded the depth. Null when there is a `__proto__` key. */
function countMembers(tree: unknown): number | null {
  if (typeof tree !== 'object' || tree === null) return 0;
  let count = 0;
  if (Array.isArray(tree)) {
    for (const item of tree) {
      const inner = countMembers(item);
      if (inner === null) return null;
      count += inner;
    }
    return count;
  }
  // Not Object.keys: a list of keys for each object is a tenth of all that a review allocates. What JSON.parse
  // made inherits nothing that this would count.
  for (const key in tree) {
    if (key === '__proto__') return null;
    const inner = countMembers((tree as Record<string, unknown>)[key]);
    if (inner === null) return null;
    count += 1 + inner;
  }
  return count;
}

/**
 * Finds request.uid in a body that is too large, too deep or cut short. Such a body is not parsed, but its answer needs
 * the uid too.
 * @param bytes the body or its beginning
 * @returns the uid, or null when it does not stand there
 */
export function findUid(bytes: Uint8Array): string | null {
  const end = bytes.length;
  let depth = 0;
  let inRequest = false;
  let key: string | null = null;
  let last: string | null = null;
  for (let i = 0; i < end; i++) {
    switch (bytes[i]) {
      case QUOTE: {
        const close = endOfString(bytes, i);
        if (close >= end) return null;
        last = depth > 2 ? null : stringAt(bytes, i, close);
        i = close;
        if (inRequest && depth === 2 && key === 'uid' && last !== null && last !== '') return last;
        break;
      }
      case COLON:
        key = last;
        break;
      case COMMA:
        key = null;
        break;
      case OPEN_OBJECT:
        depth++;
        if (depth === 2) inRequest = key === 'request';
        key = null;
        break;
      case OPEN_LIST:
        depth++;
        if (depth <= 2) inRequest = false;
        key = null;
        break;
      case CLOSE_OBJECT:
      case CLOSE_LIST:
        depth--;
        if (depth < 2) inRequest = false;
        key = null;
        break;
      default:
    }
  }
  return null;
}

function stringAt(bytes: Uint8Array, open: number, close: number): string | null {
  const text = new TextDecoder().decode(bytes.subarray(open, close + 1));
  if (!text.includes('\\')) return text.slice(1, -1);
  try {
    return JSON.parse(text) as string;
  } catch {
    return null;
  }
}
