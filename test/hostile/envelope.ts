/** Bodies that are no review, or half of one. */
import { minimalService } from '../rules/cases.ts';
import { bodyAround, bodyOf, reviewOf, UID } from './reviews.ts';
import type { EnvelopeRow } from './row.ts';

const REVIEW = bodyOf();
const request = (fields: object): string => bodyOf(undefined, fields);
/** A request that has not the named field. */
const without = (field: string): string => request({ [field]: undefined });
const envelope = (fields: object): string => JSON.stringify({ ...reviewOf(), ...fields });
const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);
const items = (count: number): string => `[${Array(count).fill('0').join(',')}]`;
const members = (count: number): string =>
  `{${Array.from({ length: count }, (_, index) => `"${index}":0`).join(',')}}`;
/** Members that stand at the beginning of the object, or of the review. */
const inObject = (text: string): string =>
  bodyAround(`{${text},${JSON.stringify(minimalService()).slice(1)}`);
const atRoot = (text: string): string => `{${text},${REVIEW.slice(1)}`;

export const ENVELOPE: readonly EnvelopeRow[] = [
  // No JSON
  { what: 'nothing', body: '', answer: 'HTTP 400' },
  { what: 'spaces', body: '   ', answer: 'HTTP 400' },
  { what: 'null', body: 'null', answer: 'HTTP 400' },
  { what: 'a number', body: '5', answer: 'HTTP 400' },
  { what: 'a list with a review in it', body: `[${REVIEW}]`, answer: 'HTTP 400' },
  { what: 'an empty object', body: '{}', answer: 'HTTP 400' },
  { what: 'a review in YAML', body: `request:\n  uid: ${UID}\n`, answer: 'HTTP 400' },
  { what: 'a review in UTF-16', body: Buffer.from(REVIEW, 'utf16le'), answer: 'HTTP 400' },
  { what: 'a byte order mark before it', body: `\uFEFF${REVIEW}`, answer: 'denied 400' },
  { what: 'a comma too many', body: `${REVIEW.slice(0, -1)},}`, answer: 'denied 400' },
  { what: 'a comment', body: REVIEW.replace('{', '{/* hello */'), answer: 'denied 400' },
  { what: 'NaN', body: bodyAround('{"spec":NaN}'), answer: 'denied 400' },
  { what: 'two reviews', body: REVIEW + REVIEW, answer: 'denied 400' },
  { what: 'a NUL behind it', body: `${REVIEW}\u0000`, answer: 'denied 400' },
  { what: 'a review cut in the middle', body: REVIEW.slice(0, REVIEW.length / 2), answer: 'denied 400' },
  { what: 'a review cut in the uid', body: '{"request":{"uid":"2f4a', answer: 'HTTP 400' },
  { what: 'a bare line break in a string', body: bodyAround('{"spec":"a\nb"}'), answer: 'denied 400' },
  {
    what: 'bytes that are no UTF-8, in an annotation',
    body: Buffer.from(inObject('"x":"\u00ff\u00fe"'), 'latin1'),
    answer: 'allowed',
  },
  { what: 'half of a surrogate pair', body: inObject('"x":"\\ud800"'), answer: 'allowed' },

  // The uid
  { what: 'no uid', body: without('uid'), answer: 'HTTP 400' },
  { what: 'an empty uid', body: request({ uid: '' }), answer: 'HTTP 400' },
  { what: 'a number as uid', body: request({ uid: 5 }), answer: 'HTTP 400' },
  { what: 'a list as uid', body: request({ uid: [UID] }), answer: 'HTTP 400' },
  { what: 'a uid of 1,024 characters', body: request({ uid: 'u'.repeat(1_024) }), answer: 'allowed' },
  { what: 'a uid of 1,025 characters', body: request({ uid: 'u'.repeat(1_025) }), answer: 'HTTP 400' },
  { what: 'a uid of control characters', body: request({ uid: '\u0000\u001b[2J\u202e' }), answer: 'allowed' },
  {
    what: 'a uid that is only in the response',
    body: envelope({ request: undefined, response: { uid: UID } }),
    answer: 'HTTP 400',
  },
  {
    what: 'a uid behind a megabyte',
    body: `${request({ uid: undefined, options: 'x'.repeat(1_000_000) }).slice(0, -2)},"uid":"${UID}"}}`,
    answer: 'allowed',
  },
  {
    what: 'a uid behind what is too deep',
    body: `{"request":{"object":${nested(200)},"uid":"${UID}"}}`,
    answer: 'denied 400',
  },
  { what: 'two uids', body: REVIEW.replace('"uid"', `"uid":"${UID}","uid"`), answer: 'denied 400' },

  // Keys
  { what: 'the same key twice', body: inObject('"x":1,"x":2'), answer: 'denied 400' },
  { what: 'the same key twice, once in escapes', body: inObject('"x":1,"\\u0078":2'), answer: 'denied 400' },
  { what: 'two requests', body: REVIEW.replace('"request"', '"request":{},"request"'), answer: 'denied 400' },
  { what: '__proto__ in the review', body: atRoot('"__proto__":{"request":{}}'), answer: 'denied 400' },
  { what: '__proto__ in the object', body: inObject('"__proto__":{"spec":{}}'), answer: 'denied 400' },
  { what: '__proto__ in escapes', body: inObject('"\\u005f_proto__":null'), answer: 'denied 400' },
  {
    what: 'constructor, prototype, toString and hasOwnProperty as keys',
    body: inObject('"constructor":{"prototype":{}},"toString":1,"hasOwnProperty":null'),
    answer: 'allowed',
  },
  { what: 'an empty key', body: inObject('"":{"":""}'), answer: 'allowed' },

  // Sizes
  { what: 'a depth of 90 in the object', body: inObject(`"x":${nested(90)}`), answer: 'allowed' },
  { what: 'a depth of 120 in the object', body: inObject(`"x":${nested(120)}`), answer: 'denied 400' },
  { what: 'six million opening brackets', body: bodyAround('['.repeat(6_000_000)), answer: 'denied 400' },
  { what: 'a list of 16,384 items', body: inObject(`"x":${items(16_384)}`), answer: 'allowed' },
  { what: 'a list of 16,385 items', body: inObject(`"x":${items(16_385)}`), answer: 'denied 400' },
  { what: 'an object of 16,385 members', body: inObject(`"x":${members(16_385)}`), answer: 'denied 400' },
  {
    what: 'more than 500,000 tokens',
    body: inObject(`"x":[${Array(40).fill(items(16_000)).join(',')}]`),
    answer: 'denied 400',
  },
  { what: 'a number of a million digits', body: inObject(`"x":${'9'.repeat(1_000_000)}`), answer: 'allowed' },

  // The envelope
  {
    what: 'apiVersion v1beta1',
    body: envelope({ apiVersion: 'admission.k8s.io/v1beta1' }),
    answer: 'denied 400',
  },
  { what: 'no apiVersion', body: envelope({ apiVersion: undefined }), answer: 'denied 400' },
  {
    what: 'an object as apiVersion',
    body: envelope({ apiVersion: { a: items(1_000) } }),
    answer: 'denied 400',
  },
  { what: 'kind List', body: envelope({ kind: 'List' }), answer: 'denied 400' },
  { what: 'a list as request', body: envelope({ request: [] }), answer: 'HTTP 400' },
  { what: 'no operation', body: without('operation'), answer: 'denied 400' },
  { what: 'operation create in small letters', body: request({ operation: 'create' }), answer: 'denied 400' },
  { what: 'operation PATCH', body: request({ operation: 'PATCH' }), answer: 'denied 400' },
  { what: 'operation DELETE', body: request({ operation: 'DELETE', object: null }), answer: 'allowed' },
  { what: 'operation CONNECT', body: request({ operation: 'CONNECT' }), answer: 'allowed' },
  { what: 'no kind', body: without('kind'), answer: 'denied 400' },
  { what: 'a text as kind', body: request({ kind: 'InferenceService' }), answer: 'denied 400' },
  {
    what: 'a kind without a group',
    body: request({ kind: { version: 'v1', kind: 'Pod' } }),
    answer: 'denied 400',
  },
  { what: 'a Pod', body: request({ kind: { group: '', version: 'v1', kind: 'Pod' } }), answer: 'allowed' },
  {
    what: 'an InferenceService of another group',
    body: request({
      kind: { group: 'example.com', version: 'v1', kind: 'InferenceService' },
      object: { spec: [] },
    }),
    answer: 'allowed',
  },
  { what: 'the subresource status', body: request({ subResource: 'status', object: {} }), answer: 'allowed' },
  { what: 'a number as subResource', body: request({ subResource: 1 }), answer: 'denied 400' },
  { what: 'a number as name', body: request({ name: 1 }), answer: 'denied 400' },
  { what: 'an object as namespace', body: request({ namespace: {} }), answer: 'denied 400' },
  { what: 'a text as dryRun', body: request({ dryRun: 'true' }), answer: 'denied 400' },
  { what: 'no object', body: without('object'), answer: 'denied 400' },
  { what: 'null as object', body: request({ object: null }), answer: 'denied 400' },
  { what: 'a list as object', body: request({ object: [] }), answer: 'denied 400' },
  { what: 'a text as object', body: request({ object: 'x' }), answer: 'denied 400' },
  {
    what: 'a list as old object',
    body: request({ operation: 'UPDATE', oldObject: [] }),
    answer: 'denied 400',
  },
  { what: 'an update without an old object', body: request({ operation: 'UPDATE' }), answer: 'allowed' },
  { what: 'fields that nobody knows', body: request({ userInfo: 5, options: [], x: {} }), answer: 'allowed' },
];
