/**
 * A service over its life: each edit, by whatever hand, leaves what a fresh create of its author's meaning would give,
 * and nothing moves where the author means the same as before.
 */
import { describe, expect, test } from '@jest/globals';
import { APPLIED, DEPLOYMENT_MODE, LAST_APPLIED } from '../../src/kserve/annotations.ts';
import { readProvenance } from '../../src/mutation/record.ts';
import { ApiServer, clusterOf, configOf } from '../support/helpers.ts';
import { minimalRuntime, minimalService, type Loose } from '../rules/cases.ts';

const GPU = 'nvidia.com/gpu';
const worker = (resources: Loose): Loose => [{ name: 'worker-container', resources }];

function manifest(tensor: number, pipeline: number | null, resources: Loose): Loose {
  const service = minimalService();
  delete service.spec.predictor.model.resources;
  service.spec.predictor.workerSpec = { tensorParallelSize: tensor, containers: worker(resources) };
  if (pipeline !== null) service.spec.predictor.workerSpec.pipelineParallelSize = pipeline;
  return service;
}

/** A write by server-side apply: the manifest's fields over the stored ones, lists whole, and an owner for each. */
function serverSideApplied(server: ApiServer, author: Loose, time: string): Loose {
  const object = server.stored === null ? structuredClone(author) : structuredClone(server.stored);
  const { workerSpec } = author.spec.predictor;
  Object.assign((object.spec.predictor.workerSpec ??= {}), structuredClone(workerSpec));
  const fields = Object.fromEntries(Object.keys(workerSpec).map((key) => [`f:${key}`, {}]));
  object.metadata.managedFields = [
    {
      manager: 'kubectl',
      operation: 'Apply',
      time,
      fieldsV1: { 'f:spec': { 'f:predictor': { 'f:workerSpec': fields } } },
    },
  ];
  return object;
}

const planOf = ({ spec }: Loose): unknown => [
  spec.predictor.workerSpec.tensorParallelSize,
  spec.predictor.workerSpec.pipelineParallelSize,
  spec.predictor.model.env.find(({ name }: Loose) => name === 'RAY_NODE_COUNT').value,
  spec.predictor.workerSpec.containers[0].resources.requests?.[GPU],
];

describe('server-side apply replaces the list of containers', () => {
  test.each<[string, Loose[]]>([
    ['requests, then limits', [{ requests: { [GPU]: '8' } }, { limits: { [GPU]: '8' } }]],
    [
      'requests, both, then limits',
      [
        { requests: { [GPU]: '8' } },
        { requests: { [GPU]: '8' }, limits: { [GPU]: '8' } },
        { limits: { [GPU]: '8' } },
      ],
    ],
  ])('%s: the count stays', async (_what, steps) => {
    const server = new ApiServer();
    for (const [index, resources] of steps.entries()) {
      await server.write(serverSideApplied(server, manifest(8, 2, resources), String(index)));
      expect(planOf(server.stored)).toEqual([8, 2, '2', '8']);
    }
  });

  test("a count of the runtime's that the author now writes out is the author's", async () => {
    const runtime = minimalRuntime();
    runtime.spec.workerSpec.containers[0].resources = { requests: { [GPU]: '8' } };
    const server = new ApiServer(clusterOf([runtime]));
    const silent = manifest(8, 2, {});
    delete silent.spec.predictor.workerSpec.containers;
    await server.write(serverSideApplied(server, silent, '0'));
    await server.write(serverSideApplied(server, manifest(8, 2, { requests: { [GPU]: '8' } }), '1'));
    const { wrote } = JSON.parse(server.stored.metadata.annotations[APPLIED]);
    expect(wrote).not.toContainEqual(['worker.requests', GPU, '8']);
  });

  test('amd instead of nvidia: head and worker follow', async () => {
    const server = new ApiServer();
    await server.write(serverSideApplied(server, manifest(8, 2, { requests: { 'amd.com/gpu': '8' } }), '0'));
    await server.write(serverSideApplied(server, manifest(8, 2, { requests: { [GPU]: '8' } }), '1'));
    expect(server.stored.spec.predictor.model.resources.requests).toEqual({ [GPU]: '8' });
  });
});

test('a manifest of an earlier apply says nothing of what was patched since', async () => {
  const server = new ApiServer();
  await server.apply(manifest(16, null, { requests: { [GPU]: '8' } }));
  expect(planOf(server.stored)).toEqual([8, 2, '2', '8']);
  const patched = structuredClone(server.stored);
  patched.spec.predictor.workerSpec.tensorParallelSize = 32;
  await server.write(patched);
  expect(planOf(server.stored)).toEqual([8, 4, '4', '8']);
  const annotated = structuredClone(server.stored);
  annotated.metadata.annotations['serving.kserve.io/enable-prometheus-scraping'] = 'true';
  const { mutate } = await server.write(annotated);
  expect(planOf(server.stored)).toEqual([8, 4, '4', '8']);
  expect(JSON.stringify(mutate)).not.toContain('the runtime');
});

test('sizes that the author now spells out as headcount had derived them are the author’s', async () => {
  const server = new ApiServer();
  await server.apply(manifest(16, null, { requests: { [GPU]: '8' } }));
  await server.apply(manifest(8, 2, { requests: { [GPU]: '8' } }));
  expect(server.stored.metadata.generation).toBe(1);
  const patched = structuredClone(server.stored);
  patched.spec.predictor.workerSpec.containers = worker({ requests: { [GPU]: '4' } });
  await server.write(patched);
  expect(planOf(server.stored)).toEqual([8, 2, '4', '4']);
});

test('a service from before headcount that is applied again unchanged stays as it is', async () => {
  const server = new ApiServer();
  server.stored = { ...manifest(8, 2, { requests: { [GPU]: '8' } }) };
  server.stored.metadata.generation = 3;
  const { mutate } = await server.apply(manifest(8, 2, { requests: { [GPU]: '8' } }));
  expect(mutate).toMatchObject({ outcome: 'allow', patch: [] });
  expect(server.stored.metadata.generation).toBe(3);
});

test('a first apply after a create leaves the record as it is', async () => {
  const server = new ApiServer();
  const service = manifest(8, 2, { requests: { [GPU]: '8' } });
  delete service.metadata.annotations;
  await server.write(service);
  const record = server.stored.metadata.annotations[APPLIED];
  const applied = structuredClone(server.stored);
  applied.metadata.annotations[LAST_APPLIED] = JSON.stringify(service);
  await server.write(applied);
  expect(server.stored.metadata.annotations[APPLIED]).toBe(record);
});

/** `kubectl get -o yaml`, an edit, `kubectl replace`: kubectl writes the whole object into last-applied. */
function readBack(stored: Loose, edit: (object: Loose) => void): Loose {
  const object = structuredClone(stored);
  edit(object);
  const { [LAST_APPLIED]: _earlier, ...annotations } = object.metadata.annotations;
  const text = JSON.stringify({ ...object, metadata: { ...object.metadata, annotations } });
  object.metadata.annotations[LAST_APPLIED] = text;
  return object;
}

describe('an object that was read from the cluster and sent back', () => {
  test('our values in it stay ours', async () => {
    const server = new ApiServer();
    await server.apply(manifest(8, 2, { requests: { [GPU]: '8' } }));
    const record = server.stored.metadata.annotations[APPLIED];
    await server.write(readBack(server.stored, ({ metadata }) => (metadata.labels = { team: 'ml' })));
    expect(server.stored.metadata).toMatchObject({ generation: 1, labels: { team: 'ml' } });
    expect(server.stored.metadata.annotations[APPLIED]).toBe(record);
    await server.write(
      readBack(
        server.stored,
        ({ spec }) => (spec.predictor.workerSpec.containers[0].resources.requests[GPU] = '4'),
      ),
    );
    expect(planOf(server.stored)).toEqual([8, 2, '4', '4']);
  });

  test("the next apply takes out nothing of ours or of somebody else's", async () => {
    const server = new ApiServer();
    const author = manifest(8, 2, { requests: { [GPU]: '8' } });
    delete author.spec.predictor.workerSpec.tensorParallelSize;
    await server.apply(author);
    await server.write(readBack(server.stored, ({ metadata }) => (metadata.labels = { team: 'ml' })));
    expect(server.stored.metadata.annotations[LAST_APPLIED]).not.toContain('tensorParallelSize');
    const patch = structuredClone(server.stored);
    patch.spec.predictor.workerSpec.tensorParallelSize = 16;
    await server.write(patch);
    await server.apply(author);
    expect(server.stored.spec.predictor.workerSpec.tensorParallelSize).toBe(16);
  });
});

test('the same manifest replaced: an annotation that we had changed stays changed', async () => {
  const server = new ApiServer();
  const author = manifest(8, 2, { requests: { [GPU]: '8' } });
  author.metadata.annotations = { [DEPLOYMENT_MODE]: 'RawDeployment' };
  await server.apply(author);
  await server.write(structuredClone(author));
  expect(server.stored.metadata.annotations[DEPLOYMENT_MODE]).toBe('Standard');
  expect(server.stored.metadata.generation).toBe(1);
});

test('a value of ours that was taken out while headcount was away, and that somebody now states, is theirs', async () => {
  const server = new ApiServer();
  await server.write(manifest(8, null, { requests: { [GPU]: '8' } }));
  delete server.stored.spec.predictor.workerSpec.pipelineParallelSize;
  const patch = structuredClone(server.stored);
  patch.spec.predictor.workerSpec.pipelineParallelSize = 1;
  await server.write(patch);
  expect(server.stored.spec.predictor.workerSpec.pipelineParallelSize).toBe(1);
  const { wrote } = JSON.parse(server.stored.metadata.annotations[APPLIED]);
  expect(wrote).not.toContainEqual(['size', 'pipelineParallelSize', 1]);
});

describe('limits that would leave too few GPUs as requests', () => {
  const live = (): Loose => {
    const service = manifest(4, 2, { limits: { [GPU]: '4' } });
    service.spec.predictor.model.resources = { limits: { [GPU]: '1' } };
    return service;
  };

  test('are not copied: KServe runs what it would run without headcount', async () => {
    const server = new ApiServer();
    const { mutate } = await server.apply(live());
    expect(mutate.outcome).toBe('allow');
    expect(planOf(server.stored)).toEqual([4, 2, '8', undefined]);
    expect(JSON.stringify(mutate)).toContain('KServe counts requests, not limits');
  });

  test('do not refuse the stop annotation on a live service', async () => {
    const server = new ApiServer();
    server.stored = { ...live() };
    server.stored.metadata.generation = 1;
    const stopped = structuredClone(server.stored);
    stopped.metadata.annotations['serving.kserve.io/stop'] = 'true';
    const { mutate, validate } = await server.write(stopped);
    expect([mutate.outcome, validate?.outcome]).toEqual(['allow', 'allow']);
  });
});

test('more GPU types than the record holds: what does not fit is not written, and all of ours goes with workerSpec', async () => {
  const server = new ApiServer();
  const service = manifest(8, 2, { requests: { [GPU]: '8' } });
  const names = Array.from({ length: 40 }, (_, index) => `rdma/nic-${index}`);
  service.metadata.annotations['serving.kserve.io/gpu-resource-types'] = JSON.stringify([GPU, ...names]);
  const networks = Object.fromEntries(names.map((name) => [name, '1']));
  service.spec.predictor.model.resources = { limits: { [GPU]: '8', ...networks } };
  service.spec.predictor.workerSpec.containers[0].resources.limits = { [GPU]: '8', ...networks };
  await server.apply(service);
  expect(await server.ask('mutate', server.stored)).toMatchObject({ outcome: 'allow', patch: [] });
  delete service.spec.predictor.workerSpec;
  await server.apply(service);
  expect(server.stored.spec).toEqual(service.spec);
});

describe('what the record can not hold is not written, and the second round finds nothing to do', () => {
  const LONG = 'g'.repeat(9_000);
  test.each<[string, readonly string[], Loose]>([
    ['a GPU type with a name of 9,000 characters', [`example.com/${LONG}`], '8'],
    ['a number that is not whole', ['nvidia.com/mig-1g.5gb'], 3.5],
    ['a number beyond 2^53', ['nvidia.com/mig-1g.5gb'], 1e300],
    ['a count with 9,000 digits', ['nvidia.com/mig-1g.5gb'], '0'.repeat(9_000)],
    [
      'twelve names as long as Kubernetes takes them',
      Array.from({ length: 12 }, (_, n) => `${'d'.repeat(253)}/${String(n).padStart(63, 'n')}`),
      null,
    ],
  ])('%s', async (_what, types, count) => {
    const service = manifest(8, 2, {});
    service.metadata.annotations['serving.kserve.io/gpu-resource-types'] = JSON.stringify(types);
    const given = Object.fromEntries(count === null ? [] : types.map((type) => [type, count]));
    service.spec.predictor.model.resources = { requests: given };
    service.spec.predictor.workerSpec.containers[0].resources = { requests: given };
    const runtime = minimalRuntime();
    const limits = Object.fromEntries(types.map((type) => [type, '8']));
    runtime.spec.containers[0].resources = { limits };
    runtime.spec.workerSpec.containers[0].resources = { limits };
    const api = new ApiServer(clusterOf([runtime]), configOf({ enforcement: 'warn' }));
    await api.write(service);
    expect(readProvenance(api.stored)).not.toBeNull();
    expect(await api.ask('mutate', api.stored)).toMatchObject({ outcome: 'allow', patch: [] });
    const { resources } = api.stored.spec.predictor.model;
    expect(resources).toEqual(count === null ? { requests: limits, limits } : { requests: given });
  });
});

test('env of ours goes where the author has given the same name before it', async () => {
  const server = new ApiServer();
  await server.apply(manifest(8, 2, { requests: { [GPU]: '8' } }));
  const edited = structuredClone(server.stored);
  edited.spec.predictor.model.env.unshift({ name: 'MODEL_DIR', value: '/data' });
  await server.write(edited);
  const dirs = server.stored.spec.predictor.model.env.filter(({ name }: Loose) => name === 'MODEL_DIR');
  expect(dirs).toEqual([{ name: 'MODEL_DIR', value: '/data' }]);
});
