/** Reading what a catalogue and a live cluster hold in the same form: claims, labels of namespaces, versions. */
import { asList, asObject, asString, at } from '../lib/json.ts';
import type { ClaimOutcome } from '../kserve/claim.ts';

export type Labels = Readonly<Record<string, string>>;

/** @param object a PersistentVolumeClaim */
export function readClaim(object: unknown): ClaimOutcome {
  return {
    status: 'found',
    name: asString(at(object, 'metadata', 'name')) ?? '',
    accessModes: asList(at(object, 'spec', 'accessModes')).filter((mode) => typeof mode === 'string'),
    phase: asString(at(object, 'status', 'phase')),
  };
}

export function readLabels(object: unknown): Labels {
  const labels = Object.entries(asObject(at(object, 'metadata', 'labels')) ?? {});
  return Object.fromEntries(
    labels.filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}

/** @returns the namespace of an object of a namespaced kind: where it states none, kubectl takes "default" */
export function namespaceOf(object: unknown): string {
  return asString(at(object, 'metadata', 'namespace')) ?? 'default';
}

/** @returns the resourceVersion, '' where there is none */
export function versionOf(object: unknown): string {
  return asString(at(object, 'metadata', 'resourceVersion')) ?? '';
}
