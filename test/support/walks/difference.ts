/** What differs between two things that KServe has deployed. */
import { isDeepStrictEqual } from 'node:util';
import type { Loose } from '../../rules/cases.ts';

/** Pod templates carry these of the service: its record as an annotation, its generation as a label. */
const CARRIED = ['headcount.dev/applied', 'isvc.generation'];

/** Without namespace, generation and record. */
export function neutral(part: Loose): Loose {
  const text = JSON.stringify(part, (key, value) => (CARRIED.includes(key) ? undefined : value));
  return JSON.parse(
    text
      .replaceAll(/-(head|workers)-\d+"/g, '-$1-N"')
      .replaceAll('"namespace":"fresh"', '"namespace":"team"'),
  );
}

/** Empty requests, limits and resources say the same as none. */
export function withoutEmptyMaps(part: Loose): Loose {
  const copy = structuredClone(part);
  const { model, workerSpec } = copy?.spec?.predictor ?? {};
  for (const container of [model, ...(workerSpec?.containers ?? [])]) {
    for (const map of ['requests', 'limits']) {
      if (isEmpty(container?.resources?.[map])) delete container.resources[map];
    }
    if (isEmpty(container?.resources)) delete container.resources;
  }
  return copy;
}

/**
 * Where our counts go from maps that the author had left empty, the maps go with them. A client that then sends the
 * author's manifest puts them back, and the generation counts up once.
 */
export function hasOnlyEmptyMapsAgain({ spec: before }: Loose, { spec: after }: Loose): boolean {
  const [was, is] = [before, after].map((spec) => neutral(withoutEmptyMaps({ spec })));
  return isDeepStrictEqual(was, is) && !isDeepStrictEqual(neutral(before), neutral(after));
}

function isEmpty(map: Loose): boolean {
  return map !== undefined && Object.keys(map).length === 0;
}

/** @returns one line for each value that differs */
export function differing(found: Loose, wanted: Loose, path = ''): readonly string[] {
  if (isDeepStrictEqual(found, wanted)) return [];
  if (typeof found !== 'object' || typeof wanted !== 'object' || found === null || wanted === null)
    return [`${path}: ${JSON.stringify(found)}, wanted ${JSON.stringify(wanted)}`];
  const keys = new Set([...Object.keys(found), ...Object.keys(wanted)]);
  return [...keys].flatMap((key) => differing(found[key], wanted[key], `${path}.${key}`));
}
