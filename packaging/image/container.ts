/** The image's container: its command line, one run of it from start to end, and what a check says of it. */
import { spawnSync, type SpawnSyncReturns } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { argumentsOf, environmentOf, wordsOf } from './dockerfile.ts';
import type { Image } from './files.ts';
import { inside, PATH } from './inside.ts';

/** One line of the check's output. */
export type Line = readonly [what: string, holds: boolean, detail?: string];

/** A service that the rule gpu-capacity denies. */
export const MANIFEST = readFileSync(
  join(import.meta.dirname, '../../demo/manifests/too-few-gpus.yaml'),
  'utf8',
);

type Environment = Readonly<Record<string, string | undefined>>;

/** @returns program and arguments of the container, with these arguments in place of CMD and a read-only root */
export function commandLine(
  { root, stage }: Image,
  args: readonly string[],
): readonly [string, readonly string[]] {
  const where = {
    root,
    user: argumentsOf(stage, 'USER'),
    directory: argumentsOf(stage, 'WORKDIR'),
    readOnly: true,
  };
  return inside(where, [...wordsOf(stage, 'ENTRYPOINT'), ...args]);
}

/** @returns the variables of the image */
export function environment({ stage }: Image): Environment {
  return { PATH, ...environmentOf(stage) };
}

/** Runs the container with these arguments until it ends. */
export function run(
  image: Image,
  args: readonly string[],
  { input = '', env = {} }: { input?: string; env?: Environment } = {},
): SpawnSyncReturns<string> {
  const [file, rest] = commandLine(image, args);
  return spawnSync(file, rest, { env: { ...environment(image), ...env }, encoding: 'utf8', input });
}
