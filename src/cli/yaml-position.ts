/**
 * Where a field stands in its file. Findings name fields as Kubernetes writes them
 * (`spec.predictor.model.env[0].name`, `requests[nvidia.com/gpu]`); an editor wants a line and a column.
 */
import { isAlias, isMap, isScalar, isSeq, type Document, type Pair } from 'yaml';
import { resolvePlain } from './yaml-scalar.ts';
import { isMerge, offsetOf } from './yaml-value.ts';

/** @returns the steps of a field path; a name in brackets may hold dots and slashes. */
export function stepsOf(field: string): readonly string[] {
  const steps = /\[([^\]]*)\]|([^.[\]]+)/g;
  return [...field.matchAll(steps)].map((match) => match[1] ?? match[2] ?? '');
}

/**
 * @returns the offset of the field's key or list item; of the nearest parent that exists where the field
 *   does not
 */
export function offsetAt(document: Document, field: string): number {
  let node: unknown = document.contents;
  let offset = offsetOf(node);
  for (const step of stepsOf(field)) {
    const found = child(document, resolved(document, node), step);
    if (found === null) break;
    ({ node, offset } = found);
  }
  return offset;
}

interface Found {
  readonly node: unknown;
  readonly offset: number;
}

function child(document: Document, node: unknown, step: string): Found | null {
  if (isSeq(node)) {
    const item = /^\d+$/.test(step) ? node.items[Number(step)] : undefined;
    return item === undefined ? null : { node: item, offset: offsetOf(item) };
  }
  if (!isMap(node)) return null;
  // Later pairs win over earlier ones, and a merge counts where it stands.
  for (const pair of node.items.toReversed()) {
    const found = isMerge(pair.key) ? merged(document, pair, step) : null;
    if (found !== null) return found;
    if (keyText(resolved(document, pair.key)) === step) {
      return { node: pair.value, offset: offsetOf(pair.key) };
    }
  }
  return null;
}

function merged(document: Document, pair: Pair, step: string): Found | null {
  const source = resolved(document, pair.value);
  for (const item of isSeq(source) ? source.items : [source]) {
    const found = child(document, resolved(document, item), step);
    if (found !== null) return found;
  }
  return null;
}

function keyText(key: unknown): string | null {
  if (!isScalar(key)) return null;
  const text = key.source ?? '';
  return key.type === 'PLAIN' ? String(resolvePlain(text)) : text;
}

function resolved(document: Document, node: unknown): unknown {
  return isAlias(node) ? node.resolve(document) : node;
}
