/**
 * What an API server can make sense of: the response of an AdmissionReview, written down from the Kubernetes API
 * reference (admission.k8s.io/v1, meta/v1 Status) and from what an API server does with warnings and patches.
 * Nothing here is taken from our own code.
 */
import { Ajv } from 'ajv';
import { applyPatch, type Operation } from 'rfc6902';
import type { Loose } from '../rules/cases.ts';

/** Past 4,096 characters for all webhooks of a request the API server cuts each to 256 and drops the rest. */
const MOST_WARNINGS = 1_500;
/** Neither control characters, for which a warning is dropped, nor what can't be seen. */
const VISIBLE = '^[^\\p{Cc}\\p{Cf}\\p{Cs}\\p{Cn}\\u2028\\u2029]*$';
/** The same for the one text that has several lines. */
const VISIBLE_LINES =
  '^[^\\p{Cf}\\p{Cs}\\p{Cn}\\u0000-\\u0009\\u000b-\\u001f\\u007f-\\u009f\\u2028\\u2029]*$';
const CAUSE = 1_024;

const text = (maxLength: number, minLength = 0): object => ({
  type: 'string',
  pattern: VISIBLE,
  minLength,
  maxLength,
});

const STATUS = {
  type: 'object',
  required: ['code', 'reason', 'message'],
  additionalProperties: false,
  properties: {
    code: { enum: [400, 413, 422, 500, 503, 504] },
    reason: {
      enum: [
        'BadRequest',
        'RequestEntityTooLarge',
        'Invalid',
        'InternalError',
        'ServiceUnavailable',
        'Timeout',
      ],
    },
    message: { type: 'string', pattern: VISIBLE_LINES, minLength: 1, maxLength: 50_000 },
    details: {
      type: 'object',
      required: ['name', 'group', 'kind', 'causes'],
      additionalProperties: false,
      properties: {
        // Without a name kubectl loses the message.
        name: text(253, 1),
        group: text(253),
        kind: text(253),
        causes: {
          type: 'array',
          minItems: 1,
          maxItems: 21,
          items: {
            type: 'object',
            required: ['reason', 'message', 'field'],
            additionalProperties: false,
            properties: { reason: text(63, 1), message: text(CAUSE, 1), field: text(CAUSE) },
          },
        },
      },
    },
  },
  if: { properties: { code: { const: 422 } } },
  // oxlint-disable-next-line unicorn/no-thenable -- a keyword of JSON Schema
  then: { required: ['details'] },
  else: { properties: { details: false } },
};

const REVIEW = {
  type: 'object',
  required: ['apiVersion', 'kind', 'response'],
  additionalProperties: false,
  properties: {
    apiVersion: { const: 'admission.k8s.io/v1' },
    kind: { const: 'AdmissionReview' },
    response: {
      type: 'object',
      required: ['uid', 'allowed'],
      additionalProperties: false,
      properties: {
        uid: { type: 'string', minLength: 1 },
        allowed: { type: 'boolean' },
        status: STATUS,
        patchType: { const: 'JSONPatch' },
        patch: { type: 'string', pattern: '^[A-Za-z0-9+/]+={0,2}$' },
        warnings: { type: 'array', minItems: 1, maxItems: 20, items: text(250, 1) },
        auditAnnotations: {
          type: 'object',
          propertyNames: { pattern: '^[a-z]+$' },
          additionalProperties: text(1_000),
        },
      },
      // Both or neither, and only on what is allowed.
      dependentRequired: { patch: ['patchType'], patchType: ['patch'] },
      if: { properties: { allowed: { const: true } } },
      // oxlint-disable-next-line unicorn/no-thenable -- a keyword of JSON Schema
      then: { properties: { status: false } },
      else: { required: ['status'], properties: { patch: false } },
    },
  },
};

const isReview = new Ajv({ allErrors: true, strict: false }).compile(REVIEW);

export interface Asked {
  readonly uid: string;
  readonly phase: 'mutate' | 'validate';
  /** request.object as it was sent, for the patch to be applied to. */
  readonly object: unknown;
}

/** @returns what is wrong with an answer, one line each; empty when an API server can make sense of it */
export function problemsWith(body: string, { uid, phase, object }: Asked): readonly string[] {
  let review: Loose;
  try {
    review = JSON.parse(body);
  } catch {
    return [`not JSON: ${body.slice(0, 200)}`];
  }
  if (!isReview(review)) {
    return (isReview.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
  }
  const { response } = review as Loose;
  const problems: string[] = [];
  if (response.uid !== uid) problems.push(`the uid is ${response.uid}, not ${uid}`);
  const warnings: readonly string[] = response.warnings ?? [];
  if (warnings.join('').length > MOST_WARNINGS) problems.push('too many warnings');
  if (new Set(warnings).size < warnings.length) problems.push('the same warning twice');
  for (const { message } of response.status?.details?.causes ?? []) {
    if (Buffer.byteLength(message) > CAUSE) problems.push(`a cause of ${Buffer.byteLength(message)} bytes`);
  }
  if (response.patch === undefined) return problems;
  if (phase === 'validate') return [...problems, 'a patch in the validating phase'];
  return [...problems, ...problemsWithPatch(response.patch, object)];
}

function problemsWithPatch(patch: string, object: unknown): readonly string[] {
  let operations: Operation[];
  try {
    operations = JSON.parse(Buffer.from(patch, 'base64').toString());
  } catch {
    return ['the patch is not JSON'];
  }
  if (!Array.isArray(operations) || operations.length === 0) return ['the patch is no list of operations'];
  const copy: unknown = JSON.parse(JSON.stringify(object));
  const failed = applyPatch(copy, operations).filter((problem) => problem !== null);
  if (failed.length > 0) return failed.map((problem) => `the patch does not apply: ${String(problem)}`);
  const isObject = typeof copy === 'object' && copy !== null && !Array.isArray(copy);
  return isObject ? [] : ['the patch leaves no object'];
}
