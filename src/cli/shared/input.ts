/**
 * The manifests of a command: files, directories and standard input, split into services, runtimes
 * and the other objects of a catalogue. Every object knows its place in the file. A file that can't be read is
 * reported, and the other files are still read.
 */
import { partOf, type Part } from '../../cluster/catalogue.ts';
import { asList, asObject, asString, property } from '../../lib/json.ts';
import { filesOf, readSource, textOf, type Source } from './files.ts';
import { Kustomizations } from './kustomize.ts';
import type { Streams } from './streams.ts';
import { UnreadableFile, unreadableYaml } from './unreadable.ts';
import { readDocuments, readValues, type Place } from './yaml.ts';

export interface Item {
  readonly file: string;
  readonly source: Source;
  /** Which of the file's documents it is in, from 0, empty ones not counted. */
  readonly document: number;
  /** The keys and indexes from the document's root to the object; empty unless it is in a list. */
  readonly path: readonly string[];
  /** An item of a typed list gets its kind from the list. */
  readonly object: unknown;
  readonly part: Part;
  readonly place: (field: string) => Place;
}

/** A file that is no whole manifest, but a patch for one. */
export interface Patch {
  readonly file: string;
  /** The directory of the kustomization that names it. */
  readonly directory: string;
}

/** What was left out of the input. */
export interface LeftOut {
  /** How many objects were skipped because headcount does not read their kinds. */
  readonly skipped: number;
  /** Their kinds, each once; a word about an object without one. */
  readonly kinds: readonly string[];
  /** How many of those are AdmissionReviews. */
  readonly reviews: number;
  readonly patches: readonly Patch[];
}

export interface Input extends LeftOut {
  /** In the order of the arguments, files of a directory by name. */
  readonly items: readonly Item[];
  /** In the same order; those without an item too. */
  readonly sources: readonly Source[];
  readonly unreadable: readonly UnreadableFile[];
}

/** What one file holds. */
export type Batch = Pick<Input, 'items' | keyof LeftOut> & { readonly source: Source };

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

/** The sum of what was left out. */
export function leftOutOf(parts: readonly LeftOut[]): LeftOut {
  return {
    skipped: parts.reduce((sum, { skipped }) => sum + skipped, 0),
    kinds: [...new Set(parts.flatMap(({ kinds }) => kinds))],
    reviews: parts.reduce((sum, { reviews }) => sum + reviews, 0),
    patches: parts.flatMap(({ patches }) => patches),
  };
}

async function readBatch(
  file: string,
  stdin: Streams['stdin'],
  kustomizations: Kustomizations,
): Promise<Batch | UnreadableFile> {
  return orUnreadable(async () => batchOf(await readSource(file, stdin), kustomizations));
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

/** @throws UnreadableFile for text that is no YAML */
export function batchOf(source: Source, kustomizations: Kustomizations): Batch {
  const items: Item[] = [];
  const others: string[] = [];
  let reviews = 0;
  for (const found of objectsIn(source)) {
    const part = partOf(found.object);
    if (part !== null) items.push({ ...found, file: source.file, source, part });
    else others.push(asString(property(found.object, 'kind')) ?? 'an object without a kind');
    if (property(found.object, 'kind') === 'AdmissionReview') reviews += 1;
  }
  const judged = items.some(({ part }) => part === 'service' || part === 'runtime');
  const directory = judged && source.path !== null ? kustomizations.patching(source.path) : null;
  return directory === null
    ? { items, skipped: others.length, kinds: [...new Set(others)], reviews, patches: [], source }
    : {
        items: [],
        skipped: others.length,
        kinds: [...new Set(others)],
        reviews,
        patches: [{ file: source.file, directory }],
        source,
      };
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

/** @throws UnreadableFile */
function takeObjects(file: string, text: string, take: (object: unknown) => void): void {
  const error = readValues(text, file, (object) => {
    for (const found of expand({ object, document: 0, path: [], place: nowhere }, '')) take(found.object);
  });
  if (error !== null) throw unreadableYaml(file, text, error);
}

const NO_INPUT: Streams['stdin'] = (async function* (): AsyncGenerator<never> {})();

function nowhere(): Place {
  return { line: 1, column: 1, endColumn: 1, source: '' };
}

type Found = Pick<Item, 'object' | 'document' | 'path' | 'place'>;

function objectsIn({ text, file }: Source): readonly Found[] {
  const { documents, error } = readDocuments(text, file);
  if (error !== null) throw unreadableYaml(file, text, error);
  return documents.flatMap(({ value, place }, document) =>
    expand({ object: value, document, path: [], place }, ''),
  );
}

/** The items of a List, and of lists in it; items of a typed list may leave their kind to it. */
function expand(found: Found, prefix: string): readonly Found[] {
  const { object, document, path, place } = found;
  const kind = asString(property(object, 'kind'));
  const items = property(object, 'items');
  if (kind?.endsWith('List') !== true || !Array.isArray(items)) {
    return [prefix === '' ? found : { ...found, place: (field) => place(`${prefix}${field}`) }];
  }
  const inherited =
    kind === 'List'
      ? {}
      : { apiVersion: property(object, 'apiVersion'), kind: kind.slice(0, -'List'.length) };
  return asList(items).flatMap((item, index) =>
    expand(
      {
        object: { ...inherited, ...asObject(item) },
        document,
        path: [...path, 'items', String(index)],
        place,
      },
      `${prefix}items[${index}].`,
    ),
  );
}
