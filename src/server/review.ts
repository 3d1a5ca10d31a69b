/**
 * AdmissionReview v1, both directions: the only file that knows its JSON, copies the uid or picks a status
 * code. The table:
 *
 * | cause                              | /mutate                         | /validate                       |
 * |------------------------------------|---------------------------------|---------------------------------|
 * | rules deny                         | denied 422 Invalid with causes  | the same                        |
 * | envelope or body refused           | denied 400 or 413               | the same                        |
 * | runtime can't be read              | allowed, no patch, warning      | denied 503                      |
 * | runtime is too large to be read    | allowed, no patch, warning      | what needs no runtime; warning  |
 * | PVC, namespace, ConfigMap unread   | last known or default           | warning "not checked"           |
 * | deadline passed                    | allowed, no patch, warning      | denied 504 naming the slow part |
 * | a bug                              | denied 500 "internal error"     | the same                        |
 *
 * Every answer with a uid is HTTP 200, because anything else counts as "the call failed" and is ADMITTED
 * under failurePolicy Ignore (docs/kserve.md, API server: calls). Only a body whose request.uid can't be read
 * gets a 4xx, from app.ts.
 */
import { asObject, asString, at, type JsonObject } from '../lib/json.ts';
import { plain } from '../lib/text.ts';
import type { Finding } from '../rules/rule.ts';
import type { AdmissionRequest, Decision, Phase } from '../admission/decision.ts';
import { findUid, hiddenKeys, scan } from '../lib/scan.ts';

export type Failed = Extract<Decision, { outcome: 'failed' }>;

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

const API_VERSION = 'admission.k8s.io/v1';
/** A UUID has 36 characters. */
const LONGEST_UID = 1024;
const OPERATIONS = ['CREATE', 'UPDATE', 'DELETE', 'CONNECT'];

const MAX_CAUSES = 20;
/** Bytes of one cause, escaped. */
const MAX_MESSAGE = 1024;
const MAX_NAME = 253;
/**
 * All webhooks of a request share 4,096 characters; past that each warning is cut to 256 and the rest is
 * dropped (docs/kserve.md, API server: warnings). 1,500 leaves the others their share, and 250 survives the cut.
 */
const MAX_WARNING = 250;
const MAX_WARNINGS = 1500;
/** Kept free for "and n more: ...". */
const MORE_RESERVE = 60;

const REASONS: Readonly<Record<Failed['code'], string>> = {
  400: 'BadRequest',
  413: 'RequestEntityTooLarge',
  500: 'InternalError',
  503: 'ServiceUnavailable',
  504: 'Timeout',
};

/** @param body the whole body, or with `complete` false its first 4 KiB or more */
export function decodeReview(body: Uint8Array, complete = true): Decoded {
  if (!complete) return refuseUnread(body, `the review is larger than ${BODY_LIMIT} bytes`, 413);
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

/** Echoed in every answer, so one that is no uid by far counts as none. */
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

/** @returns the body of the answer to a request that was decoded. */
export function encodeReview(decision: Decision, request: AdmissionRequest, phase: Phase): string {
  if (decision.outcome === 'failed') return encodeRefusal(request.uid, decision);
  const warnings = warningsOf(decision);
  const common = {
    uid: request.uid,
    ...(warnings.length > 0 && { warnings }),
    auditAnnotations: auditOf(decision),
  };
  if (decision.outcome === 'deny') {
    return envelope({ ...common, allowed: false, status: invalid(decision.findings, request) });
  }
  // Both keys or neither, and in a validating answer neither: the API server fails the call otherwise.
  const patched = phase === 'mutate' && decision.patch.length > 0;
  return envelope({
    ...common,
    allowed: true,
    ...(patched && {
      patchType: 'JSONPatch',
      patch: Buffer.from(JSON.stringify(decision.patch)).toString('base64'),
    }),
  });
}

/** @returns the body of the answer to a request that could not be judged: a denial with the code. */
export function encodeRefusal(uid: string, { code, message }: Failed): string {
  return envelope({
    uid,
    allowed: false,
    auditAnnotations: { decision: 'failed' },
    status: { code, reason: REASONS[code], message: plain(message, MAX_MESSAGE) },
  });
}

/** @returns the ids of the rules that had something to say, each once, in the findings' order. */
export function rulesOf(decision: Decision): readonly string[] {
  return [...new Set(onTheWire(decision).map((finding) => finding.rule))];
}

function envelope(response: object): string {
  return JSON.stringify({ apiVersion: API_VERSION, kind: 'AdmissionReview', response });
}

/** Notes are for the command line only. */
function onTheWire(decision: Decision): readonly Finding[] {
  if (decision.outcome === 'failed') return [];
  const all = decision.outcome === 'deny' ? [...decision.findings, ...decision.warnings] : decision.warnings;
  return all.filter((finding) => finding.severity !== 'note');
}

function auditOf(decision: Decision): Readonly<Record<string, string>> {
  const rules = rulesOf(decision);
  return { decision: decision.outcome, ...(rules.length > 0 && { rules: rules.join(',') }) };
}

interface Cause {
  readonly reason: string;
  readonly field: string;
  readonly message: string;
}

/**
 * 422 Invalid makes kubectl print each cause on a line of its own; other clients show status.message, which
 * carries the same lines. details.name must be filled, or kubectl loses the message.
 */
function invalid(findings: readonly Finding[], request: AdmissionRequest): object {
  const { group, kind } = request.kind;
  const name = plain(nameOf(request), MAX_NAME);
  const causes = causesOf(findings.filter((finding) => finding.severity === 'deny'));
  const lines = causes.map(({ field, message }) =>
    field === '' ? `* ${message}` : `* ${field}: ${message}`,
  );
  return {
    code: 422,
    reason: 'Invalid',
    message: [`${plain(`${kind}.${group}`, MAX_NAME)} "${name}" is invalid:`, ...lines].join('\n'),
    details: { group: plain(group, MAX_NAME), kind: plain(kind, MAX_NAME), name, causes },
  };
}

function causesOf(denials: readonly Finding[]): readonly Cause[] {
  const listed = denials.slice(0, MAX_CAUSES).map((finding): Cause => ({
    reason: finding.rule,
    field: plain(finding.field, MAX_MESSAGE),
    message: marked(
      finding.fix === '' ? finding.message : `${finding.message}; ${finding.fix}`,
      finding.rule,
      MAX_MESSAGE,
    ),
  }));
  const left = denials.slice(MAX_CAUSES).reduce((sum, { count = 1 }) => sum + count, 0);
  if (left === 0) return listed;
  return [...listed, { reason: 'more', field: '', message: `and ${left} more: headcount lint shows all` }];
}

/** A text that ends in its rule's id, even where it had to be cut. */
function marked(text: string, rule: string, limit: number): string {
  const mark = ` (${rule})`;
  return plain(text, limit - mark.length) + mark;
}

function nameOf({ name, object }: AdmissionRequest): string {
  const candidates = [name, at(object, 'metadata', 'name'), at(object, 'metadata', 'generateName')];
  return candidates.map(textOf).find((candidate) => candidate !== '') ?? '(no name)';
}

function warningsOf(decision: Decision): readonly string[] {
  if (decision.outcome === 'failed') return [];
  // What could not be known or done comes first: it puts everything after it into perspective.
  const remarks = decision.outcome === 'allow' ? decision.remarks : [];
  // Each text once, with the number of problems that it stands for.
  const texts = new Map<string, number>();
  for (const remark of remarks) texts.set(plain(remark, MAX_WARNING), 1);
  for (const { severity, short, rule, count = 1 } of decision.warnings) {
    if (severity !== 'note') texts.set(marked(short, rule, MAX_WARNING), count);
  }
  return withinBudget([...texts]);
}

function withinBudget(texts: readonly (readonly [text: string, count: number])[]): readonly string[] {
  const total = texts.reduce((sum, [text]) => sum + text.length, 0);
  if (total <= MAX_WARNINGS) return texts.map(([text]) => text);
  const shown: string[] = [];
  let used = 0;
  for (const [text] of texts) {
    if (used + text.length > MAX_WARNINGS - MORE_RESERVE) break;
    used += text.length;
    shown.push(text);
  }
  const left = texts.slice(shown.length).reduce((sum, [, count]) => sum + count, 0);
  return [...shown, `and ${left} more: headcount lint shows all`];
}
