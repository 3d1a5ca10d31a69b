/**
 * What an update leaves as it is stored. When a spec or an annotation changes, KServe rolls the service out, and needs
 * its GPUs twice meanwhile. So our part of an object, the record included, changes only where the author's part does.
 */
import { asObject, at, equalJson, property, type JsonObject } from '../lib/json.ts';
import { APPLIED, OUR_PREFIXES } from '../kserve/annotations.ts';

/**
 * @param declared the incoming object as its author means it
 * @param stored the stored object
 * @param declaredBefore the stored object as its author means it
 * @returns the stored values in the incoming object, where its author means the same as before; null where he does not
 */
export function unchanged(declared: unknown, stored: unknown, declaredBefore: unknown): JsonObject | null {
  const object = asObject(declared);
  if (object === null || !equalJson(at(object, 'spec'), at(declaredBefore, 'spec'))) return null;
  const annotations = annotationsOf(object);
  const before = annotationsOf(declaredBefore);
  for (const key of new Set([...Object.keys(annotations), ...Object.keys(before)])) {
    const matters = OUR_PREFIXES.some((prefix) => key.startsWith(prefix));
    if (matters && !equalJson(annotations[key], before[key])) return null;
  }
  const kept = annotationsOf(stored);
  const ours = Object.keys(kept).filter((key) => key === APPLIED || !Object.hasOwn(before, key));
  if (ours.length === 0) return withSpec(object, stored);
  return {
    ...withSpec(object, stored),
    metadata: {
      ...asObject(object['metadata']),
      annotations: { ...annotations, ...Object.fromEntries(ours.map((key) => [key, kept[key]])) },
    },
  };
}

function withSpec(object: JsonObject, stored: unknown): JsonObject {
  const spec = property(stored, 'spec');
  return equalJson(object['spec'], spec) ? object : { ...object, spec };
}

function annotationsOf(object: unknown): JsonObject {
  return asObject(at(object, 'metadata', 'annotations')) ?? {};
}
