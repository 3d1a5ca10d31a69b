/** How a value is made as large as wanted: one long text, many entries, many keys, JSON in a string. */

/** The server's own limit of a list or object is 16,384. */
const MOST_ENTRIES = 16_000;
/** Bytes; Linux takes 128 KiB. */
const LONGEST_WORD = 100_000;

export interface Filling {
  readonly what: string;
  /** @returns the value whose JSON has about this many bytes, or has as many entries as there may be */
  readonly make: (bytes: number) => unknown;
}

const size = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));

/** One text, again and again. */
export function text(unit: string, before = '', after = ''): Filling {
  const each = size(unit) - 2;
  const make = (bytes: number): string => before + unit.repeat(Math.max(1, Math.floor(bytes / each))) + after;
  return { what: `${JSON.stringify(before + unit)} ...`, make };
}

/**
 * Entries, told apart by their index where `entry` uses it.
 * @param entry gets as much to add as makes 16,000 of them as large as wanted
 */
export function list(what: string, entry: (index: number, more: string) => unknown): Filling {
  return {
    what,
    make(bytes) {
      const { count, more } = shape(bytes, entry);
      return Array.from({ length: count }, (_, index) => entry(index, more));
    },
  };
}

export function map(what: string, key: (index: number) => string, value: unknown): Filling {
  const { make } = list(what, (index, more) => ({ [`${key(index)}${more}`]: value }));
  return { what, make: (bytes) => Object.fromEntries((make(bytes) as object[]).flatMap(Object.entries)) };
}

/** Texts as long as a kernel takes for one word, so that a program may well read them; what is longer never starts. */
export function texts(unit: string, ...before: readonly string[]): Filling {
  const { make } = text(unit);
  const words = (bytes: number): unknown[] =>
    Array.from({ length: Math.ceil(bytes / LONGEST_WORD) }, () => make(Math.min(bytes, LONGEST_WORD)));
  return {
    what: `${[...before, ''].join(' ')}texts of ${JSON.stringify(unit)} ...`,
    make: (bytes) => [...before, ...words(bytes)],
  };
}

/** The same as JSON in a string. */
export function json({ what, make }: Filling): Filling {
  return { what: `JSON: ${what}`, make: (bytes) => JSON.stringify(make(bytes)) };
}

function shape(
  bytes: number,
  entry: (index: number, more: string) => unknown,
): { readonly count: number; readonly more: string } {
  const each = size(entry(MOST_ENTRIES, '')) + 1;
  const count = Math.min(MOST_ENTRIES, Math.max(1, Math.floor(bytes / each)));
  return { count, more: 'x'.repeat(Math.max(0, Math.floor(bytes / count) - each)) };
}

/** More entries than a list of the review may have: inside of a string nobody counts them. */
export function manyInJson(what: string, entry: string): Filling {
  const make = (bytes: number): string =>
    `[${`${entry},`.repeat(Math.floor(bytes / (size(entry) - 1)))}${entry}]`;
  return { what: `JSON: ${what}`, make };
}
