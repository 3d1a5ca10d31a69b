/**
 * The objects of a manifest's text, split into services, runtimes and the other objects of a catalogue. Every object
 * knows its place in the text. Nothing here reads a file.
 */
import { partOf, type Extent, type Part } from '../../cluster/catalogue.ts';
import { meantKind } from '../../kserve/kinds.ts';
import { asList, asObject, asString, property } from '../../lib/json.ts';
import { unreadableYaml } from './unreadable.ts';
import { readDocuments, readValues, type Place, type YamlDocument } from './yaml.ts';

/** A file as it was read. */
export interface Source {
  /** How findings and errors call it. */
  readonly file: string;
  /** null for standard input. */
  readonly path: string | null;
  readonly text: string;
}

/** How findings and errors call standard input. */
export const STDIN_NAME = '<stdin>';

export interface Item {
  readonly file: string;
  readonly source: Source;
  /** Those of the file that are not empty. */
  readonly documents: readonly YamlDocument[];
  /** Which of them it is in, from 0. */
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

/** What one file holds. */
export interface Batch extends LeftOut {
  readonly items: readonly Item[];
  readonly source: Source;
}

/**
 * What an absent object means where no cluster is asked.
 * @param hasCatalogue is there one beside the input?
 */
export function extentOf(items: readonly Pick<Item, 'part'>[], hasCatalogue: boolean): Extent {
  return hasCatalogue || items.some(({ part }) => part === 'runtime') ? 'complete' : 'assumed';
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

/**
 * @param patchedBy the directory whose kustomization names the file at a path as a patch; null where none does
 * @throws UnreadableFile for text that is no YAML
 */
export function batchOf(source: Source, patchedBy: (path: string) => string | null): Batch {
  const items: Item[] = [];
  const others: string[] = [];
  let reviews = 0;
  const documents = documentsOf(source);
  for (const found of objectsIn(documents)) {
    const part = partOf(found.object) ?? meantPart(found.object);
    if (part !== null) items.push({ ...found, file: source.file, source, documents, part });
    else others.push(asString(property(found.object, 'kind')) ?? 'an object without a kind');
    if (property(found.object, 'kind') === 'AdmissionReview') reviews += 1;
  }
  const judged = items.some(({ part }) => part === 'service' || part === 'runtime');
  const directory = judged && source.path !== null ? patchedBy(source.path) : null;
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

/** The part that an object is meant to be. The API server refuses it; if it was skipped, nobody would hear of it. */
function meantPart(object: unknown): 'service' | 'runtime' | null {
  const kind = meantKind(object);
  return kind === null ? null : kind === 'InferenceService' ? 'service' : 'runtime';
}

/**
 * Reads only the objects, without their places.
 * @param file its name, for the error only
 * @throws UnreadableFile for text that is no YAML
 */
export function takeObjects(file: string, text: string, take: (object: unknown) => void): void {
  const error = readValues(text, file, (object) => {
    for (const found of expand({ object, document: 0, path: [], place: nowhere }, '')) take(found.object);
  });
  if (error !== null) throw unreadableYaml(file, text, error);
}

function nowhere(): Place {
  return { line: 1, column: 1, endColumn: 1, source: '' };
}

type Found = Pick<Item, 'object' | 'document' | 'path' | 'place'>;

function documentsOf({ text, file }: Source): readonly YamlDocument[] {
  const { documents, error } = readDocuments(text, file);
  if (error !== null) throw unreadableYaml(file, text, error);
  return documents;
}

function objectsIn(documents: readonly YamlDocument[]): readonly Found[] {
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
