/** Values between brackets: YAML's flow style, and JSON, as the brackets around them are written. */
import { isMap, isScalar, Scalar, type YAMLMap, type YAMLSeq } from 'yaml';
import { flowYaml, stringYaml } from '../shared/yaml-write.ts';
import { indentation } from './splice.ts';
import type { AuthorStyle } from './style.ts';

export interface Flow {
  /** JSON: every string has quotes. */
  readonly json: boolean;
  /** Has each item a line of its own? */
  readonly multiline: boolean;
  /** What a level is indented by on lines of its own. */
  readonly unit: string;
}

/** @param outer the style of the enclosing brackets, used when this map or list is empty */
export function flowOf(text: string, node: YAMLMap | YAMLSeq, outer: Flow | null, json: boolean): Flow {
  const [first] = node.items;
  const start = node.range?.[0] ?? 0;
  const from = startOf(first);
  if (from === null) return outer ?? { json, multiline: false, unit: '  ' };
  const multiline = text.slice(start, from).includes('\n');
  const [here, inside] = [indentation(text, start), indentation(text, from)];
  return {
    json: json || (isMap(node) ? node.items.every(({ key }) => isQuoted(key)) : outer?.json === true),
    multiline,
    unit: multiline && inside.length > here.length ? inside.slice(here.length) : (outer?.unit ?? '  '),
  };
}

function startOf(item: unknown): number | null {
  const node = item as { key?: { range?: readonly number[] }; range?: readonly number[] } | undefined;
  return node?.key?.range?.[0] ?? node?.range?.[0] ?? null;
}

function isQuoted(key: unknown): boolean {
  return isScalar(key) && key.type === Scalar.QUOTE_DOUBLE;
}

/** @param indent of the line on which the value begins */
export function flowText(value: unknown, flow: Flow, indent: string, style: AuthorStyle): string {
  if (!flow.json) return flowYaml(value, style);
  if (flow.multiline) return JSON.stringify(value, null, flow.unit).replaceAll('\n', style.eol + indent);
  return style.spaced ? flowYaml(value, { ...style, quoteAll: true }) : JSON.stringify(value);
}

/** @returns `key: value`. */
export function flowPair(
  key: string,
  value: unknown,
  flow: Flow,
  indent: string,
  style: AuthorStyle,
): string {
  const colon = style.spaced || flow.multiline || !flow.json ? ': ' : ':';
  return stringYaml(key, { ...style, quoteAll: flow.json }) + colon + flowText(value, flow, indent, style);
}

/** @returns what stands between two items. */
export function comma(flow: Flow, indent: string, { eol, spaced }: AuthorStyle): string {
  if (flow.multiline) return `,${eol}${indent}`;
  return spaced || !flow.json ? ', ' : ',';
}
