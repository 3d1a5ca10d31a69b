/**
 * The manifests of a command: files, directories and standard input, taken apart into services, runtimes
 * and what else a catalogue is made of. Every object keeps the way to its places in the file.
 */
import { readdirSync, readFileSync, statSync, type Dirent } from 'node:fs';
import { extname, join } from 'node:path';
import { partOf, type Part } from '../../cluster/catalogue.ts';
import { asList, asObject, asString, property } from '../../lib/json.ts';
import { Refusal } from './refusal.ts';
import type { Streams } from './streams.ts';
import { readDocuments, readValues, type Place } from './yaml.ts';

/** A file as it was read. */
export interface Source {
  /** How findings and errors call it. */
  readonly file: string;
  /** null for standard input. */
  readonly path: string | null;
  readonly text: string;
}

export interface Item {
  readonly file: string;
  readonly source: Source;
  /** Which of the file's documents it is in, from 0, empty ones not counted. */
  readonly document: number;
  /** The way to it in there: none, or through the items of lists. */
  readonly path: readonly string[];
  /** An item of a typed list has the kind of the list here. */
  readonly object: unknown;
  readonly part: Part;
  readonly place: (field: string) => Place;
}

export interface Input {
  /** In the order of the arguments, files of a directory by name. */
  readonly items: readonly Item[];
  /** In the same order; those without an item too. */
  readonly sources: readonly Source[];
  readonly files: number;
  /** Objects of kinds that say nothing to headcount. */
  readonly skipped: number;
  /** How many of those are AdmissionReviews. */
  readonly reviews: number;
}

const STDIN = '-';
/** How findings and errors call it. */
export const STDIN_NAME = '<stdin>';
const EXTENSIONS = ['.yaml', '.yml', '.json'];

/** What one file holds. */
export type Batch = Pick<Input, 'items' | 'skipped' | 'reviews'> & { readonly source: Source };

/**
 * @param paths files, directories, or `-` for standard input
 * @throws Refusal for what can't be read
 */
export async function readInput(paths: readonly string[], stdin: Streams['stdin']): Promise<Input> {
  const batches: Batch[] = [];
  for (const file of filesOf(paths)) batches.push(batchOf(await readSource(file, stdin)));
  return {
    items: batches.flatMap(({ items }) => items),
    sources: batches.map(({ source }) => source),
    files: batches.length,
    skipped: batches.reduce((sum, { skipped }) => sum + skipped, 0),
    reviews: batches.reduce((sum, { reviews }) => sum + reviews, 0),
  };
}

/** @throws Refusal */
export async function readSource(file: string, stdin: Streams['stdin']): Promise<Source> {
  const text = await textOf(file, stdin);
  return file === STDIN ? { file: STDIN_NAME, path: null, text } : { file, path: file, text };
}

/** @throws Refusal for text that is no YAML */
export function batchOf(source: Source): Batch {
  const items: Item[] = [];
  let skipped = 0;
  let reviews = 0;
  for (const found of objectsIn(source)) {
    const part = partOf(found.object);
    if (part !== null) items.push({ ...found, file: source.file, source, part });
    else skipped += 1;
    if (property(found.object, 'kind') === 'AdmissionReview') reviews += 1;
  }
  return { items, skipped, reviews, source };
}

/**
 * The objects of files without their places: one file in memory at a time, for those who keep little of each object.
 * @throws Refusal for what can't be read
 */
export async function eachObject(paths: readonly string[], take: (object: unknown) => void): Promise<void> {
  for (const file of filesOf(paths)) {
    const error = readValues(await textOf(file, NO_INPUT), file, (object) => {
      for (const found of expand({ object, document: 0, path: [], place: nowhere }, '')) take(found.object);
    });
    if (error !== null) throw new Refusal(error);
  }
}

const NO_INPUT: Streams['stdin'] = (async function* (): AsyncGenerator<never> {})();

function nowhere(): Place {
  return { line: 1, column: 1, endColumn: 1, source: '' };
}

/** @throws Refusal */
export async function textOf(path: string, stdin: Streams['stdin']): Promise<string> {
  const bytes = await bytesOf(path, stdin);
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new Refusal(`cannot read ${path === STDIN ? 'standard input' : path}: it is not UTF-8 text`);
  }
}

/** Files are read in step: for thousands of small ones the waiting would cost more than the reading. */
async function bytesOf(path: string, stdin: Streams['stdin']): Promise<Uint8Array> {
  if (path !== STDIN) return readable(path, () => readFileSync(path));
  const chunks: Buffer[] = [];
  for await (const chunk of stdin) chunks.push(Buffer.from(chunk as string | Uint8Array));
  return Buffer.concat(chunks);
}

/**
 * @returns the files that the paths stand for, those of a directory by name
 * @throws Refusal
 */
export function filesOf(paths: readonly string[]): readonly string[] {
  return paths.flatMap((path) => (path !== STDIN && isDirectory(path) ? filesIn(path) : [path]));
}

/** Hidden directories are left out: version control, and the second copy that a mounted ConfigMap keeps. */
function filesIn(directory: string): readonly string[] {
  const entries = readable(directory, () => readdirSync(directory, { withFileTypes: true }));
  return entries
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(directory, entry.name);
      if (entry.isDirectory()) return entry.name.startsWith('.') ? [] : filesIn(path);
      return EXTENSIONS.includes(extname(entry.name)) && isFile(entry, path) ? [path] : [];
    });
}

function isFile(entry: Dirent, path: string): boolean {
  return entry.isFile() || (entry.isSymbolicLink() && readable(path, () => statSync(path)).isFile());
}

function isDirectory(path: string): boolean {
  return readable(path, () => statSync(path)).isDirectory();
}

/** @throws Refusal */
function readable<Result>(path: string, read: () => Result): Result {
  try {
    return read();
  } catch (error) {
    throw unreadable(path, error);
  }
}

const CAUSES: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or directory',
  EACCES: 'permission denied',
  EISDIR: 'it is a directory',
};

/** What an error line says of a file that can't be read. */
export function unreadable(path: string, error: unknown): Refusal {
  return new Refusal(`cannot read ${path}: ${causeOf(error)}`);
}

/** @returns why a file can't be read or written, in words where the code is a common one. */
export function causeOf(error: unknown): string {
  const code = asString((error as NodeJS.ErrnoException).code) ?? 'unknown error';
  return CAUSES[code] ?? code;
}

type Found = Pick<Item, 'object' | 'document' | 'path' | 'place'>;

function objectsIn({ text, file }: Source): readonly Found[] {
  const { documents, error } = readDocuments(text, file);
  if (error !== null) throw new Refusal(error);
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
