/**
 * The manifests of a command: files, directories and standard input. A file that can't be read is reported, and the
 * other files are still read.
 */
import { filesOf, readSource, textOf } from './files.ts';
import {
  batchOf,
  leftOutOf,
  takeObjects,
  type Batch,
  type Item,
  type LeftOut,
  type Source,
} from './items.ts';
import { Kustomizations } from './kustomize.ts';
import type { Streams } from './streams.ts';
import { UnreadableFile } from './unreadable.ts';

export interface Input extends LeftOut {
  /** In the order of the arguments, files of a directory by name. */
  readonly items: readonly Item[];
  /** In the same order; those without an item too. */
  readonly sources: readonly Source[];
  readonly unreadable: readonly UnreadableFile[];
}

/** @param paths files, directories, or `-` for standard input */
export async function readInput(paths: readonly string[], stdin: Streams['stdin']): Promise<Input> {
  const batches: Batch[] = [];
  const unreadable: UnreadableFile[] = [];
  const kustomizations = new Kustomizations();
  for (const file of filesOf(paths)) {
    const batch = await readBatch(file, stdin, kustomizations);
    if (batch instanceof UnreadableFile) unreadable.push(batch);
    else batches.push(batch);
  }
  return {
    items: batches.flatMap(({ items }) => items),
    sources: batches.map(({ source }) => source),
    unreadable,
    ...leftOutOf(batches),
  };
}

async function readBatch(
  file: string,
  stdin: Streams['stdin'],
  kustomizations: Kustomizations,
): Promise<Batch | UnreadableFile> {
  return orUnreadable(async () =>
    batchOf(await readSource(file, stdin), (path) => kustomizations.patching(path)),
  );
}

/** @returns the result, or which file can't be read. */
export async function orUnreadable<Result>(read: () => Promise<Result>): Promise<Result | UnreadableFile> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof UnreadableFile) return error;
    throw error;
  }
}

/**
 * Reads the objects of files without their places, with only one file in memory at a time.
 * @returns the files that can't be read
 */
export async function eachObject(
  paths: readonly string[],
  take: (object: unknown) => void,
): Promise<readonly UnreadableFile[]> {
  const unreadable: UnreadableFile[] = [];
  for (const file of filesOf(paths)) {
    const problem = await orUnreadable(async () => takeObjects(file, await textOf(file, NO_INPUT), take));
    if (problem !== undefined) unreadable.push(problem);
  }
  return unreadable;
}

const NO_INPUT: Streams['stdin'] = (async function* (): AsyncGenerator<never> {})();
