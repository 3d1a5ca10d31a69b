/**
 * Cases that have failed once, minimised, one file each. test/fuzz/fuzz.test.ts asks them again, and so does every run
 * of the fuzzer, which also prints how long they hold up the event loop.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Case } from './case.ts';

const DIRECTORY = join(import.meta.dirname, 'fixtures');

interface Fixture {
  /** What went wrong when it was found. */
  readonly problem: string;
  readonly one: Case;
}

/** @returns the name of its file */
export function keepFixture({ problem, one }: Fixture): string {
  const { body, ...rest } = one;
  const text = body.toString();
  // As text where that gives the same bytes, so that a person can read it.
  const exact = Buffer.from(text).equals(body);
  const content = { problem, ...rest, ...(exact ? { text } : { base64: body.toString('base64') }) };
  const name = `${createHash('sha256').update(body).digest('hex').slice(0, 12)}.json`;
  mkdirSync(DIRECTORY, { recursive: true });
  writeFileSync(join(DIRECTORY, name), `${JSON.stringify(content, null, 2)}\n`);
  return name;
}

export function fixtures(): readonly (Fixture & { readonly name: string })[] {
  if (!existsSync(DIRECTORY)) return [];
  return readdirSync(DIRECTORY)
    .filter((name) => name.endsWith('.json'))
    .toSorted()
    .map((name) => {
      const { problem, text, base64, ...rest } = JSON.parse(readFileSync(join(DIRECTORY, name), 'utf8'));
      const body = text === undefined ? Buffer.from(base64, 'base64') : Buffer.from(text);
      return { name, problem, one: { ...rest, body } };
    });
}
