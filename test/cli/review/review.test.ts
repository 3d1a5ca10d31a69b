/** `headcount review`: an AdmissionReview in, the answer of either endpoint out. */
import { describe, expect, test } from '@jest/globals';
import { headcount } from '../../support/cli.ts';
import { minimalService, type Loose } from '../../rules/cases.ts';

function review(object: Loose, uid: unknown = 'u-1'): Loose {
  return {
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: {
      uid,
      operation: 'CREATE',
      kind: { group: 'serving.kserve.io', version: 'v1beta1', kind: 'InferenceService' },
      name: 'llm',
      namespace: 'team',
      object,
    },
  };
}

async function ask(object: Loose, ...argv: readonly string[]): Promise<{ code: number; answer: Loose }> {
  const { code, out } = await headcount(['review', '-', ...argv], { stdin: JSON.stringify(object) });
  return { code, answer: JSON.parse(out) };
}

describe('review', () => {
  const fine = minimalService();
  fine.spec.predictor.model.runtime = 'kserve-huggingfaceserver-multinode';

  test('allowed', async () => {
    const { code, answer } = await ask(review(fine));
    expect(code).toBe(0);
    expect(answer.response).toMatchObject({ uid: 'u-1', allowed: true });
    expect(answer.response).not.toHaveProperty('patch');
  });

  test('denied', async () => {
    const bad = structuredClone(fine);
    bad.spec.predictor.minReplicas = 2;
    const { code, answer } = await ask(review(bad));
    expect(code).toBe(1);
    expect(answer.response).toMatchObject({ allowed: false, status: { code: 422 } });
  });

  test('both: /validate judges the object that /mutate returned', async () => {
    const bare = structuredClone(fine);
    delete bare.metadata.annotations;
    bare.spec.predictor.workerSpec = { tensorParallelSize: 8, pipelineParallelSize: 2 };
    expect((await ask(review(bare))).answer.response.allowed).toBe(false);
    const { code, answer } = await ask(review(bare), '--endpoint', 'both');
    expect(code).toBe(0);
    expect(Object.keys(answer)).toEqual(['mutate', 'validate']);
    expect(answer.mutate.response).toMatchObject({ allowed: true, patchType: 'JSONPatch' });
    expect(answer.validate.response.allowed).toBe(true);
  });

  test('a refused review with a uid is answered; without a uid it is wrong use', async () => {
    const { code, answer } = await ask(review(null));
    expect(code).toBe(1);
    expect(answer.response.status.code).toBe(400);
    expect((await headcount(['review', '-'], { stdin: JSON.stringify(review(fine, null)) })).code).toBe(2);
  });

  test('as YAML', async () => {
    const stdin = `kind: AdmissionReview\napiVersion: admission.k8s.io/v1\nrequest: ${JSON.stringify(review(fine).request)}\n`;
    expect((await headcount(['review', '-'], { stdin })).code).toBe(0);
  });
});
