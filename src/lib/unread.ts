/**
 * A part of a review that stays text until somebody asks for it. Half of a stored object is managedFields and status,
 * which few rules read, and parsing them would cost as much as judging the rest.
 */
import { property } from './json.ts';
import { memberOf } from './plain-json.ts';

export class Unread {
  readonly #bytes: Uint8Array;
  #value: unknown;
  #isRead = false;

  /** @param bytes UTF-8 of JSON, which plain-json.ts has stepped over */
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get value(): unknown {
    if (!this.#isRead) this.#value = parse(this.#bytes);
    this.#isRead = true;
    return this.#value;
  }

  /** @returns one member of an object, of which nothing else is parsed; undefined where there is none */
  member(key: string): unknown {
    const bytes = memberOf(this.#bytes, key);
    return bytes === null ? undefined : parse(bytes);
  }
}

const DECODER = new TextDecoder();

function parse(bytes: Uint8Array): unknown {
  return JSON.parse(DECODER.decode(bytes));
}

/** @returns the value itself, whether it was left unread or not */
export function read(value: unknown): unknown {
  return value instanceof Unread ? value.value : value;
}

/** @returns what `property` returns, whether the object was left unread or not */
export function readMember(value: unknown, key: string): unknown {
  return value instanceof Unread ? value.member(key) : property(value, key);
}
