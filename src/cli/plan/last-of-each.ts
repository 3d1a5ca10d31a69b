/** A service that is in the input several times: a cluster has it once, as it is applied last. */
import { resolve } from 'node:path';
import { partOf } from '../../cluster/catalogue.ts';
import { readService } from '../../kserve/view.ts';
import { visibleLine } from '../../lib/text.ts';
import type { Item } from '../shared/items.ts';

interface LastOfEach {
  /** In the order of the input. */
  readonly services: readonly Item[];
  /** A line for each service that is there several times. */
  readonly lines: string;
}

/** @returns the last of the services with the same namespace and name; each that has no name yet is one of its own */
export function lastOfEach(services: readonly Item[]): LastOfEach {
  const byName = Map.groupBy(services, keyOf);
  const named = [...byName].flatMap(([key, items]) => (key === null ? [] : [{ key, items }]));
  const last = new Set([...(byName.get(null) ?? []), ...named.flatMap(({ items }) => items.at(-1) ?? [])]);
  return {
    services: services.filter((item) => last.has(item)),
    lines: named.map(({ key, items }) => lineOf(key, items)).join(''),
  };
}

/** @returns null for one that the API server would refuse by its kind, or has yet to give a name */
function keyOf({ object }: Item): string | null {
  if (partOf(object) !== 'service') return null;
  const { namespace, name } = readService(object);
  return name === null ? null : `${namespace}/${name}`;
}

/** @returns '' for a service that is there once, also where its file is given several times */
function lineOf(key: string, items: readonly Item[]): string {
  const places = new Map(items.map((item) => [placeOf(item, resolve(item.file)), placeOf(item, item.file)]));
  const last = [...places.values()].at(-1) ?? '';
  return places.size === 1
    ? ''
    : `${visibleLine(key)} is in the input ${places.size} times: planned as in ${visibleLine(last)}, the last\n`;
}

function placeOf({ place }: Item, file: string): string {
  return `${file}:${place('kind').line}`;
}
