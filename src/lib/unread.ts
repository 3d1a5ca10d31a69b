/**
 * A part of a review that stays text until somebody asks for it. Half of a stored object is managedFields and status,
 * which few rules read, and parsing them would cost as much as judging the rest.
 */
export class Unread {
  #bytes: Uint8Array | null;
  #value: unknown;

  /** @param bytes UTF-8 of JSON, checked already */
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get value(): unknown {
    if (this.#bytes !== null) {
      this.#value = JSON.parse(new TextDecoder().decode(this.#bytes));
      this.#bytes = null;
    }
    return this.#value;
  }
}

/** @returns the value itself, whether it was left unread or not */
export function read(value: unknown): unknown {
  return value instanceof Unread ? value.value : value;
}
