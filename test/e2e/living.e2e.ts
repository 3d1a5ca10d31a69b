/**
 * The lives of services on live KServe: whoever writes them, and by whichever verb, what KServe has deployed is what
 * a fresh create of the author's meaning would give; the generation moves only when that changes; and whoever changes
 * a runtime is told what becomes of the services on it.
 */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import type { Loose } from '../rules/cases.ts';
import { kserveRuntime, type KServe } from './cluster/kserve.ts';
import { freshPods, Life } from './life.ts';
import { gpus, multiNode, withoutHeadcount, World } from './world.ts';

const NO_COUNT = /no count is given/;
const RUNTIME_CHANGED = /runtime has changed/;
const TWO_OF_8 = { head: '1 x 8 nvidia.com/gpu', worker: '1 x 8 nvidia.com/gpu' };

let world: World;
let kserve: KServe;
beforeAll(async () => {
  ({ world, kserve } = await World.startWithKServe({ namespaces: ['team', 'fresh'] }));
  for (const namespace of ['team', 'fresh']) await world.createClaim(namespace, 'models', 'ReadWriteMany');
});
afterAll(async () => {
  await kserve?.stop();
  await world?.stop();
});

/** A service of TP 8 and PP 2 whose worker container has these resources. */
const withWorkers = (name: string, resources: Loose): Loose =>
  multiNode(name, ({ spec }) => (spec.predictor.workerSpec.containers[0].resources = resources));

/** A service that leaves all counts to its runtime. */
const withoutCounts = (name: string, change: (service: Loose) => void = () => {}): Loose =>
  multiNode(name, (service) => {
    delete service.spec.predictor.workerSpec.containers;
    change(service);
  });

/** KServe's default runtime under another name, for the services of one test. */
function runtime(
  name: string,
  head: Loose,
  worker: Loose,
  change: (object: Loose) => void = () => {},
): Loose {
  const object = parse(kserveRuntime());
  object.metadata = { ...object.metadata, name };
  // KServe takes no two runtimes of one priority for a format.
  object.spec.supportedModelFormats = [{ name: 'huggingface' }];
  object.spec.containers[0].resources = head;
  object.spec.workerSpec.containers[0].resources = worker;
  change(object);
  return object;
}

/** Applies a runtime, and waits for what KServe does with the services on it. @returns the warnings */
async function applyRuntime(object: Loose): Promise<string> {
  const { code, err } = await world.kubectl(['apply', '-f', '-'], object);
  if (code !== 0) throw new Error(`runtime ${object.metadata.name}: ${err}`);
  await kserve.rest();
  return err;
}

describe("1. a count that is server-side applied stays the author's", () => {
  const requests = (type = 'nvidia.com/gpu'): Loose => ({ requests: { [type]: '8' } });
  const limits = (type = 'nvidia.com/gpu'): Loose => ({ limits: { [type]: '8' } });

  test.each([
    { name: 'limits in place of requests', resources: [requests(), limits(), limits()] },
    { name: 'requests, then both, then limits', resources: [requests(), gpus(8), limits(), limits()] },
    { name: 'limits, then requests', resources: [limits(), requests(), requests()] },
  ])('$name', async ({ name, resources }) => {
    const life = new Life(world, kserve, name.replaceAll(/\W+/g, '-'));
    for (const given of resources) {
      const warnings = await life.applyServerSide(withWorkers(life.name, given));
      expect(warnings.join('\n')).not.toMatch(NO_COUNT);
      expect(await life.pods()).toEqual(TWO_OF_8);
      expect(await life.generations()).toEqual({ service: 1, head: 1, worker: 1 });
    }
  });

  test('of another vendor', async () => {
    const life = new Life(world, kserve, 'another-vendor');
    for (const given of [requests('amd.com/gpu'), limits('amd.com/gpu')]) {
      await life.applyServerSide(withWorkers(life.name, given));
      expect(await life.pods()).toEqual({ head: '1 x 8 amd.com/gpu', worker: '1 x 8 amd.com/gpu' });
    }
    await life.applyServerSide(withWorkers(life.name, requests()));
    expect(await life.pods()).toEqual(TWO_OF_8);
  });

  test("that was the runtime's before", async () => {
    await applyRuntime(runtime('written-out', {}, gpus(8)));
    const life = new Life(world, kserve, 'written-out');
    const on = (service: Loose): Loose => {
      service.spec.predictor.model.runtime = 'written-out';
      return service;
    };
    await life.applyServerSide(on(withoutCounts(life.name)));
    await life.applyServerSide(on(withWorkers(life.name, requests())));
    expect(await life.pods()).toEqual(TWO_OF_8);
    expect((await life.generations()).service).toBe(1);
    // The author's count no longer follows the runtime's.
    await applyRuntime(runtime('written-out', {}, gpus(4)));
    await life.patch({ spec: { predictor: { minReplicas: 1 } } });
    expect(await life.pods()).toEqual(TWO_OF_8);
  });
});

describe('2. a patch counts more than the manifest that was applied before it', () => {
  test('a size that is patched stays, whoever writes next', async () => {
    const life = new Life(world, kserve, 'patched');
    await life.apply(
      multiNode(life.name, ({ spec }) => {
        spec.predictor.workerSpec.tensorParallelSize = 16;
        delete spec.predictor.workerSpec.pipelineParallelSize;
      }),
    );
    expect(await life.pods()).toEqual(TWO_OF_8);
    await life.patch({ spec: { predictor: { workerSpec: { tensorParallelSize: 32 } } } });
    const fourOf8 = { head: '1 x 8 nvidia.com/gpu', worker: '3 x 8 nvidia.com/gpu' };
    expect(await life.pods()).toEqual(fourOf8);

    const warnings = [
      ...(await life.annotate('example.com/owner=ml')),
      ...(await life.patch({ spec: { predictor: { minReplicas: 1 } } })),
    ];
    expect(await life.pods()).toEqual(fourOf8);
    expect((await life.generations()).service).toBe(3);
    expect(warnings.join('\n')).not.toMatch(RUNTIME_CHANGED);
  });

  test('a value that is patched away stays away', async () => {
    const life = new Life(world, kserve, 'patched-away');
    await life.apply(
      multiNode(life.name, ({ spec }) => {
        spec.predictor.workerSpec.pipelineParallelSize = 4;
        spec.predictor.model.env = [{ name: 'MODEL_NAME', value: 'llama' }];
      }),
    );
    await life.patch([
      { op: 'remove', path: '/spec/predictor/workerSpec/pipelineParallelSize' },
      { op: 'remove', path: '/spec/predictor/model/env' },
    ]);
    const oneOf8 = { head: '1 x 8 nvidia.com/gpu', worker: 'none' };
    expect(await life.pods()).toEqual(oneOf8);
    await life.annotate('example.com/owner=ml');
    await life.patch({ spec: { predictor: { minReplicas: 1 } } });
    expect(await life.pods()).toEqual(oneOf8);
    expect((await life.stored()).spec.predictor.model.env).not.toContainEqual({
      name: 'MODEL_NAME',
      value: 'llama',
    });
  });
});

describe("3. a runtime's change is told with what KServe makes of each service at once", () => {
  const on = (name: string): Loose =>
    withoutCounts(name, ({ spec }) => (spec.predictor.model.runtime = name));

  test('another vendor, beside the counts that services state: refused unless it is meant', async () => {
    await applyRuntime(runtime('vendor', gpus(8), gpus(8)));
    const life = new Life(world, kserve, 'vendor');
    await life.create(on('vendor'));
    expect(await life.pods()).toEqual(TWO_OF_8);

    const amd = runtime('vendor', gpus(8, 'amd.com/gpu'), gpus(8, 'amd.com/gpu'));
    const refused = await world.kubectl(['apply', '-f', '-'], amd);
    expect(refused.code).toBe(1);
    expect(refused.err).toContain('(runtime-change)');
    expect(refused.err).toMatch(/team\/vendor\b.*2 pods/);
    await kserve.rest();
    expect(await life.pods()).toEqual(TWO_OF_8);

    amd.metadata.annotations['headcount.dev/allow-breaking'] = 'true';
    expect(await applyRuntime(amd)).toMatch(/^Warning: .*team\/vendor\b.*\(runtime-change\)$/m);
  });

  test('the mp back end: the pods and GPUs before and after', async () => {
    await applyRuntime(runtime('executor', gpus(4), gpus(4)));
    const life = new Life(world, kserve, 'executor');
    await life.create(on('executor'));
    expect(await life.pods()).toEqual({ head: '1 x 4 nvidia.com/gpu', worker: '3 x 4 nvidia.com/gpu' });

    const mp = runtime('executor', gpus(4), gpus(4), ({ spec }) => {
      spec.annotations['multinode/executor-backend'] = 'mp';
    });
    const warnings = await applyRuntime(mp);
    expect(await life.pods()).toEqual(TWO_OF_8);
    expect(warnings).toMatch(/^Warning: .*team\/executor\b.*4 pods.*2 pods.*\(runtime-change\)$/m);
  });

  test('a count that services have copied: they keep it until their next edit', async () => {
    await applyRuntime(runtime('counted', {}, gpus(8)));
    const life = new Life(world, kserve, 'counted');
    await life.create(on('counted'));
    const warnings = await applyRuntime(runtime('counted', {}, gpus(4)));
    expect(await life.pods()).toEqual(TWO_OF_8);
    expect(warnings).toMatch(/^Warning: .*team\/counted\b.*2 pods.*4 pods.*\(runtime-change\)$/m);
    const edit = await life.patch({ spec: { predictor: { minReplicas: 1 } } });
    expect(await life.pods()).toEqual(await freshPods(world, kserve, on('counted')));
    expect(edit.join('\n')).toMatch(/\(rollout\)$/m);
  });
});

describe('4. replacing a service by its own file changes nothing', () => {
  test.each([
    { name: 'no worker container', change: () => {} },
    {
      name: 'a worker container with a name alone',
      change: ({ spec }: Loose) => (spec.predictor.workerSpec.containers = [{ name: 'worker-container' }]),
    },
    {
      name: 'a count for the head alone',
      change: ({ spec }: Loose) => {
        spec.predictor.workerSpec = { tensorParallelSize: 1, pipelineParallelSize: 2 };
        spec.predictor.model.resources = { requests: { 'nvidia.com/gpu': '1' } };
      },
    },
    { name: 'an empty spec of workers', change: ({ spec }: Loose) => (spec.predictor.workerSpec = {}) },
  ])('$name', async ({ name, change }) => {
    const manifest = withoutCounts(name.replaceAll(' ', '-'), change);
    const life = new Life(world, kserve, manifest.metadata.name);
    await life.create(manifest);
    const created = await life.generations();
    expect(created).toMatchObject({ service: 1, head: 1 });
    for (let round = 1; round <= 3; round++) {
      await life.replace(manifest);
      expect({ round, ...(await life.generations()) }).toEqual({ round, ...created });
    }
  });
});

test('5. a service that ran before headcount came goes on: labels, stop and start', async () => {
  const life = new Life(world, kserve, 'long-running');
  const manifest = multiNode(life.name, ({ spec }) => {
    spec.predictor.model.resources = { requests: { 'nvidia.com/gpu': '1' } };
    spec.predictor.workerSpec.tensorParallelSize = 4;
    spec.predictor.workerSpec.containers[0].resources = { limits: { 'nvidia.com/gpu': '4' } };
  });
  await withoutHeadcount(world, () => life.create(manifest));
  // KServe reads no limits: the workers get a GPU each.
  const eightOfOne = { head: '1 x 1 nvidia.com/gpu', worker: '7 x 1 nvidia.com/gpu' };
  expect(await life.pods()).toEqual(eightOfOne);

  await life.must(['label', 'isvc', life.name, 'team=ml']);
  expect(await life.pods()).toEqual(eightOfOne);
  await life.annotate('serving.kserve.io/stop=true');
  expect(await life.pods()).toEqual({ head: null, worker: null });
  await life.annotate('serving.kserve.io/stop-');
  expect(await life.pods()).toEqual(eightOfOne);
});

/** Sizes, counts of two roles and nine names, env: more than any other service has. */
describe('6. a record of many entries is read again', () => {
  const CARDS = [1, 2, 3, 4, 5, 6, 7, 8].map((index) => `rdma/card_${index}`);
  const TYPES = { 'serving.kserve.io/gpu-resource-types': JSON.stringify(CARDS) };
  const cards = Object.fromEntries(CARDS.map((name) => [name, '1']));
  const resources = { requests: { ...gpus(8).requests, ...cards }, limits: { ...gpus(8).limits, ...cards } };
  const manifest = (name: string): Loose =>
    withoutCounts(name, ({ metadata, spec }) => {
      metadata.annotations = TYPES;
      spec.predictor.model.runtime = 'carded';
      spec.predictor.workerSpec = {};
    });
  beforeAll(async () => {
    const object = runtime('carded', resources, resources);
    Object.assign(object.spec.annotations, TYPES);
    Object.assign(object.spec.workerSpec, { tensorParallelSize: 8, pipelineParallelSize: 2 });
    await applyRuntime(object);
  });

  test('the env follows the sizes', async () => {
    const life = new Life(world, kserve, 'carded');
    await life.apply(manifest(life.name));
    await life.annotate('example.com/owner=ml');
    const edited = manifest(life.name);
    edited.spec.predictor.workerSpec.pipelineParallelSize = 4;
    await life.apply(edited);
    expect((await life.stored()).spec.predictor.model.env).toContainEqual({
      name: 'RAY_NODE_COUNT',
      value: '4',
    });
    expect(await life.pods()).toMatchObject({ worker: '3 x 8 nvidia.com/gpu' });
  });

  test('without workerSpec nothing of ours is left', async () => {
    const life = new Life(world, kserve, 'uncarded');
    await life.apply(manifest(life.name));
    await life.annotate('example.com/owner=ml');
    await life.patch([{ op: 'remove', path: '/spec/predictor/workerSpec' }]);
    const { model } = (await life.stored()).spec.predictor;
    expect({ resources: model.resources, env: model.env }).toEqual({ resources: {} });
  });
});

describe('7. the record is what we wrote, and nothing else', () => {
  test('it stays byte for byte while the spec stays', async () => {
    const life = new Life(world, kserve, 'recorded');
    const manifest = multiNode(life.name, ({ metadata }) => delete metadata.annotations);
    await life.create(manifest);
    const record = async (): Promise<string> =>
      (await life.stored()).metadata.annotations['headcount.dev/applied'];
    const [first, created] = [await record(), await life.generations()];
    await life.apply(manifest);
    await life.applyServerSide(manifest).catch(() => []);
    await life.must(['apply', '--server-side', '--force-conflicts', '-f', '-'], manifest);
    await life.annotate('example.com/owner=ml');
    expect(await record()).toBe(first);
    expect((await life.generations()).service).toBe(created.service);
  });

  test('a forged one does not keep /validate from a finding', async () => {
    const manifest = multiNode('forged', ({ metadata, spec }) => {
      spec.predictor.model.args = ['--tensor-parallel-size=4'];
      metadata.annotations['headcount.dev/applied'] = JSON.stringify({
        v: 1,
        wrote: [['size', 'tensorParallelSize', 8, 4]],
        made: [],
      });
    });
    const { code, err } = await withoutHeadcount(
      world,
      () => world.kubectl(['create', '-f', '-'], manifest),
      'mutatingwebhookconfigurations',
    );
    expect({ code, err }).toEqual({ code: 1, err: expect.stringContaining('(vllm-args)') });
  });

  test('an env that the author adds beside ours takes its place', async () => {
    const life = new Life(world, kserve, 'renamed');
    await life.create(multiNode(life.name));
    const value = { name: 'MODEL_NAME', value: 'llama' };
    await life.patch([{ op: 'add', path: '/spec/predictor/model/env/0', value }]);
    const { env } = (await life.stored()).spec.predictor.model;
    expect(env.filter(({ name }: Loose) => name === 'MODEL_NAME')).toEqual([value]);
  });
});

describe('8. two GPU types in one container are refused, on one node too', () => {
  test.each([
    {
      name: 'both in the service',
      change: ({ spec }: Loose) =>
        (spec.predictor.model.resources = { requests: { 'nvidia.com/gpu': '8', 'amd.com/gpu': '8' } }),
    },
    {
      name: 'one in the service, one in the head of the runtime',
      change: ({ spec }: Loose) => {
        spec.predictor.model.resources = gpus(8, 'amd.com/gpu');
        spec.predictor.model.runtime = 'nvidia-head';
      },
    },
  ])('$name', async ({ change }) => {
    await applyRuntime(runtime('nvidia-head', gpus(8), {}));
    const manifest = withoutCounts('mixed', ({ spec }) => {
      spec.predictor.workerSpec.pipelineParallelSize = 1;
      change({ spec });
    });
    const { code, err } = await world.kubectl(['create', '--dry-run=server', '-f', '-'], manifest);
    expect({ code, err }).toEqual({ code: 1, err: expect.stringContaining('(gpu-type-mix)') });
  });
});

describe('9. whoever takes workerSpec out is told of the workers that KServe keeps', () => {
  const single = (name: string): Loose => multiNode(name, ({ spec }) => delete spec.predictor.workerSpec);

  test.each<{ name: string; remove: (life: Life) => Promise<readonly string[]> }>([
    { name: 'apply', remove: (life) => life.apply(single(life.name)) },
    {
      name: 'patch',
      remove: (life) => life.patch([{ op: 'remove', path: '/spec/predictor/workerSpec' }]),
    },
  ])('by $name', async ({ name, remove }) => {
    const life = new Life(world, kserve, `removed-by-${name}`);
    await life.apply(multiNode(life.name));
    const warnings = await remove(life);
    expect(warnings).toContainEqual(
      expect.stringMatching(new RegExp(`${life.name}-predictor-worker.*8.*\\(rollout\\)$`)),
    );
    expect(await life.pods()).toEqual({ head: '1 x no GPU', worker: '1 x 8 nvidia.com/gpu' });
  });
});
