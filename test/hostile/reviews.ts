/** Reviews as an API server would send them, of objects that it never would. */
import { minimalService, type Loose } from '../rules/cases.ts';

export const UID = '2f4a1c6e-9d43-4a75-8c11-7b0d5e3f6a90';

/** A review as an object. */
export function reviewOf(object: unknown = minimalService(), request: Loose = {}): Loose {
  return {
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: {
      uid: UID,
      kind: { group: 'serving.kserve.io', version: 'v1beta1', kind: 'InferenceService' },
      name: 'llm',
      namespace: 'team',
      operation: 'CREATE',
      object,
      ...request,
    },
  };
}

/** The same as text. */
export function bodyOf(object?: unknown, request?: Loose): string {
  return JSON.stringify(reviewOf(object, request));
}

/** A review whose object is this text, of whatever kind. */
export function bodyAround(object: string): string {
  return bodyOf('OBJECT').replace('"OBJECT"', () => object);
}
