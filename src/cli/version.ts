/** `headcount version`: the version of the package that this code is part of. */
import { readFile } from 'node:fs/promises';
import { asString, property } from '../lib/json.ts';
import type { Run } from './shared/command.ts';

export const version: Run = async (_given, { stdout }) => {
  stdout.write(`headcount ${await versionNumber()}\n`);
  return 0;
};

/** package.json is two directories up from here, in the sources as in what is built from them. */
export async function versionNumber(): Promise<string> {
  const text = await readFile(new URL('../../package.json', import.meta.url), 'utf8');
  return asString(property(JSON.parse(text), 'version')) ?? 'unknown';
}
