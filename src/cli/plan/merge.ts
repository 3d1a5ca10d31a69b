/** What `kubectl apply` sends for an object that the cluster holds already. */
import { asObject, asString, at, parseJson, type JsonObject } from '../../lib/json.ts';
import { LAST_APPLIED } from '../../kserve/annotations.ts';

/**
 * A three-way JSON merge. Fields of the manifest win. Fields that were in the last applied manifest but are not in
 * this one are removed. Everything else stays. Lists are replaced as a whole.
 * @param live the object as `kubectl get -o yaml` shows it
 */
export function applied(live: unknown, manifest: unknown): unknown {
  const [stored, wanted] = [asObject(live) ?? {}, asObject(manifest) ?? {}];
  const record = asString(at(live, 'metadata', 'annotations', LAST_APPLIED));
  if (record === null) return merge(stored, {}, wanted);
  const annotations = { [LAST_APPLIED]: JSON.stringify(manifest) };
  return merge(stored, asObject(parseJson(record)) ?? {}, merge(wanted, {}, { metadata: { annotations } }));
}

function merge(live: JsonObject, last: JsonObject, wanted: JsonObject): JsonObject {
  const kept = Object.entries(live).filter(
    ([key]) => Object.hasOwn(wanted, key) || !Object.hasOwn(last, key),
  );
  const merged = new Map(kept);
  for (const [key, value] of Object.entries(wanted)) {
    const [here, there] = [asObject(merged.get(key)), asObject(value)];
    const both = here !== null && there !== null;
    merged.set(key, both ? merge(here, asObject(last[key]) ?? {}, there) : value);
  }
  return Object.fromEntries(merged);
}
