/**
 * AdmissionReview v1, read from bytes. With encode.ts the only reader and writer of its JSON. A review that can't be
 * read is refused: with its uid where that is found, else by an HTTP status (exchange.ts).
 */
import { asObject, asString, at, type JsonObject } from '../../lib/json.ts';
import { plain } from '../../lib/text.ts';
import type { AdmissionRequest, Failed } from '../../admission/decision.ts';
import { findUid, hiddenKeys, scan } from '../../lib/scan.ts';
import { skim } from './skim.ts';

export type Decoded =
  | { readonly uid: string; readonly request: AdmissionRequest; readonly refused: null }
  | { readonly uid: string; readonly request: null; readonly refused: Failed }
  | { readonly uid: null; readonly request: null; readonly refused: Failed };

/**
 * The longest body that is read, in bytes. What etcd stores (1.5 MiB of request) gives reviews of up to
 * about 3.2 MB: the object twice, managedFields, and 6 bytes for each of <, > and &. KServe's own webhook
 * stops at 7 MiB, so nothing larger could be admitted beside it anyway (docs/kserve.md, API server: sizes).
 */
export const BODY_LIMIT = 7 * 1024 * 1024;

/** The only version that is read and answered. */
export const API_VERSION = 'admission.k8s.io/v1';
/** A UUID has 36 characters. */
const LONGEST_UID = 1024;
const OPERATIONS = ['CREATE', 'UPDATE', 'DELETE', 'CONNECT'];

/** @param body the whole body, or with `complete` false its first 4 KiB or more */
export function decodeReview(body: Uint8Array, complete = true): Decoded {
  if (!complete) return refuseUnread(body, `the review is larger than ${BODY_LIMIT} bytes`, 413);
  const skimmed = skim(body);
  return skimmed === null ? decodeWhole(body) : readEnvelope(skimmed);
}

/** The long way, for every body that skim.ts leaves alone. */
export function decodeWhole(body: Uint8Array): Decoded {
  const scanned = scan(body);
  if (scanned.refused !== null) return refuseUnread(body, `the review ${scanned.refused}`);
  let tree: unknown;
  try {
    tree = JSON.parse(Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString());
  } catch {
    return refuseUnread(body, 'the review is not JSON');
  }
  const hidden = hiddenKeys(tree, scanned.members);
  return hidden === null ? readEnvelope(tree) : refuseUnread(body, `the review ${hidden}`);
}

function refuseUnread(body: Uint8Array, message: string, code: 400 | 413 = 400): Decoded {
  return refuse(readableUid(findUid(body)), message, code);
}

/** Reads only: nothing is coerced, filled in or stripped. */
function readEnvelope(tree: unknown): Decoded {
  const uid = readableUid(at(tree, 'request', 'uid'));
  const version = at(tree, 'apiVersion');
  if (version !== API_VERSION) {
    return refuse(uid, `apiVersion is ${show(version)}: only ${API_VERSION} is answered`);
  }
  const kind = at(tree, 'kind');
  if (kind !== 'AdmissionReview') return refuse(uid, `kind is ${show(kind)}, not AdmissionReview`);
  const request = asObject(at(tree, 'request'));
  if (request === null) return refuse(uid, 'the review has no request');
  if (uid === null) return refuse(uid, `request.uid is not a string of 1 to ${LONGEST_UID} characters`);
  const problem = problemIn(request);
  if (problem !== null) return refuse(uid, problem);
  return {
    uid,
    refused: null,
    request: {
      uid,
      operation: request['operation'] as string,
      kind: request['kind'] as AdmissionRequest['kind'],
      subResource: textOf(request['subResource']),
      name: textOf(request['name']),
      namespace: textOf(request['namespace']),
      object: request['object'] ?? null,
      oldObject: request['oldObject'] ?? null,
      dryRun: request['dryRun'] === true,
    },
  };
}

function problemIn(request: JsonObject): string | null {
  const operation = request['operation'];
  if (!OPERATIONS.includes(operation as string)) {
    return `request.operation is ${show(operation)}, not one of ${OPERATIONS.join(', ')}`;
  }
  for (const field of ['group', 'version', 'kind']) {
    if (typeof at(request, 'kind', field) !== 'string') return `request.kind.${field} is not a string`;
  }
  for (const field of ['subResource', 'name', 'namespace']) {
    if (typeof (request[field] ?? '') !== 'string') return `request.${field} is not a string`;
  }
  if (typeof (request['dryRun'] ?? false) !== 'boolean') return 'request.dryRun is neither true nor false';
  if (operation !== 'CREATE' && operation !== 'UPDATE') return null;
  if (asObject(request['object']) === null) return `request.object is not an object, on ${operation}`;
  const old = request['oldObject'] ?? null;
  return old !== null && asObject(old) === null ? 'request.oldObject is not an object' : null;
}

function refuse(uid: string | null, message: string, code: 400 | 413 = 400): Decoded {
  const rest = { request: null, refused: { outcome: 'failed', code, message } } as const;
  return uid === null ? { uid, ...rest } : { uid, ...rest };
}

/** The uid is echoed in every answer, so one that is far too long counts as missing. */
function readableUid(value: unknown): string | null {
  return typeof value === 'string' && value !== '' && value.length <= LONGEST_UID ? value : null;
}

/** A word about a value of any type and size. */
function show(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object' && value !== null) return 'an object';
  return value === undefined ? 'missing' : plain(JSON.stringify(value), 60);
}

function textOf(value: unknown): string {
  return asString(value) ?? '';
}
