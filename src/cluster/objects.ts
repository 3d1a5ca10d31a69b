/** Reading what a catalogue and a live cluster hold in the same form: claims, namespaces, versions. */
import { asList, asString, at } from '../lib/json.ts';
import type { ClaimOutcome } from '../kserve/claim.ts';

/** @param object a PersistentVolumeClaim */
export function readClaim(object: unknown): ClaimOutcome {
  return {
    status: 'found',
    name: asString(at(object, 'metadata', 'name')) ?? '',
    accessModes: asList(at(object, 'spec', 'accessModes')).filter((mode) => typeof mode === 'string'),
    phase: asString(at(object, 'status', 'phase')),
  };
}

/** @returns the namespace of an object of a namespaced kind: where it states none, kubectl takes "default" */
export function namespaceOf(object: unknown): string {
  return asString(at(object, 'metadata', 'namespace')) ?? 'default';
}

/** @returns the resourceVersion, '' where there is none */
export function versionOf(object: unknown): string {
  return asString(at(object, 'metadata', 'resourceVersion')) ?? '';
}
