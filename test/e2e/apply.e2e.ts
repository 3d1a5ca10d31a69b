/**
 * What users do with kubectl, on a real API server with KServe's CRDs: dry-run, diff, apply again and again in
 * every way, edit. The generation must stay while the manifest stays, and an edited service must equal one
 * that was created fresh.
 */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Loose } from '../rules/cases.ts';
import { startDefaulter } from './defaulter.ts';
import { gpus, manifest, multiNode, service, World } from './world.ts';

/** Every sequence for every manifest, beside every other webhook. */
const FULL = process.env['HEADCOUNT_E2E_FULL'] === '1';

let world: World;
beforeAll(async () => {
  world = await World.start({
    namespaces: ['team', 'exempt'],
    config: { namespaces: { exempt: ['exempt'] } },
  });
  await world.createClaim('team', 'models', 'ReadWriteMany');
});
afterAll(async () => world?.stop());

const named = (file: string): Loose => ({
  ...manifest(file),
  metadata: { ...manifest(file).metadata, namespace: 'team' },
});

test('dry-run shows the mutated object and stores nothing', async () => {
  const guide = named('guide-example');
  const { code, out } = await world.kubectl(['apply', '--dry-run=server', '-o', 'json', '-f', '-'], guide);
  expect(code).toBe(0);
  expect(JSON.parse(out).spec.predictor).toMatchObject({
    model: { resources: gpus(1), env: expect.arrayContaining([{ name: 'RAY_NODE_COUNT', value: '2' }]) },
    workerSpec: { tensorParallelSize: 1, pipelineParallelSize: 2, containers: [{ resources: gpus(1) }] },
  });
  expect(await world.get(guide.metadata.name)).toBeNull();
});

test('every reason of a refusal stands on a line of its own in the terminal', async () => {
  const { code, err } = await world.kubectl(
    ['apply', '--dry-run=server', '-f', '-'],
    named('seven-mistakes'),
  );
  expect(code).toBe(1);
  const [first, ...lines] = err.trimEnd().split('\n');
  expect(first).toBe('The InferenceService "seven-mistakes" is invalid: ');
  expect(lines).toHaveLength(7);
  expect(lines.map((line) => /\(([a-z-]+)\)$/.exec(line)?.[1])).toEqual([
    'parallel-size-env',
    'parallel-size',
    'storage-uri',
    'autoscaler-class',
    'deployment-mode',
    'head-replicas',
    'canary',
  ]);
});

test('kubectl diff after apply is empty', async () => {
  const object = multiNode('diffed');
  await world.must(['apply', '-f', '-'], object);
  expect(await world.kubectl(['diff', '-f', '-'], object)).toMatchObject({ code: 0, out: '' });
  object.spec.predictor.workerSpec.pipelineParallelSize = 4;
  const { code, out } = await world.kubectl(['diff', '-f', '-'], object);
  expect(code).toBe(1);
  expect(out).toContain('+      pipelineParallelSize: 4');
  expect(out).toMatch(/-\s+value: "2"\n\+\s+value: "4"/);
});

type Way = 'apply' | 'server-side' | 'replace';
const WAYS: Readonly<Record<Way, readonly string[]>> = {
  apply: ['apply', '-f', '-'],
  'server-side': ['apply', '--server-side', '--force-conflicts', '-f', '-'],
  replace: ['replace', '-f', '-'],
};
const SEQUENCES: readonly { readonly name: string; readonly ways: readonly Way[] }[] = [
  { name: 'client-side apply', ways: ['apply', 'apply', 'apply'] },
  { name: 'server-side apply', ways: ['server-side', 'server-side', 'server-side'] },
  { name: 'replace', ways: ['replace', 'replace', 'replace'] },
  { name: 'mixed', ways: ['apply', 'server-side', 'replace', 'server-side', 'apply', 'replace', 'apply'] },
];

const MANIFESTS: readonly { readonly name: string; readonly change: (object: Loose) => void }[] = [
  { name: 'sizes and worker GPUs given', change: () => {} },
  {
    name: 'case 2: TP 16 over 8 x 2',
    change: ({ spec }) => {
      spec.predictor.workerSpec.tensorParallelSize = 16;
      delete spec.predictor.workerSpec.pipelineParallelSize;
    },
  },
  {
    name: 'limits only',
    change: ({ spec }) => delete spec.predictor.workerSpec.containers[0].resources.requests,
  },
  {
    name: 'env of the author',
    change: ({ spec }) => {
      spec.predictor.model.env = [
        { name: 'MODEL_NAME', value: 'mine' },
        { name: 'LOG', value: 'debug' },
      ];
      spec.predictor.workerSpec.containers[0].env = [{ name: 'NCCL_DEBUG', value: 'INFO' }];
    },
  },
  { name: 'no worker container', change: ({ spec }) => delete spec.predictor.workerSpec.containers },
  {
    name: 'no annotations, the old mode',
    change: ({ metadata }) => {
      metadata.annotations = { 'serving.kserve.io/deploymentMode': 'RawDeployment' };
    },
  },
];

/** Creates, then goes through a sequence. @returns each version that was stored on the way */
async function walk(object: Loose, ways: readonly Way[]): Promise<Set<string>> {
  const { name, namespace } = object.metadata;
  const [first] = ways;
  await world.must(first === 'replace' ? ['create', '-f', '-'] : WAYS[first ?? 'apply'], object);
  const versions = new Set<string>();
  for (const way of ways) {
    await world.must(WAYS[way], object);
    const stored = await world.get(name, namespace);
    versions.add(stored.metadata.resourceVersion);
  }
  return versions;
}

/**
 * A replace takes our env out of workerSpec.containers before we put it back, so the API server makes the
 * replacing client owner of that list, which is atomic in KServe's CRD. The server-side apply after it takes
 * the ownership back: one more version, of managedFields alone, which no webhook can prevent.
 */
function retaken(ways: readonly Way[]): number {
  return ways.filter((way, index) => way === 'server-side' && ways[index - 1] === 'replace').length;
}

/** Versions without headcount, by manifest and sequence. */
const without = new Map<string, number>();

describe.each([
  { webhook: 'no other webhook', configuration: null },
  { webhook: "KServe's defaulter before ours", configuration: 'inferenceservice.example.com' },
  { webhook: 'a defaulter after ours', configuration: 'zz-defaulter.example.com' },
])('the same manifest again, $webhook', ({ configuration }) => {
  let stop = async (): Promise<void> => {};
  let calls = () => 1;
  beforeAll(async () => {
    if (configuration === null) return;
    ({ stop, calls } = await startDefaulter(world.cluster, configuration));
    for (const until = Date.now() + 10_000; calls() === 0 && Date.now() < until;) {
      await world.create(multiNode('probe'), '?dryRun=All');
    }
  });
  afterAll(async () => {
    expect(calls()).toBeGreaterThan(0);
    await stop();
  });

  test.each(MANIFESTS)('$name', async ({ name: manifestName, change }) => {
    // The mixed one meets every way: the others are run for one manifest, and for all on demand.
    const all = FULL || (configuration === null && manifestName === MANIFESTS[0]?.name);
    const sequences = all ? SEQUENCES : SEQUENCES.slice(-1);
    for (const [index, { name, ways }] of sequences.entries()) {
      const object = multiNode(`again-${index}`, change);
      // The twin is stored without headcount: what moves there is kubectl's own doing.
      const twin = { ...object, metadata: { ...object.metadata, namespace: 'exempt' } };
      const ours = await walk(object, ways);
      const key = `${manifestName}, ${name}`;
      without.set(key, without.get(key) ?? (await walk(twin, ways)).size);
      const stored = await world.get(object.metadata.name);
      await world.remove(object.metadata.name);
      await world.remove(object.metadata.name, 'exempt');
      expect({ name, generation: stored.metadata.generation }).toEqual({ name, generation: 1 });
      expect(ours.size).toBeLessThanOrEqual((without.get(key) ?? 0) + retaken(ways));
    }
  });

  test('a name that the API server makes', async () => {
    const object = multiNode('x');
    object.metadata = { ...object.metadata, name: undefined, generateName: 'made-' };
    const out = JSON.parse(await world.must(['create', '-o', 'json', '-f', '-'], object));
    expect(out.metadata).toMatchObject({ generation: 1, name: expect.stringMatching(/^made-./) });
    const names = out.spec.predictor.workerSpec.containers[0].env.map((entry: Loose) => entry.name);
    expect(names).toEqual(['RAY_NODE_COUNT', 'REQUEST_GPU_COUNT']);
    await world.remove(out.metadata.name);
  });
});

/** Both are stored objects; what differs by nature is taken out, the generations are checked on the way. */
function comparable(stored: Loose): Loose {
  const { generation, name, annotations } = stored.metadata;
  const text = JSON.stringify({
    spec: stored.spec,
    annotations: { ...annotations, ['kubectl.kubernetes.io/last-applied-configuration']: '' },
  });
  for (const [, found] of text.matchAll(/-(?:head|workers)-(\d+)/g)) expect(Number(found)).toBe(generation);
  return JSON.parse(text.replaceAll(name, 'NAME').replaceAll(/-(head|workers)-\d+/g, '-$1-N'));
}

const EDITS: readonly { readonly name: string; readonly edit: (object: Loose) => void }[] = [
  { name: 'PP', edit: ({ spec }) => (spec.predictor.workerSpec.pipelineParallelSize = 4) },
  { name: 'TP', edit: ({ spec }) => (spec.predictor.workerSpec.tensorParallelSize = 4) },
  {
    name: 'GPUs of the worker',
    edit: ({ spec }) => (spec.predictor.workerSpec.containers[0].resources = gpus(4)),
  },
  {
    name: 'GPU vendor',
    edit: ({ spec }) => (spec.predictor.workerSpec.containers[0].resources = gpus(8, 'amd.com/gpu')),
  },
  { name: 'PP removed', edit: ({ spec }) => delete spec.predictor.workerSpec.pipelineParallelSize },
  { name: 'stopped', edit: ({ metadata }) => (metadata.annotations['serving.kserve.io/stop'] = 'true') },
  { name: 'replicas stated', edit: ({ spec }) => (spec.predictor.minReplicas = 1) },
  { name: 'workerSpec removed', edit: ({ spec }) => delete spec.predictor.workerSpec },
];

describe.each(Object.keys(WAYS) as Way[])('an edit by %s equals a fresh create', (way) => {
  test.each(EDITS)('$name', async ({ edit }) => {
    const before = multiNode('edited');
    const after = multiNode('edited', edit);
    for (const [from, to] of [
      [before, after],
      [after, before],
    ] as const) {
      const create = way === 'replace' ? ['create', '-f', '-'] : WAYS[way];
      await world.must(create, from);
      await world.must(WAYS[way], to);
      const edited = comparable(await world.get('edited'));
      await world.remove('edited');
      await world.must(create, to);
      expect(edited).toEqual(comparable(await world.get('edited')));
      await world.remove('edited');
    }
  });
});

describe('what is not judged, on objects that break the rules', () => {
  const broken = multiNode('broken', ({ spec }) => {
    spec.predictor.minReplicas = 3;
    spec.predictor.model.storageUri = 's3://bucket/model';
    spec.predictor.model.env = [{ name: 'TENSOR_PARALLEL_SIZE', value: '8' }];
  });

  /** The objects were there before headcount was. */
  async function storeUnjudged(name: string): Promise<void> {
    const kinds = ['mutatingwebhookconfigurations', 'validatingwebhookconfigurations'];
    const saved = await Promise.all(
      kinds.map(async (kind) =>
        JSON.parse(await world.must(['get', kind, 'multinode.headcount.dev', '-o', 'json'])),
      ),
    );
    await world.must(['delete', kinds.join(','), 'multinode.headcount.dev']);
    const object = { ...broken, metadata: { ...broken.metadata, name, finalizers: ['example.com/wait'] } };
    for (let status = 0; status !== 201;) ({ status } = await world.create(object));
    for (const configuration of saved) {
      const { annotations, name: kept } = configuration.metadata;
      await world.must(['create', '-f', '-'], { ...configuration, metadata: { annotations, name: kept } });
    }
    for (let status = 0; status !== 422;)
      ({ status } = await world.create(
        multiNode('probe', ({ spec }) => (spec.predictor.minReplicas = 3)),
        '?dryRun=All',
      ));
  }

  test.each([{ up: true }, { up: false }])('headcount up: $up', async ({ up }) => {
    const name = up ? 'broken-up' : 'broken-down';
    await storeUnjudged(name);
    if (!up) await world.headcount.stop();
    await world.must(['label', 'isvc', '-n', 'team', name, 'team=ml']);
    const { status } = await world.cluster.call(
      'PATCH',
      `${service('team', name)}/status`,
      { status: { url: 'http://x.example.com' } },
      { type: 'application/merge-patch+json' },
    );
    expect(status).toBe(200);
    await world.must(['delete', 'isvc', '-n', 'team', name, '--wait=false']);
    await world.must([
      'patch',
      'isvc',
      '-n',
      'team',
      name,
      '--type=merge',
      '-p',
      '{"metadata":{"finalizers":null}}',
    ]);
    expect(await world.get(name)).toBeNull();
  });

  test('headcount down: single-node services go on, multi-node ones are refused', async () => {
    const single = multiNode('single', ({ spec }) => delete spec.predictor.workerSpec);
    await world.must(['apply', '-f', '-'], single);
    await world.must(['delete', 'isvc', '-n', 'team', 'single']);
    const { code, err } = await world.kubectl(['apply', '-f', '-'], multiNode('double'));
    expect(code).toBe(1);
    expect(err).toContain('failed calling webhook "judged.multinode.headcount.dev"');
  });
});
