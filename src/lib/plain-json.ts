/**
 * Steps over one JSON value without making anything of it. It takes JSON as an API server writes a stored object:
 * compact, with whole numbers, and with the keys of each object in order, so that none can stand there twice. Everything
 * else is `ODD`, right or wrong, and is left to JSON.parse.
 */

import {
  QUOTE,
  COMMA,
  COLON,
  OPEN_LIST,
  BACKSLASH,
  CLOSE_LIST,
  OPEN_OBJECT,
  CLOSE_OBJECT,
} from './json-bytes.ts';

/** In place of a position: the value is no JSON, has a key twice, or is written in another way. */
export const ODD = -1;

const MAX_DEPTH = 30;
/** Far below the entries that a review may have in one list or object (scan.ts). */
const MAX_ENTRIES = 4_096;

const ZERO = 0x30;
const NINE = 0x39;
const UNDERSCORE = 0x5f;

/** @returns the position after the value at `start`, or ODD */
export function afterValue(bytes: Uint8Array, start: number): number {
  return value(bytes, start, 0);
}

/**
 * @param bytes an object that `afterValue` has stepped over
 * @param key one that JSON writes without an escape
 * @returns the bytes of the member's value; null where there is none
 */
export function memberOf(bytes: Uint8Array, key: string): Uint8Array | null {
  if (bytes[0] !== OPEN_OBJECT) return null;
  for (let i = 1; bytes[i] === QUOTE; i++) {
    const start = afterString(bytes, i) + 1;
    const end = afterValue(bytes, start);
    if (isText(bytes, i + 1, start - 2, key)) return bytes.subarray(start, end);
    i = end;
  }
  return null;
}

/** Do these bytes spell the text, which is ASCII? */
export function isText(bytes: Uint8Array, start: number, end: number, text: string): boolean {
  if (text.length !== end - start) return false;
  for (let i = 0; i < text.length; i++) if (bytes[start + i] !== text.charCodeAt(i)) return false;
  return true;
}

/** @param depth lists and objects that are open */
function value(bytes: Uint8Array, start: number, depth: number): number {
  const first = bytes[start] ?? 0;
  if (first === QUOTE) return afterString(bytes, start);
  if (first === OPEN_OBJECT) return depth === MAX_DEPTH ? ODD : object(bytes, start, depth + 1);
  if (first === OPEN_LIST) return depth === MAX_DEPTH ? ODD : list(bytes, start, depth + 1);
  if (first >= ZERO && first <= NINE) return afterNumber(bytes, start);
  return afterWord(bytes, start);
}

function object(bytes: Uint8Array, start: number, depth: number): number {
  let i = start + 1;
  if (bytes[i] === CLOSE_OBJECT) return i + 1;
  let before = ODD;
  for (let members = 0; members < MAX_ENTRIES; members++) {
    const key = i;
    i = afterKey(bytes, key);
    if (i === ODD || bytes[i] !== COLON) return ODD;
    if (before !== ODD && !isInOrder(bytes, before, key)) return ODD;
    before = key;
    i = value(bytes, i + 1, depth);
    if (i === ODD) return ODD;
    if (bytes[i] === CLOSE_OBJECT) return i + 1;
    if (bytes[i] !== COMMA) return ODD;
    i++;
  }
  return ODD;
}

function list(bytes: Uint8Array, start: number, depth: number): number {
  let i = start + 1;
  if (bytes[i] === CLOSE_LIST) return i + 1;
  for (let entries = 0; entries < MAX_ENTRIES; entries++) {
    i = value(bytes, i, depth);
    if (i === ODD) return ODD;
    if (bytes[i] === CLOSE_LIST) return i + 1;
    if (bytes[i] !== COMMA) return ODD;
    i++;
  }
  return ODD;
}

function afterString(bytes: Uint8Array, start: number): number {
  for (let i = start + 1; i < bytes.length; i++) {
    const byte = bytes[i] as number;
    if (byte === QUOTE) return i + 1;
    if (byte < 0x20) return ODD;
    if (byte !== BACKSLASH) continue;
    i++;
    if (bytes[i] === UNICODE) {
      for (const end = i + 4; i < end; i++) if (!isHex(bytes[i + 1] ?? 0)) return ODD;
    } else if (!ESCAPED.includes(bytes[i] ?? 0)) return ODD;
  }
  return ODD;
}

const UNICODE = 0x75;
/** What may stand behind a backslash. A slash needs none, and with one a key would have two forms. */
const ESCAPED = new TextEncoder().encode('"\\bfnrt');

function isHex(byte: number): boolean {
  return (byte >= ZERO && byte <= NINE) || ((byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x66);
}

/** A key has one form only: ASCII, with a backslash before each quote. What may be __proto__ is odd. */
function afterKey(bytes: Uint8Array, start: number): number {
  if (bytes[start] !== QUOTE || bytes[start + 1] === UNDERSCORE) return ODD;
  for (let i = start + 1; i < bytes.length; i++) {
    const byte = bytes[i] as number;
    if (byte === QUOTE) return i + 1;
    if (byte < 0x20 || byte >= 0x80) return ODD;
    if (byte !== BACKSLASH) continue;
    if (bytes[++i] !== QUOTE) return ODD;
  }
  return ODD;
}

/** Does one key come before another? Both are keys that `afterKey` takes, so a backslash stands for a quote. */
function isInOrder(bytes: Uint8Array, one: number, other: number): boolean {
  for (let i = 1; ; i++) {
    const a = bytes[one + i] as number;
    const b = bytes[other + i] as number;
    if (a === b) {
      if (a === QUOTE && bytes[one + i - 1] !== BACKSLASH) return false;
    } else if (a === QUOTE || b === QUOTE) {
      // The shorter one, which the other begins with, comes first.
      return a === QUOTE;
    } else return (a === BACKSLASH ? QUOTE : a) < (b === BACKSLASH ? QUOTE : b);
  }
}

function afterNumber(bytes: Uint8Array, start: number): number {
  let i = start + 1;
  while ((bytes[i] ?? 0) >= ZERO && (bytes[i] ?? 0) <= NINE) i++;
  return bytes[start] === ZERO && i > start + 1 ? ODD : i;
}

const WORDS = ['null', 'true', 'false'].map((word) => new TextEncoder().encode(word));

function afterWord(bytes: Uint8Array, start: number): number {
  for (const word of WORDS) {
    if (word.every((byte, index) => bytes[start + index] === byte)) return start + word.length;
  }
  return ODD;
}
