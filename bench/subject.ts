/** The reviews that are measured: the captured 7.5 KB update, or a stand-in of that size, and other sizes. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { AdmissionRequest } from '../src/admission/decision.ts';
import { requestFor } from '../test/support/helpers.ts';
import { minimalService, type Loose } from '../test/rules/cases.ts';

const ROOT = join(import.meta.dirname, '..');
const REVIEW = join(
  process.env['HEADCOUNT_REVIEWS_DIR'] ?? join(ROOT, '../shared/reviews'),
  'validating/update-client-side-apply.json',
);
const RUNTIME = join(
  process.env['HEADCOUNT_KSERVE_DIR'] ?? join(ROOT, '../shared/kserve'),
  'kserve-huggingfaceserver-multinode.yaml',
);

/** The captured update, on the runtime that it names; null where the captures are absent. */
export function capturedUpdate(): { readonly request: AdmissionRequest; readonly runtime: Loose } | null {
  if (!existsSync(REVIEW) || !existsSync(RUNTIME)) return null;
  const { request } = JSON.parse(readFileSync(REVIEW, 'utf8'));
  return { request: { ...request, subResource: '' }, runtime: parse(readFileSync(RUNTIME, 'utf8')) };
}

/** An update of a service whose env has as many entries as make the review this large. */
export function updateOfSize(bytes: number): AdmissionRequest {
  const object = minimalService();
  object.spec.predictor.model.env = [];
  const entry = (index: number): Loose => ({ name: `SETTING_${index}`, value: 'x'.repeat(40) });
  const each = JSON.stringify(entry(1000)).length + 1;
  const wanted = Math.max(0, Math.floor((bytes / 2 - JSON.stringify(object).length) / each));
  for (let index = 0; index < wanted; index++) object.spec.predictor.model.env.push(entry(index));
  const old = structuredClone(object);
  old.spec.predictor.workerSpec.pipelineParallelSize = 4;
  return requestFor(object, old);
}

/** A review as text, with UID in the place of each request's uid. */
export function textOf(request: AdmissionRequest): string {
  const review = {
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: { ...request, uid: 'UID' },
  };
  return JSON.stringify(review);
}
