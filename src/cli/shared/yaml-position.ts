/**
 * Where a field stands in its file. Findings name fields as Kubernetes writes them
 * (`spec.predictor.model.env[0].name`, `requests[nvidia.com/gpu]`); an editor wants a line and a column.
 */
import { isAlias, isMap, isScalar, isSeq, type Document, type Node, type Pair } from 'yaml';
import { resolvePlain } from './yaml-scalar.ts';
import { isMerge } from './yaml-value.ts';

/** Offsets of a token: of its first character, and after its last. */
export type Range = readonly [start: number, end: number];

/**
 * @returns the place of the field's key or list item, or of the nearest existing parent if the field does not exist.
 *   For a list item that is a map or a list in block style, the place of its first key or item.
 */
export function rangeAt(document: Document, field: string): Range {
  let found: Found = { node: document.contents, token: document.contents, rest: field };
  while (found.rest !== '') {
    const next = child(document, resolved(document, found.node), found.rest);
    if (next === null) break;
    found = next;
  }
  return rangeOf(found.token);
}

function rangeOf(token: unknown): Range {
  if (isMap(token) && token.flow !== true && token.items.length > 0) return rangeOf(token.items[0]?.key);
  if (isSeq(token) && token.flow !== true && token.items.length > 0) return rangeOf(token.items[0]);
  const [start, end] = (token as Node | null)?.range ?? [0, 0];
  return [start, end];
}

interface Found {
  /** The field's value. */
  readonly node: unknown;
  /** Its key, or the list item itself. */
  readonly token: unknown;
  /** What is left of the path behind it. */
  readonly rest: string;
}

function child(document: Document, node: unknown, path: string): Found | null {
  if (isSeq(node)) {
    const [step = '', index = ''] = /^\[(\d+)\]/.exec(path) ?? [];
    const item = node.items[Number(index)];
    return step === '' || item === undefined ? null : { node: item, token: item, rest: behind(path, step) };
  }
  if (!isMap(node)) return null;
  // Later pairs win over earlier ones, and a merge counts where it stands.
  return longest(
    node.items.toReversed().flatMap((pair) => {
      if (isMerge(pair.key)) return merged(document, pair, path) ?? [];
      const step = stepWith(keyText(resolved(document, pair.key)), path);
      return step === null ? [] : { node: pair.value, token: pair.key, rest: behind(path, step) };
    }),
  );
}

function merged(document: Document, pair: Pair, path: string): Found | null {
  return longest(mergedMaps(document, pair).flatMap((map) => child(document, map, path) ?? []));
}

/** @returns the maps that a merge (`<<`) brings in, the first of which wins. */
export function mergedMaps(document: Document, { value }: Pair): readonly unknown[] {
  const source = resolved(document, value);
  return (isSeq(source) ? source.items : [source]).map((map) => resolved(document, map));
}

/** A name in brackets may itself contain dots and brackets, so the longest key that matches the path wins. */
function longest(candidates: readonly Found[]): Found | null {
  let best: Found | null = null;
  for (const found of candidates) if (best === null || found.rest.length < best.rest.length) best = found;
  return best;
}

/** @returns how the path begins where it begins with this key, else null. */
function stepWith(key: string | null, path: string): string | null {
  if (key === null) return null;
  if (!path.startsWith('[')) return /^[^.[]*/.exec(path)?.[0] === key ? key : null;
  const step = `[${key}]`;
  return path === step || path.startsWith(`${step}.`) || path.startsWith(`${step}[`) ? step : null;
}

function behind(path: string, step: string): string {
  return path.slice(step.length).replace(/^\./, '');
}

/** @returns a key as kubectl reads it; null for a key that is no scalar. */
export function keyText(key: unknown): string | null {
  if (!isScalar(key)) return null;
  const text = key.source ?? '';
  return key.type === 'PLAIN' ? String(resolvePlain(text)) : text;
}

/** @returns what an alias stands for; any other node as it is. */
export function resolved(document: Document, node: unknown): unknown {
  return isAlias(node) ? node.resolve(document) : node;
}
