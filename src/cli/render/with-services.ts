/** Replaces services in the text of a file; everything else in the file and in its lists stays. */
import { asObject, at, property } from '../../lib/json.ts';
import type { Item, Source } from '../shared/items.ts';
import { rewritten } from './rewrite.ts';

export interface ChangedService {
  readonly item: Item;
  /** The service as it is to be; it has no top-level key that the item lacks. */
  readonly object: unknown;
}

/**
 * @param services of the file
 * @returns the text of the file; byte by byte the same where nothing differs
 * @throws Refusal
 */
export function withServices({ text, file }: Source, services: readonly ChangedService[]): string {
  const [first] = services;
  if (first === undefined) return text;
  const { documents } = first.item;
  const wanted = documents.map(({ value }, index) =>
    services
      .filter(({ item }) => item.document === index)
      .reduce((document, { item, object }) => withValue(document, item.path, object), value),
  );
  return rewritten(text, file, wanted, documents);
}

function withValue(document: unknown, path: readonly string[], object: unknown): unknown {
  const [step, ...rest] = path;
  if (step === undefined) return ownKeys(document, object);
  if (Array.isArray(document)) {
    return document.map((child: unknown, index) =>
      String(index) === step ? withValue(child, rest, object) : child,
    );
  }
  return { ...asObject(document), [step]: withValue(property(document, step), rest, object) };
}

/** An item of a typed list inherits its kind, so its kind must not be written into the file. */
function ownKeys(given: unknown, object: unknown): unknown {
  const keys = Object.keys(asObject(given) ?? {});
  return asObject(given) === null ? given : Object.fromEntries(keys.map((key) => [key, at(object, key)]));
}
