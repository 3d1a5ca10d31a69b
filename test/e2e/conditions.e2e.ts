/**
 * The conditions of the webhooks, on a real API server: about which writes it asks headcount, and that no condition
 * fails, whatever the object's shape or size.
 */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Loose } from '../rules/cases.ts';
import { multiNode, service, World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await World.start();
  await world.createClaim('team', 'models', 'ReadWriteMany');
});
afterAll(async () => world?.stop());

const SHAPES: readonly (readonly [string, (object: Loose) => void])[] = [
  ['no spec', (object) => delete object.spec],
  ['spec is a list', (object) => (object.spec = [])],
  ['predictor is a number', (object) => (object.spec.predictor = 5)],
  ['predictor is null', (object) => (object.spec.predictor = null)],
  ['workerSpec is a list', (object) => (object.spec.predictor.workerSpec = [1])],
  ['workerSpec is a string', (object) => (object.spec.predictor.workerSpec = 'x')],
  ['no annotations', (object) => delete object.metadata.annotations],
  ['annotations are a list', (object) => (object.metadata.annotations = ['headcount.dev/applied'])],
  ['an annotation is a number', (object) => (object.metadata.annotations = { 'headcount.dev/applied': 1 })],
  ['no managers', (object) => (object.metadata.managedFields = [{}])],
  ['thousands of managers', (object) => (object.metadata.managedFields = managers(2_000))],
];

/** So many managers that own something by Apply. */
function managers(count: number): readonly Loose[] {
  return Array.from({ length: count }, (_, index) => ({
    manager: `manager-${index}`,
    operation: 'Apply',
    apiVersion: 'serving.kserve.io/v1beta1',
    fieldsType: 'FieldsV1',
    fieldsV1: { 'f:metadata': { 'f:labels': { [`f:label-${index}`]: {} } } },
  }));
}

/** How many decisions headcount has made, of any kind. */
async function decisions(): Promise<number> {
  const { body } = await world.headcount.ops('/metrics');
  const counts = [...body.matchAll(/^headcount_decisions_total\{.*\} (\d+)$/gm)];
  return counts.reduce((sum, [, count]) => sum + Number(count), 0);
}

describe('who is asked about', () => {
  const RECORD = { 'headcount.dev/applied': '{"v":1,"wrote":[],"made":[]}' };
  const single = (name: string, annotations: Loose): Loose =>
    multiNode(name, ({ metadata, spec }) => {
      metadata.annotations = annotations;
      delete spec.predictor.workerSpec;
    });
  const merge = async (name: string, change: Loose, query = ''): Promise<void> => {
    const type = query.includes('fieldManager')
      ? 'application/apply-patch+yaml'
      : 'application/merge-patch+json';
    const [path = '', subresource = ''] = name.split('/');
    const target = `${service('team', path)}${subresource && `/${subresource}`}${query}`;
    const { status, body } = await world.cluster.call('PATCH', target, change, { type });
    expect({ status, message: body.message }).toEqual({ status: 200, message: undefined });
  };
  const claims = (name: string, spec: Loose, by: string): Promise<void> =>
    merge(
      name,
      { apiVersion: 'serving.kserve.io/v1beta1', kind: 'InferenceService', metadata: { name }, ...spec },
      `?fieldManager=${by}`,
    );
  const size = { spec: { predictor: { workerSpec: { tensorParallelSize: 1 } } } };

  beforeAll(async () => {
    const unsized = ({ spec }: Loose): unknown => delete spec.predictor.workerSpec.tensorParallelSize;
    for (const object of [multiNode('multi', unsized), single('never', {}), single('was', RECORD)])
      expect((await world.create(object)).status).toBe(201);
  });
  afterAll(async () => {
    for (const name of ['multi', 'never', 'was', 'new']) await world.remove(name);
  });

  test.each<[string, 'asked' | 'left alone', () => Promise<unknown>]>([
    [
      'a single-node service is created',
      'left alone',
      async () => expect((await world.create(single('new', {}))).status).toBe(201),
    ],
    ['one changes', 'left alone', () => merge('never', { spec: { predictor: { timeout: 61 } } })],
    ['one is annotated', 'left alone', () => merge('never', { metadata: { annotations: { a: 'b' } } })],
    ['one is deleted', 'left alone', () => world.remove('new')],
    [
      'one that carries our record is labelled',
      'left alone',
      () => merge('was', { metadata: { labels: { a: 'b' } } }),
    ],
    [
      'one that carries our record changes',
      'asked',
      () => merge('was', { spec: { predictor: { timeout: 61 } } }),
    ],
    [
      'a multi-node service is labelled',
      'left alone',
      () => merge('multi', { metadata: { labels: { a: 'b' } } }),
    ],
    [
      'one gets a finalizer',
      'left alone',
      () => merge('multi', { metadata: { finalizers: ['example.com/wait'] } }),
    ],
    ['one loses it', 'left alone', () => merge('multi', { metadata: { finalizers: null } })],
    [
      'its status changes',
      'left alone',
      () => merge('multi/status', { status: { url: 'http://x.example.com' } }),
    ],
    ['one is annotated', 'asked', () => merge('multi', { metadata: { annotations: { a: 'b' } } })],
    ['its author claims a value that headcount wrote', 'asked', () => claims('multi', size, 'author')],
    ['the author claims it again', 'left alone', () => claims('multi', size, 'author')],
    ['its workerSpec goes', 'asked', () => merge('multi', { spec: { predictor: { workerSpec: null } } })],
  ])('%s: %s', async (_what, expected, write) => {
    const before = await decisions();
    await write();
    expect((await decisions()) > before ? 'asked' : 'left alone').toBe(expected);
  });

  test("a value that its author has claimed is the author's", async () => {
    const unsized = ({ spec }: Loose): unknown => delete spec.predictor.workerSpec.tensorParallelSize;
    const { body } = await world.create(multiNode('claimed', unsized));
    const recorded = ({ metadata }: Loose): string => metadata.annotations['headcount.dev/applied'];
    expect(recorded(body)).toContain('tensorParallelSize');
    await claims('claimed', size, 'author');
    expect(recorded(await world.get('claimed'))).not.toContain('tensorParallelSize');
    await world.remove('claimed');
  });
});

describe('conditions', () => {
  test.each(SHAPES)('%s: no words of CEL', async (_what, change) => {
    const { status, body } = await world.create(multiNode('odd', change), '?dryRun=All');
    // The schema's words or ours, but never those of a condition that failed.
    expect([201, 400, 422]).toContain(status);
    expect(JSON.stringify(body)).not.toContain('matchCondition');
  });

  test.each(SHAPES)('%s, as an update of a multi-node and of a watched service', async (_what, change) => {
    const record = { 'headcount.dev/applied': '{"v":1,"wrote":[],"made":[]}' };
    const single = multiNode('single', ({ metadata, spec }) => {
      metadata.annotations = record;
      delete spec.predictor.workerSpec;
    });
    for (const object of [multiNode('multi'), single]) {
      const { body: stored } = await world.create(object);
      // Once only managers, then spec and annotations too.
      for (const round of ['same', 'other']) {
        const next = structuredClone(stored);
        if (round === 'other') next.spec.predictor.timeout = 60;
        change(next);
        const path = `${service('team', object.metadata.name)}?dryRun=All`;
        const { status, body } = await world.cluster.call('PUT', path, next);
        expect([200, 400, 422]).toContain(status);
        expect(JSON.stringify(body)).not.toContain('matchCondition');
      }
      await world.remove(object.metadata.name);
    }
  });

  test('an object of a megabyte, created and changed', async () => {
    const env = Array.from({ length: 10_000 }, (_, index) => ({
      name: `SETTING_${index}`,
      value: 'x'.repeat(20),
    }));
    const large = multiNode('large', ({ spec }) => (spec.predictor.model.env = env));
    const { status, body } = await world.create(large);
    expect({ status, message: body.message }).toEqual({ status: 201, message: undefined });
    const patch = { spec: { predictor: { workerSpec: { pipelineParallelSize: 4 } } } };
    const changed = await world.cluster.call(
      'PATCH',
      '/apis/serving.kserve.io/v1beta1/namespaces/team/inferenceservices/large',
      patch,
      { type: 'application/merge-patch+json' },
    );
    expect({ status: changed.status, message: changed.body.message }).toEqual({
      status: 200,
      message: undefined,
    });
    expect(changed.body.metadata.generation).toBe(2);
  });

  test('none of them has failed', async () => {
    // Where one fails under Ignore, nobody is told: the webhook is just not asked.
    const { body } = await world.cluster.call('GET', '/metrics');
    const lines = String(body).match(/^apiserver_admission_match_condition_\w+.*$/gm) ?? [];
    expect(
      lines.some((line) => line.startsWith('apiserver_admission_match_condition_evaluation_seconds')),
    ).toBe(true);
    expect(lines.filter((line) => /_errors_total/.test(line))).toEqual([]);
  });
});
