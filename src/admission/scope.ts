/**
 * Is this request ours to judge? Every reason to let one through unjudged has a name here, so that the
 * safety of finalizers, status, labels and deletions can be read in one place (README.md, When headcount is down).
 */
import { asObject, at, equalJson, type JsonObject } from '../lib/json.ts';
import { ownershipChanged } from '../mutation/intent.ts';
import { isMultiNode } from '../kserve/view.ts';
import { LAST_APPLIED, OUR_PREFIXES } from '../kserve/annotations.ts';
import type { AdmissionRequest, NotJudged } from './decision.ts';

export type Scope =
  { readonly judge: 'service' | 'runtime' } | { readonly judge: null; readonly why: NotJudged };

const GROUP = 'serving.kserve.io';
const RUNTIME_KINDS = ['ServingRuntime', 'ClusterServingRuntime'];
/** Kubernetes counts bytes of UTF-8, which are never fewer than the characters (TotalAnnotationSizeLimitB). */
const MOST_ANNOTATIONS = 256 * 1024;

export function scopeOf(request: AdmissionRequest): Scope {
  const { group, kind } = request.kind;
  const isRuntime = RUNTIME_KINDS.includes(kind);
  if (group !== GROUP || (kind !== 'InferenceService' && !isRuntime))
    return { judge: null, why: 'other-kind' };
  if (request.subResource !== '') return { judge: null, why: 'subresource' };
  if (request.operation !== 'CREATE' && request.operation !== 'UPDATE')
    return { judge: null, why: 'other-operation' };
  const { object, oldObject } = request;
  if (request.operation === 'UPDATE') {
    if (isBeingDeleted(oldObject) && sameSpec(object, oldObject))
      return { judge: null, why: 'being-deleted' };
    if (!isRelevantChange(object, oldObject)) return { judge: null, why: 'nothing-relevant-changed' };
  }
  return { judge: isRuntime ? 'runtime' : 'service' };
}

/**
 * Kubernetes refuses more than 256 KiB of annotations, so there is nothing to judge. It checks this after mutation,
 * so a mutating webhook can still receive such an object.
 */
export function hasTooLargeAnnotations(object: unknown): boolean {
  let length = 0;
  const annotations = asObject(at(object, 'metadata', 'annotations'));
  for (const key in annotations) {
    const value = annotations[key];
    length += key.length + (typeof value === 'string' ? value.length : 0);
  }
  return length > MOST_ANNOTATIONS;
}

/** deletionTimestamp on the stored object; one that a client sends is wiped by the API server. */
export function isBeingDeleted(stored: unknown): boolean {
  return at(stored, 'metadata', 'deletionTimestamp') !== undefined;
}

function sameSpec(object: unknown, old: unknown): boolean {
  return equalJson(at(object, 'spec'), at(old, 'spec'));
}

function isRelevantChange(object: unknown, old: unknown): boolean {
  if (!sameSpec(object, old)) return true;
  const now = asObject(at(object, 'metadata', 'annotations')) ?? {};
  const before = asObject(at(old, 'metadata', 'annotations')) ?? {};
  return differsInOurs(now, before) || differsInOurs(before, now) || ownershipChanged(object, old);
}

/** Does an annotation of one object that KServe or headcount reads have another value in the other? */
function differsInOurs(annotations: JsonObject, others: JsonObject): boolean {
  for (const key in annotations) {
    const ours = key === LAST_APPLIED || OUR_PREFIXES.some((prefix) => key.startsWith(prefix));
    if (ours && !equalJson(annotations[key], others[key])) return true;
  }
  return false;
}

/** Neither the object nor the stored one has a workerSpec, so there is nothing of ours to clean up either. */
export function isSingleNode(request: AdmissionRequest): boolean {
  return !isMultiNode(request.object) && !isMultiNode(request.oldObject);
}
