/** What is meant for KServe and misspelt is not skipped as an object of another kind: lint and plan say what is wrong. */
import { expect, test } from '@jest/globals';
import { file, headcount } from '../../support/cli.ts';
import { minimalRuntime, minimalService, type Loose } from '../../rules/cases.ts';

const SERVICE = { ...minimalService(), metadata: { ...minimalService().metadata, name: 'good' } };
const RUNTIME = minimalRuntime();

const list = (...items: readonly Loose[]): string =>
  file('list.json', { apiVersion: 'v1', kind: 'List', items });

async function denials(...items: readonly Loose[]): Promise<{ code: number; fields: readonly string[] }> {
  const { code, out } = await headcount(['lint', list(...items), '-o', 'json']);
  const found = JSON.parse(out).findings.filter(({ severity }: Loose) => severity === 'deny');
  return { code, fields: found.map(({ field, fix }: Loose) => `${field}: ${fix}`) };
}

test.each([
  ['InferenceServce', 'InferenceService'],
  ['inferenceservice', 'InferenceService'],
  ['InferenceServices', 'InferenceService'],
  ['ClusterServingRuntme', 'ClusterServingRuntime'],
])('%s beside a good service is refused', async (kind, meant) => {
  const apiVersion = `serving.kserve.io/${meant === 'InferenceService' ? 'v1beta1' : 'v1alpha1'}`;
  const misspelt = {
    ...(meant === 'InferenceService' ? minimalService() : minimalRuntime()),
    apiVersion,
    kind,
  };
  expect(await denials(SERVICE, RUNTIME, misspelt)).toEqual({
    code: 1,
    fields: [`kind: write kind: ${meant}`],
  });
});

test('a service in the group of another project is refused', async () => {
  const other = { ...minimalService(), apiVersion: 'serving.knative.dev/v1' };
  expect(await denials(SERVICE, RUNTIME, other)).toEqual({
    code: 1,
    fields: ['apiVersion: write apiVersion: serving.kserve.io/v1beta1'],
  });
});

test("KServe's other kinds, and kinds of other projects, are skipped and counted", async () => {
  const others = ['LLMInferenceService', 'InferenceGraph', 'TrainedModel'].map((kind) => ({
    apiVersion: 'serving.kserve.io/v1alpha1',
    kind,
    metadata: { name: 'other' },
  }));
  const service = { apiVersion: 'serving.knative.dev/v1', kind: 'Service', metadata: { name: 'other' } };
  const { code, err } = await headcount(['lint', list(SERVICE, RUNTIME, ...others, service)]);
  expect([code, err]).toEqual([0, 'skipped 4 objects of other kinds\n']);
});

test('plan shows a misspelt service with its denial', async () => {
  const misspelt = { ...minimalService(), kind: 'InferenceServce' };
  const { code, out } = await headcount(['plan', list(SERVICE, RUNTIME, misspelt)]);
  expect([code, out]).toEqual([1, expect.stringMatching(/deny unknown-field kind: KServe has no kind/)]);
});

test('plan does not take a misspelt runtime for the one that a service names', async () => {
  const { code, out } = await headcount(['plan', list(SERVICE, { ...RUNTIME, kind: 'ServingRuntme' })]);
  expect([code, out]).toEqual([1, expect.stringMatching(/deny runtime .*runtime "rt" exists neither/)]);
});
