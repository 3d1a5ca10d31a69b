/** Values as lines of block style, the way the document's author indents. */
import { asObject, type JsonObject } from '../../lib/json.ts';
import { flowYaml, stringYaml } from '../shared/yaml-write.ts';
import type { AuthorStyle } from './style.ts';

/** @returns a key and its value, the key at this column (from 0). */
export function pairLines(
  key: string,
  value: unknown,
  column: number,
  style: AuthorStyle,
): readonly string[] {
  const head = `${' '.repeat(column)}${stringYaml(key, style)}:`;
  return isFull(value) ? [head, ...linesUnder(value, column, style)] : [`${head} ${flowYaml(value, style)}`];
}

/** @returns the lines of a map or list that is the value of a key at this column. */
export function linesUnder(value: Full, column: number, style: AuthorStyle): readonly string[] {
  const offset = Array.isArray(value) ? style.listOffset : style.indent;
  return collectionLines(value, column + offset, style);
}

/** @returns a list item, its dash at this column. */
export function itemLines(value: unknown, column: number, style: AuthorStyle): readonly string[] {
  const dash = `${' '.repeat(column)}- `;
  if (!isFull(value)) return [dash + flowYaml(value, style)];
  const [first = '', ...rest] = collectionLines(value, column + 2, style);
  return [dash + first.trimStart(), ...rest];
}

/** @returns a map or list, its keys or dashes at this column. */
export function collectionLines(value: Full, column: number, style: AuthorStyle): readonly string[] {
  return Array.isArray(value)
    ? (value as readonly unknown[]).flatMap((item) => itemLines(item, column, style))
    : Object.entries(value).flatMap(([key, child]) => pairLines(key, child, column, style));
}

/** A map or a list that has something in it: an empty one has no block style. */
export type Full = JsonObject | readonly unknown[];

export function isFull(value: unknown): value is Full {
  const collection = Array.isArray(value) ? (value as readonly unknown[]) : asObject(value);
  return collection !== null && Object.keys(collection).length > 0;
}
