/** The bytes that structure JSON, and how a string ends: for readers that make no values. */

export const QUOTE = 0x22;
export const COMMA = 0x2c;
export const COLON = 0x3a;
export const OPEN_LIST = 0x5b;
export const BACKSLASH = 0x5c;
export const CLOSE_LIST = 0x5d;
export const OPEN_OBJECT = 0x7b;
export const CLOSE_OBJECT = 0x7d;

/** @returns the position of the quote that closes the string opened at `start`, or the end of the bytes. */
export function endOfString(bytes: Uint8Array, start: number): number {
  const end = bytes.length;
  let i = start + 1;
  while (i < end && bytes[i] !== QUOTE) i += bytes[i] === BACKSLASH ? 2 : 1;
  return i;
}
