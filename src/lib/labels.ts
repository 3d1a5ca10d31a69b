/** Labels of an object. */
import { asObject, at } from './json.ts';

export type Labels = ReadonlyMap<string, string>;

export const NO_LABELS: Labels = new Map();

export function readLabels(object: unknown): Labels {
  const labels = Object.entries(asObject(at(object, 'metadata', 'labels')) ?? {});
  return new Map(labels.filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
}
