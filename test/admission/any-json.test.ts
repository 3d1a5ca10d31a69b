/**
 * Any JSON as object, stored object, annotations or record: the answer is a review with the uid,
 * and its patch applies. 10,000 values a run; the seed is printed, HEADCOUNT_SEED replays it.
 */
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { admit } from '../../src/admission/admit.ts';
import type { Phase } from '../../src/admission/decision.ts';
import { decodeReview } from '../../src/server/review/decode.ts';
import { encodeReview } from '../../src/server/review/encode.ts';
import { DEFAULTS } from '../../src/config/config.ts';
import { APPLIED } from '../../src/kserve/annotations.ts';
import { ApiServer, clusterOf, patched } from '../support/helpers.ts';
import { minimalRuntime, minimalService, type Loose } from '../rules/cases.ts';

const RUNS = Number(process.env['HEADCOUNT_RUNS'] ?? 10_000);
const seed = Number(process.env['HEADCOUNT_SEED'] ?? Date.now() % 2 ** 31);
const UID = '0b7e9f5c-0000-4000-8000-000000000000';

/** JSON as a client can send it: an own `__proto__` key is refused before the pipeline (scan.ts). */
const anything = fc
  .jsonValue({ maxDepth: 4 })
  .filter((value) => !JSON.stringify(value).includes('"__proto__"'));

/** Replaces the values at some paths of a valid object, so that the nonsense gets past the first look. */
function damaged(valid: () => Loose): fc.Arbitrary<Loose> {
  return fc.array(fc.tuple(fc.nat(), anything), { maxLength: 4 }).map((damages) => {
    const object = valid();
    for (const [choice, value] of damages) {
      const places = placesOf(object, [], []);
      const place = places[choice % places.length] ?? [];
      const last = place.at(-1);
      let parent: Loose = object;
      for (const step of place.slice(0, -1)) parent = parent[step];
      // A copy, since the same value may be put into itself.
      if (last !== undefined) parent[last] = structuredClone(value);
    }
    return object;
  });
}

function placesOf(
  value: Loose,
  here: (string | number)[],
  all: (string | number)[][],
): (string | number)[][] {
  if (typeof value !== 'object' || value === null) return all;
  for (const key of Array.isArray(value) ? value.keys() : Object.keys(value)) {
    all.push([...here, key]);
    placesOf(value[key], [...here, key], all);
  }
  return all;
}

async function withRecord(): Promise<Loose> {
  const server = new ApiServer();
  const service = minimalService();
  delete service.spec.predictor.model.resources;
  await server.apply(service);
  return server.stored;
}

async function answer(phase: Phase, object: unknown, oldObject: unknown, runtime: Loose): Promise<void> {
  const review = {
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: {
      uid: UID,
      kind: { group: 'serving.kserve.io', version: 'v1beta1', kind: 'InferenceService' },
      operation: oldObject === null ? 'CREATE' : 'UPDATE',
      name: 'llm',
      namespace: 'team',
      object,
      oldObject,
    },
  };
  const decoded = decodeReview(Buffer.from(JSON.stringify(review)));
  if (decoded.request === null) {
    expect(decoded.uid).toBe(UID);
    return;
  }
  const decision = await admit(phase, decoded.request, clusterOf([runtime]), DEFAULTS);
  const encoded = JSON.parse(encodeReview(decision, decoded.request, phase));
  expect(encoded.response.uid).toBe(UID);
  expect(typeof encoded.response.allowed).toBe('boolean');
  if (encoded.response.patch !== undefined) {
    patched(object, JSON.parse(Buffer.from(encoded.response.patch, 'base64').toString()));
  }
}

test(`${RUNS} values of any shape, seed ${seed}`, async () => {
  const stored = JSON.stringify(await withRecord());
  const service = fc.oneof(
    anything,
    damaged(minimalService),
    damaged(() => JSON.parse(stored)),
  );
  const record = fc.oneof(
    fc.string(),
    anything.map((value) => JSON.stringify(value)),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom<Phase>('mutate', 'validate'),
      fc.tuple(service, fc.option(record)).map(([object, text]) => {
        const annotations = object?.metadata?.annotations;
        if (text !== null && typeof annotations === 'object' && annotations !== null)
          annotations[APPLIED] = text;
        return object;
      }),
      fc.option(service),
      fc.oneof(fc.constant(minimalRuntime()), damaged(minimalRuntime)),
      answer,
    ),
    { numRuns: RUNS, seed },
  );
});
