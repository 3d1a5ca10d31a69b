/** Ports on the command line. */
import type { Arguments } from './args.ts';
import { UsageError } from './refusal.ts';

const HIGHEST_PORT = 65_535;

/**
 * @returns null where the option is not given
 * @throws UsageError
 */
export function portOf(given: Arguments, option: string): number | null {
  const text = given.text(option);
  if (text === null) return null;
  if (!/^\d{1,5}$/.test(text) || Number(text) > HIGHEST_PORT) {
    throw new UsageError(`--${option} ${text} is no port: a number from 0 to ${HIGHEST_PORT}`);
  }
  return Number(text);
}
