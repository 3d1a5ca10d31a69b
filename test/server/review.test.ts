/** AdmissionReview, both directions. */
import { describe, expect, test } from '@jest/globals';
import type { Decision } from '../../src/admission/decision.ts';
import { decodeReview } from '../../src/server/review/decode.ts';
import { encodeRefusal, encodeReview, rulesOf } from '../../src/server/review/encode.ts';
import { ANSWER } from '../../src/registration/probe.ts';
import type { Finding } from '../../src/rules/rule.ts';
import { requestFor } from '../support/helpers.ts';
import type { Loose } from '../rules/cases.ts';

const REQUEST = requestFor({ kind: 'InferenceService', metadata: { name: 'llm' }, spec: {} });

function finding(overrides: Partial<Finding> = {}): Finding {
  return {
    rule: 'gpu-capacity',
    severity: 'deny',
    field: 'spec.predictor.workerSpec',
    message: '8 GPUs planned, 16 needed',
    owner: 'service',
    fix: 'ask for 8 per worker',
    short: '8 of 16 GPUs',
    ...overrides,
  };
}

function response(decision: Decision, phase: 'mutate' | 'validate' = 'mutate', request = REQUEST): Loose {
  return JSON.parse(encodeReview(decision, request, phase)).response;
}

const allow = (overrides: Partial<Extract<Decision, { outcome: 'allow' }>> = {}): Decision => ({
  outcome: 'allow',
  notJudged: null,
  warnings: [],
  remarks: [],
  patch: [],
  ...overrides,
});

const deny = (findings: readonly Finding[], warnings: readonly Finding[] = []): Decision => ({
  outcome: 'deny',
  findings,
  warnings,
});

function review(tweak: (review: Loose) => void = () => {}): Buffer {
  const whole: Loose = {
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: {
      uid: 'u-1',
      kind: { group: 'serving.kserve.io', version: 'v1beta1', kind: 'InferenceService' },
      name: 'llm',
      namespace: 'team',
      operation: 'CREATE',
      object: { spec: {} },
      oldObject: null,
      dryRun: true,
    },
  };
  tweak(whole);
  return Buffer.from(JSON.stringify(whole));
}

describe('decode', () => {
  test('a review', () => {
    expect(decodeReview(review())).toEqual({
      uid: 'u-1',
      refused: null,
      request: {
        uid: 'u-1',
        operation: 'CREATE',
        kind: { group: 'serving.kserve.io', version: 'v1beta1', kind: 'InferenceService' },
        subResource: '',
        name: 'llm',
        namespace: 'team',
        object: { spec: {} },
        oldObject: null,
        dryRun: true,
      },
    });
  });

  const refusals: [string, Buffer, string][] = [
    ['another version', review((r) => (r.apiVersion = 'admission.k8s.io/v1beta1')), 'apiVersion is'],
    ['another kind', review((r) => (r.kind = 'List')), 'kind is "List"'],
    ['an unknown operation', review((r) => (r.request.operation = 'PATCH')), 'request.operation is "PATCH"'],
    ['no operation', review((r) => delete r.request.operation), 'request.operation is missing'],
    ['no object', review((r) => delete r.request.object), 'request.object is not an object'],
    ['a list as object', review((r) => (r.request.object = [])), 'request.object is not an object'],
    ['a text as old object', review((r) => (r.request.oldObject = 'x')), 'request.oldObject'],
    ['no kind', review((r) => delete r.request.kind), 'request.kind.group'],
    ['a number as name', review((r) => (r.request.name = 7)), 'request.name'],
    ['a text as dryRun', review((r) => (r.request.dryRun = 'no')), 'request.dryRun'],
    ['bad JSON', Buffer.from('{"request":{"uid":"u-1"},,'), 'not JSON'],
    ['too deep', Buffer.from(`{"request":{"uid":"u-1","object":${'['.repeat(5000)}`), 'levels deep'],
    ['a duplicate key', Buffer.from('{"request":{"uid":"u-1","name":"a","name":"b"}}'), 'same key twice'],
    ['__proto__', Buffer.from('{"request":{"uid":"u-1","object":{"__proto__":{}}}}'), '__proto__'],
  ];
  test.each(refusals)('%s is refused with the uid', (_name, body, message) => {
    const { uid, refused } = decodeReview(body);
    expect(uid).toBe('u-1');
    expect(refused).toMatchObject({
      outcome: 'failed',
      code: 400,
      message: expect.stringContaining(message),
    });
  });

  test('only the beginning of a body that was too long is 413', () => {
    expect(decodeReview(review().subarray(0, 200), false)).toMatchObject({
      uid: 'u-1',
      refused: { code: 413 },
    });
  });

  test('a uid far behind is still found in a sound review', () => {
    const late = review((r) => {
      const { uid, ...rest } = r.request;
      r.request = { options: { padding: 'x'.repeat(5000) }, ...rest, uid };
    });
    expect(decodeReview(late)).toMatchObject({ uid: 'u-1', refused: null });
  });

  test.each([
    ['none', review((r) => delete r.request.uid)],
    ['a number', review((r) => (r.request.uid = 5))],
    ['no request', review((r) => delete r.request)],
    ['a null', Buffer.from('null')],
    ['nothing', Buffer.alloc(0)],
  ])('no uid: %s', (_name, body) =>
    expect(decodeReview(body)).toMatchObject({ uid: null, refused: { code: 400 } }),
  );

  test('a DELETE has no object', () => {
    const body = review((r) => {
      r.request.operation = 'DELETE';
      r.request.object = null;
    });
    expect(decodeReview(body).refused).toBeNull();
  });
});

describe('encode', () => {
  test('a plain yes has uid and audit annotation only', () => {
    expect(JSON.parse(encodeReview(allow(), REQUEST, 'validate'))).toEqual({
      apiVersion: 'admission.k8s.io/v1',
      kind: 'AdmissionReview',
      response: { uid: REQUEST.uid, allowed: true, auditAnnotations: { decision: 'allow' } },
    });
  });

  test('patch and patchType: both when mutating with something to patch, else neither', () => {
    const patch = [{ op: 'add', path: '/a', value: '\u00e4' } as const];
    const { patch: encoded, patchType } = response(allow({ patch }));
    expect(patchType).toBe('JSONPatch');
    expect(JSON.parse(Buffer.from(encoded, 'base64').toString())).toEqual(patch);
    for (const other of [response(allow({ patch: [] })), response(allow({ patch }), 'validate')]) {
      expect(Object.keys(other)).toEqual(['uid', 'auditAnnotations', 'allowed']);
    }
  });

  test('a denial says the same in causes and in the message', () => {
    const { status, allowed, auditAnnotations } = response(
      deny([finding(), finding({ rule: 'canary', field: 'spec.x', message: 'no', fix: '' })]),
    );
    expect(allowed).toBe(false);
    expect(status).toEqual({
      code: 422,
      reason: 'Invalid',
      message: [
        'InferenceService.serving.kserve.io "llm" is invalid:',
        '* spec.predictor.workerSpec: 8 GPUs planned, 16 needed; ask for 8 per worker (gpu-capacity)',
        '* spec.x: no (canary)',
      ].join('\n'),
      details: {
        group: 'serving.kserve.io',
        kind: 'InferenceService',
        name: 'llm',
        causes: [
          {
            reason: 'gpu-capacity',
            field: 'spec.predictor.workerSpec',
            message: '8 GPUs planned, 16 needed; ask for 8 per worker (gpu-capacity)',
          },
          { reason: 'canary', field: 'spec.x', message: 'no (canary)' },
        ],
      },
    });
    expect(auditAnnotations).toEqual({ decision: 'deny', rules: 'gpu-capacity,canary' });
  });

  test('a probe is refused in words that headcount looks for in the API server’s answer', () => {
    const { allowed, status, auditAnnotations } = response({ outcome: 'probed' });
    expect(allowed).toBe(false);
    expect(status).toEqual({ code: 409, reason: 'Conflict', message: ANSWER });
    expect(auditAnnotations).toEqual({ decision: 'probed' });
  });

  test('details.name is filled for generateName', () => {
    const request = requestFor({ metadata: { generateName: 'llm-' } });
    expect(response(deny([finding()]), 'mutate', request).status.details.name).toBe('llm-');
  });

  test('20 causes, then how many more', () => {
    const { causes } = response(deny(Array.from({ length: 27 }, () => finding()))).status.details;
    expect(causes).toHaveLength(21);
    expect(causes[20].message).toBe('and 7 more: headcount lint shows all');
  });

  test('a long or hostile message is cut and escaped, its rule id stays', () => {
    const hostile = finding({ message: `\u001b[2J\n\u202e${'\u{1f4a5}'.repeat(2000)}`, field: 'spec["\r"]' });
    const [cause] = response(deny([hostile])).status.details.causes;
    expect(Buffer.byteLength(cause.message)).toBeLessThanOrEqual(1024);
    expect(cause.message).toMatch(/^\\u\{1b\}\[2J\\u\{a\}\\u\{202e\}/);
    expect(cause.message).toMatch(/\(gpu-capacity\)$/);
    expect(cause.message).not.toMatch(/[\p{Cc}\p{Cf}\uFFFD]/u);
    expect(cause.field).toBe('spec["\\u{d}"]');
  });

  test('warnings: remarks, then short texts with the rule id, each once, also on denials', () => {
    const warning = finding({ severity: 'warn' });
    expect(response(allow({ warnings: [warning, warning], remarks: ['not checked'] })).warnings).toEqual([
      'not checked',
      '8 of 16 GPUs (gpu-capacity)',
    ]);
    expect(response(deny([finding()], [warning])).warnings).toEqual(['8 of 16 GPUs (gpu-capacity)']);
  });

  test('the budget of warnings', () => {
    const warnings = Array.from({ length: 12 }, (_, i) =>
      finding({ severity: 'warn', short: `${i} \t${'w'.repeat(400)}` }),
    );
    const sent: string[] = response(allow({ warnings })).warnings;
    for (const text of sent) {
      expect(text.length).toBeLessThanOrEqual(250);
      expect(text).not.toMatch(/\p{Cc}/u);
    }
    expect(sent.join('').length).toBeLessThanOrEqual(1500);
    expect(sent.at(-1)).toBe(`and ${12 - (sent.length - 1)} more: headcount lint shows all`);
  });

  test('notes never go to the wire', () => {
    const note = finding({ severity: 'note' });
    expect(response(allow({ warnings: [note] }))).toEqual(response(allow()));
    expect(rulesOf(allow({ warnings: [note] }))).toEqual([]);
  });

  test.each([
    [400, 'BadRequest'],
    [413, 'RequestEntityTooLarge'],
    [500, 'InternalError'],
    [503, 'ServiceUnavailable'],
    [504, 'Timeout'],
  ] as const)('failed %i', (code, reason) => {
    const body = JSON.parse(encodeRefusal('u-9', { outcome: 'failed', code, message: 'why' }));
    expect(body.response).toEqual({
      uid: 'u-9',
      allowed: false,
      auditAnnotations: { decision: 'failed' },
      status: { code, reason, message: 'why' },
    });
  });
});

test('the page of the platform ends each denial, behind the id of its rule, however long the message is', () => {
  const long = finding({ rule: 'canary', message: 'x'.repeat(5000) });
  const docsUrl = 'https://wiki.example.com/headcount/{rule}';
  const { status } = response({ outcome: 'deny', findings: [finding(), long], warnings: [], docsUrl });
  expect(status.details.causes.map(({ message }: Loose) => message.slice(-70))).toEqual([
    expect.stringMatching(/ \(gpu-capacity\): https:\/\/wiki\.example\.com\/headcount\/gpu-capacity$/),
    expect.stringMatching(/ \(canary\): https:\/\/wiki\.example\.com\/headcount\/canary$/),
  ]);
  for (const { message } of status.details.causes) {
    expect(message.length).toBeLessThanOrEqual(1024);
    expect(status.message).toContain(message);
  }
});

test('without a page of the platform a denial ends in the id of its rule', () => {
  const { status } = response({ outcome: 'deny', findings: [finding()], warnings: [] });
  expect(status.message).toMatch(/\(gpu-capacity\)$/);
});
