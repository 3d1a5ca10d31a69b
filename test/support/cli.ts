/** The command line without a process, files to give it, and the published schemas: for the tests of the commands. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, expect } from '@jest/globals';
import { Ajv } from 'ajv';
import type { Option } from 'commander';
import { programOf } from '../../src/cli/program/program.ts';
import { run } from '../../src/cli/program/run.ts';
import type { Loose } from '../rules/cases.ts';

export const ROOT = join(import.meta.dirname, '../..');
export const SERVICE = 'test/fixtures/cli-service.yaml';
export const DENIED = 'test/fixtures/cli-denied.yaml';
export const CATALOGUE = 'test/fixtures/cli-catalogue.yaml';

const nowhere = { write: () => {} };
const program = programOf({ stdout: nowhere, stderr: nowhere }, async () => {});
/** The commands as the help lists them, `help` itself the last. */
export const COMMANDS = program.createHelp().visibleCommands(program);

/** Options of a command as its help lists them, by their long names. */
export function optionsOf(name: string): Readonly<Record<string, Option>> {
  const command = COMMANDS.find((one) => one.name() === name);
  const options = command === undefined ? [] : command.createHelp().visibleOptions(command);
  return Object.fromEntries(options.map((option) => [option.long?.slice('--'.length) ?? '', option]));
}

/** The values that an option takes; none where it takes any. */
export function choicesOf(name: string, option: string): readonly string[] {
  return optionsOf(name)[option]?.argChoices ?? [];
}

/** A directory of this test file, removed at its end. */
export const scratch = mkdtempSync(join(tmpdir(), 'headcount-cli-'));
afterAll(() => rmSync(scratch, { recursive: true }));

/** Writes a file below `scratch`: a string or bytes as they are, anything else as JSON. */
export function file(name: string, content: unknown): string {
  const path = join(scratch, name);
  mkdirSync(dirname(path), { recursive: true });
  const raw = typeof content === 'string' || Buffer.isBuffer(content);
  writeFileSync(path, raw ? content : JSON.stringify(content));
  return path;
}

interface Outcome {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

interface Surroundings {
  readonly stdin?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly isTTY?: boolean;
}

export async function headcount(
  argv: readonly string[],
  { stdin = '', env = {}, isTTY = false }: Surroundings = {},
): Promise<Outcome> {
  let out = '';
  let err = '';
  async function* input(): AsyncIterable<string> {
    yield stdin;
  }
  const code = await run(argv, {
    stdin: input(),
    stdout: { write: (text) => (out += text), isTTY },
    stderr: { write: (text) => (err += text) },
    env,
  });
  return { code, out, err };
}

/** What a command prints with -o json. */
export async function json(argv: readonly string[], stdin = ''): Promise<Loose> {
  const { out, err } = await headcount([...argv, '-o', 'json'], { stdin });
  expect(err).toBe('');
  return JSON.parse(out);
}

/** @returns an assertion that a document is valid by a published schema. */
export function schema(name: string): (document: unknown) => void {
  const check = new Ajv({ allErrors: true, allowUnionTypes: true }).compile(
    JSON.parse(readFileSync(join(ROOT, 'schemas', name), 'utf8')) as object,
  );
  return (document) => {
    check(document);
    expect(check.errors ?? []).toEqual([]);
  };
}
