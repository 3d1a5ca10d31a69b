/** Values that the author of an object may leave out. */
import { property } from '../lib/json.ts';

/** A number that the author may leave out. */
export interface Setting {
  readonly field: string;
  /** undefined when absent; null is read as absent, as the API server does. */
  readonly given: unknown;
  /** The value when it is a whole number that a double holds exactly, else null. */
  readonly value: number | null;
}

/** Reads an optional number of an object at `field`. */
export function readSetting(raw: unknown, key: string, field: string): Setting {
  const given = property(raw, key);
  return {
    field: `${field}.${key}`,
    given: given === null ? undefined : given,
    value: Number.isSafeInteger(given) ? (given as number) : null,
  };
}

/** Was it given? null is read as absent, as the API server does. */
export function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null;
}

/** @returns a text that is not empty, else null */
export function nonEmpty(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}
