/**
 * What /mutate writes, and that it can be written again: re-applied, edited, taken out, without a trace of
 * the earlier plan. Every patch is applied by rfc6902, not by our own code.
 */
import { describe, expect, test } from '@jest/globals';
import { DEFAULTS } from '../../src/config/config.ts';
import { APPLIED, LAST_APPLIED } from '../../src/kserve/annotations.ts';
import type { KServeVersion } from '../../src/kserve/installed.ts';
import { ApiServer, clientSideApply, clusterOf, configOf, patched } from '../support/helpers.ts';
import { minimalRuntime, minimalService, type Loose } from '../rules/cases.ts';

const AUTOSCALER = 'serving.kserve.io/autoscalerClass';
const MODE = 'serving.kserve.io/deploymentMode';

/** The guide's case n on the minimal runtime, as its author would write it: worker counts only. */
function manifest(tensor: number | null, pipeline: number | null, worker: string | null): Loose {
  const service = minimalService();
  delete service.spec.predictor.model.resources;
  service.spec.predictor.workerSpec = {};
  const { workerSpec } = service.spec.predictor;
  if (tensor !== null) workerSpec.tensorParallelSize = tensor;
  if (pipeline !== null) workerSpec.pipelineParallelSize = pipeline;
  if (worker !== null) {
    workerSpec.containers = [
      { name: 'worker-container', resources: { requests: { 'nvidia.com/gpu': worker } } },
    ];
  }
  return service;
}

async function created(object: Loose, server = new ApiServer()): Promise<Loose> {
  await server.apply(object);
  return server.stored;
}

function envOf(container: Loose): Record<string, string> {
  return Object.fromEntries((container.env ?? []).map((entry: Loose) => [entry.name, entry.value]));
}

/** The object without what differs by construction: the record and what kubectl and the API server keep. */
function comparable(object: Loose): Loose {
  const copy = structuredClone(object);
  delete copy.metadata.generation;
  return copy;
}

describe('what is written', () => {
  test("the guide's case 1: sizes stay, both pods get 8 GPUs in requests and limits, and the wiring", async () => {
    const stored = await created(manifest(8, 2, '8'));
    const { model, workerSpec } = stored.spec.predictor;
    const gpus = { requests: { 'nvidia.com/gpu': '8' }, limits: { 'nvidia.com/gpu': '8' } };
    expect(model.resources).toEqual(gpus);
    expect(workerSpec.containers[0].resources).toEqual(gpus);
    expect(envOf(model)).toEqual({
      RAY_NODE_COUNT: '2',
      REQUEST_GPU_COUNT: '8',
      MODEL_NAME: 'llm',
      MODEL_DIR: '/mnt/models',
    });
    expect(envOf(workerSpec.containers[0])).toEqual({
      RAY_NODE_COUNT: '2',
      REQUEST_GPU_COUNT: '8',
      ISVC_NAME: 'llm',
      HEAD_SVC: 'llm-head-1',
      WORKER_SVC: 'llm-workers-1',
    });
  });

  test("the guide's case 2: TP 16 over workers of 8 becomes TP 8 x PP 2, and the record keeps the 16", async () => {
    const stored = await created(manifest(16, null, '8'));
    expect(stored.spec.predictor.workerSpec).toMatchObject({
      tensorParallelSize: 8,
      pipelineParallelSize: 2,
    });
    expect(JSON.parse(stored.metadata.annotations[APPLIED]).wrote).toContainEqual([
      'size',
      'tensorParallelSize',
      8,
      16,
    ]);
  });

  test.each([
    ['the service says keep', (s: Loose) => (s.metadata.annotations['headcount.dev/parallelism'] = 'keep')],
    ['the service states PP 1', (s: Loose) => (s.spec.predictor.workerSpec.pipelineParallelSize = 1)],
    ['the args state TP 16', (s: Loose) => (s.spec.predictor.model.args = ['--tensor-parallel-size=16'])],
    [
      'the head alone has all of TP',
      (s: Loose) => (s.spec.predictor.model.resources = { requests: { 'nvidia.com/gpu': '16' } }),
    ],
    [
      'TP is no multiple of the worker count',
      (s: Loose) => (s.spec.predictor.workerSpec.tensorParallelSize = 12),
    ],
  ])('case 2 is left alone where %s', async (_why, change) => {
    const service = manifest(16, null, '8');
    change(service);
    const stored = await created(service);
    expect(stored.spec.predictor.workerSpec.tensorParallelSize).toBe(
      service.spec.predictor.workerSpec.tensorParallelSize,
    );
    expect(stored.spec.predictor.workerSpec.pipelineParallelSize).toBe(1);
  });

  test('limits alone are copied to requests as they are spelled, and planned', async () => {
    const service = manifest(4, 2, null);
    service.spec.predictor.workerSpec.containers = [
      { name: 'worker-container', resources: { limits: { 'nvidia.com/gpu': 4 } } },
    ];
    const stored = await created(service);
    expect(stored.spec.predictor.workerSpec.containers[0].resources.requests).toEqual({
      'nvidia.com/gpu': 4,
    });
    expect(envOf(stored.spec.predictor.model).RAY_NODE_COUNT).toBe('2');
  });

  test('beside resources of the wrong type no count is written: the API server refuses them as they are', async () => {
    const service = manifest(4, 2, null);
    const resources = { requests: 'x', limits: { 'nvidia.com/gpu': '2' } };
    service.spec.predictor.model.resources = resources;
    // Where the rule denies, nothing is stored.
    const config = configOf({ rules: { 'unknown-field': 'warn' } });
    const stored = await created(service, new ApiServer(clusterOf(), config));
    expect(stored.spec.predictor.model.resources).toEqual(resources);
    expect(envOf(stored.spec.predictor.model).RAY_NODE_COUNT).toBe('8');
  });

  describe('limits of the head, for which KServe appends -gpu to the tag of its image', () => {
    const NAME = 'kserve-huggingfaceserver';
    const gpus = (part: string): Loose => ({ [part]: { 'nvidia.com/gpu': '8' } });
    const both = { ...gpus('requests'), ...gpus('limits') };

    async function onTagged(
      change: (service: Loose, runtime: Loose) => void,
      version: KServeVersion,
    ): Promise<Loose> {
      const runtime = minimalRuntime();
      runtime.metadata.name = NAME;
      runtime.spec.containers[0].image = 'registry/hf:1.2';
      runtime.spec.workerSpec.containers[0].image = 'registry/hf:1.2';
      const service = manifest(8, 2, '8');
      change(service, runtime);
      service.spec.predictor.model.runtime = runtime.metadata.name;
      const server = new ApiServer(clusterOf([runtime]), configOf({ kserve: { version } }));
      const stored = await created(service, server);
      await server.apply(service);
      expect(server.stored).toEqual(stored);
      expect(stored.spec.predictor.workerSpec.containers[0].resources).toEqual(both);
      return stored.spec.predictor.model.resources;
    }

    test.each<[string, (service: Loose, runtime: Loose) => void, KServeVersion]>([
      ['nothing is said of the head', () => {}, '0.19'],
      ['the head has requests', ({ spec }) => (spec.predictor.model.resources = gpus('requests')), '0.19'],
      [
        'the runtime states its server',
        (_, { metadata }) => {
          metadata.name = 'rt';
          metadata.annotations = { 'serving.kserve.io/server-type': 'huggingfaceserver' };
        },
        '0.20',
      ],
    ])('are not written where %s', async (_why, change, version) => {
      expect(await onTagged(change, version)).toEqual(gpus('requests'));
    });

    test.each<[string, (service: Loose, runtime: Loose) => void, KServeVersion]>([
      [
        'the author has written them',
        ({ spec }) => (spec.predictor.model.resources = gpus('limits')),
        '0.19',
      ],
      ['the runtime has them', (_, { spec }) => (spec.containers[0].resources = both), '0.19'],
      [
        'the worker runs that image',
        (_, { spec }) => (spec.workerSpec.containers[0].image = 'registry/hf:1.2-gpu'),
        '0.19',
      ],
      [
        'the image has a digest',
        (_, { spec }) => (spec.containers[0].image = 'registry/hf@sha256:00'),
        '0.19',
      ],
      ['the runtime has another name', (_, { metadata }) => (metadata.name = 'rt'), '0.19'],
      [
        'the release does not read the server',
        (_, { metadata }) => {
          metadata.name = 'rt';
          metadata.annotations = { 'serving.kserve.io/server-type': 'huggingfaceserver' };
        },
        '0.19',
      ],
    ])('stand where %s', async (_why, change, version) => {
      expect(await onTagged(change, version)).toEqual(both);
    });
  });

  test("the worker's GPU type is carried over to the head", async () => {
    const service = manifest(4, 2, null);
    service.spec.predictor.workerSpec.containers = [
      { name: 'worker-container', resources: { requests: { 'amd.com/gpu': '2' } } },
    ];
    const stored = await created(service);
    expect(stored.spec.predictor.model.resources.requests).toEqual({ 'amd.com/gpu': '2' });
  });

  test('with only the head given the worker stays unset, or KServe would plan other nodes', async () => {
    const service = manifest(4, 2, null);
    service.spec.predictor.model.resources = { requests: { 'nvidia.com/gpu': '2' } };
    const stored = await created(service);
    expect(stored.spec.predictor.workerSpec.containers[0].resources).toEqual({});
    expect(envOf(stored.spec.predictor.model).RAY_NODE_COUNT).toBe('7');
  });

  test('what the runtime says is written into the service, which then stands on its own', async () => {
    const runtime = minimalRuntime();
    runtime.spec.workerSpec.containers[0].resources = { requests: { 'nvidia.com/gpu': '2' } };
    runtime.spec.workerSpec.tensorParallelSize = 4;
    const stored = await created(manifest(null, 2, null), new ApiServer(clusterOf([runtime])));
    expect(stored.spec.predictor.workerSpec.tensorParallelSize).toBe(4);
    expect(stored.spec.predictor.workerSpec.containers[0].resources.requests).toEqual({
      'nvidia.com/gpu': '2',
    });
    expect(envOf(stored.spec.predictor.model).RAY_NODE_COUNT).toBe('4');
  });

  describe('GPU types that annotations list', () => {
    const MIG = 'nvidia.com/mig-1g.5gb';
    const LIST = { 'serving.kserve.io/gpu-resource-types': JSON.stringify([MIG]) };
    const RDMA = { 'serving.kserve.io/gpu-resource-types': '["rdma/hca"]' };
    const resourcesOf = ({ spec: { predictor } }: Loose): Loose[] => [
      predictor.model.resources ?? {},
      predictor.workerSpec.containers[0].resources,
    ];
    const inBoth = (counts: Loose): Loose => ({ requests: counts, limits: counts });

    /** One slice in each pod of the runtime. */
    function runtimeOfSlices(): Loose {
      const runtime = minimalRuntime();
      const { spec } = runtime;
      for (const pod of [spec, spec.workerSpec]) pod.containers[0].resources = inBoth({ [MIG]: '1' });
      return runtime;
    }

    test.each([
      ['for head and worker', 2, ['head', 'worker']],
      ['for the head, which stays alone', 1, ['head']],
    ])('of the runtime, %s: no other type is written beside them', async (_, pipeline, parts) => {
      const runtime = runtimeOfSlices();
      if (parts.includes('head')) runtime.spec.annotations = LIST;
      if (parts.includes('worker')) runtime.spec.workerSpec.annotations = LIST;
      const stored = await created(manifest(null, pipeline, null), new ApiServer(clusterOf([runtime])));
      // KServe's webhook would refuse the slices in a service that does not list them itself.
      expect(resourcesOf(stored)).toEqual([{}, {}]);
    });

    test("of the predictor, which KServe's webhook does not read: they are not written into the service", async () => {
      const service = manifest(null, 2, null);
      service.spec.predictor.annotations = LIST;
      const stored = await created(service, new ApiServer(clusterOf([runtimeOfSlices()])));
      expect(resourcesOf(stored)).toEqual([{}, {}]);
    });

    test('of the service: what the runtime asks for is written into it', async () => {
      const service = manifest(null, 2, null);
      Object.assign(service.metadata.annotations, LIST);
      const stored = await created(service, new ApiServer(clusterOf([runtimeOfSlices()])));
      expect(resourcesOf(stored)).toEqual([inBoth({ [MIG]: '1' }), inBoth({ [MIG]: '1' })]);
    });

    test('a network resource among them is no second type: the head gets the GPUs of the workers', async () => {
      const service = manifest(8, 2, '8');
      Object.assign(service.metadata.annotations, RDMA);
      const counts = { 'amd.com/gpu': '8', 'rdma/hca': '1' };
      service.spec.predictor.workerSpec.containers[0].resources = inBoth(counts);
      const stored = await created(service);
      expect(resourcesOf(stored)).toEqual([inBoth({ 'amd.com/gpu': '8' }), inBoth(counts)]);
    });

    test('a network resource alone in the head stays alone: KServe writes its count there', async () => {
      const service = manifest(8, 2, '8');
      Object.assign(service.metadata.annotations, RDMA);
      service.spec.predictor.model.resources = inBoth({ 'rdma/hca': '1' });
      const config = configOf({ rules: { 'gpu-resource': 'warn', 'gpu-capacity': 'warn' } });
      const [head] = resourcesOf(await created(service, new ApiServer(clusterOf(), config)));
      expect(head).toEqual(inBoth({ 'rdma/hca': '1' }));
    });

    test('what the runtime lists may be a network card: the GPUs of the workers are written beside it', async () => {
      const runtime = minimalRuntime();
      const card = inBoth({ 'example.com/nic': '1' });
      const { spec } = runtime;
      for (const pod of [spec, spec.workerSpec]) {
        pod.annotations = { 'serving.kserve.io/gpu-resource-types': '["example.com/nic"]' };
        pod.containers[0].resources = card;
      }
      const stored = await created(manifest(8, 2, '8'), new ApiServer(clusterOf([runtime])));
      const gpus = inBoth({ 'nvidia.com/gpu': '8' });
      expect(resourcesOf(stored)).toEqual([gpus, gpus]);
    });

    test('of the runtime, for a head that stays alone: what the worker asks for is not written beside them', async () => {
      const runtime = runtimeOfSlices();
      runtime.spec.annotations = LIST;
      const [head] = resourcesOf(await created(manifest(null, 1, '1'), new ApiServer(clusterOf([runtime]))));
      expect(head).toEqual({});
    });

    test('cpu among them gets no limit, and the head the GPUs of the workers', async () => {
      const service = manifest(8, 2, '8');
      service.metadata.annotations['serving.kserve.io/gpu-resource-types'] = '["cpu"]';
      service.spec.predictor.workerSpec.containers[0].resources.requests.cpu = '16';
      const gpus = { 'nvidia.com/gpu': '8' };
      expect(resourcesOf(await created(service))).toEqual([
        inBoth(gpus),
        { requests: { ...gpus, cpu: '16' }, limits: gpus },
      ]);
    });
  });

  test('absent annotations are added and RawDeployment becomes Standard, the change with a warning', async () => {
    const server = new ApiServer();
    const service = manifest(8, 2, '8');
    service.metadata.annotations = { [MODE]: 'RawDeployment' };
    const { mutate } = await server.apply(service);
    expect(server.stored.metadata.annotations).toMatchObject({ [AUTOSCALER]: 'none', [MODE]: 'Standard' });
    const rules = mutate.outcome === 'allow' ? mutate.warnings.map((finding) => finding.rule) : [];
    expect(rules).toContain('deployment-mode');
    expect(rules).not.toContain('autoscaler-class');
  });

  describe.each(['RawDeployment', undefined])('the mode of a service from 0.15, annotated %s', (given) => {
    async function edited(version: KServeVersion): Promise<Loose> {
      const server = new ApiServer(clusterOf(), configOf({ kserve: { version } }));
      const stored = manifest(8, 2, '8');
      stored.metadata.generation = 1;
      stored.status = { deploymentMode: 'RawDeployment' };
      if (given === undefined) delete stored.metadata.annotations[MODE];
      else stored.metadata.annotations[MODE] = given;
      server.stored = stored;
      const { status: _status, ...put } = structuredClone(stored);
      put.spec.predictor.workerSpec.pipelineParallelSize = 3;
      const { mutate, validate } = await server.write(put);
      expect([mutate.outcome, validate?.outcome]).toEqual(['allow', 'allow']);
      expect(server.stored.spec.predictor.model.resources.limits).toEqual({ 'nvidia.com/gpu': '8' });
      return server.stored.metadata.annotations[MODE];
    }

    test.each<KServeVersion>(['0.16', '0.17', '0.18'])(
      'stays on %s, which refuses the new name as a change',
      async (version) => expect(await edited(version)).toBe(given),
    );

    test.each<[KServeVersion, string]>([
      ['0.19', 'Standard'],
      ['0.15', 'RawDeployment'],
    ])('has its name on %s', async (version, mode) => expect(await edited(version)).toBe(mode));
  });

  test('a shorthand that KServe has not rewritten yet is written to under its own key', async () => {
    const service = manifest(8, 2, '8');
    const { model } = service.spec.predictor;
    service.spec.predictor.huggingface = { storageUri: model.storageUri, args: model.args };
    delete service.spec.predictor.model;
    const runtime = minimalRuntime();
    runtime.spec.protocolVersions = ['v2'];
    const stored = await created(service, new ApiServer(clusterOf([runtime])));
    expect(envOf(stored.spec.predictor.huggingface).RAY_NODE_COUNT).toBe('2');
    expect(stored.spec.predictor.model).toBeUndefined();
  });

  test('with generateName, what would carry the name is left out', async () => {
    const service = manifest(8, 2, '8');
    delete service.metadata.name;
    service.metadata.generateName = 'llm-';
    const decision = await new ApiServer().ask('mutate', service);
    const result = patched(service, decision.outcome === 'allow' ? [...decision.patch] : []);
    const names = [...result.spec.predictor.model.env, ...result.spec.predictor.workerSpec.containers[0].env];
    expect(names.map((entry: Loose) => entry.name)).toEqual([
      'RAY_NODE_COUNT',
      'REQUEST_GPU_COUNT',
      'MODEL_DIR',
      'RAY_NODE_COUNT',
      'REQUEST_GPU_COUNT',
    ]);
  });

  // A name of megabytes must not be written five times, whatever name-length is set to.
  test('a name that no object can have is written nowhere', async () => {
    const config = configOf({ rules: { 'name-length': 'off' } });
    const wired = async (length: number): Promise<string[]> => {
      const service = manifest(8, 2, '8');
      service.metadata.name = 'a'.repeat(length);
      const stored = await created(service, new ApiServer(clusterOf(), config));
      const { model, workerSpec } = stored.spec.predictor;
      return [model, workerSpec.containers[0]].flatMap((container) => Object.keys(envOf(container)));
    };
    const longest = await wired(253);
    expect(longest).toEqual(expect.arrayContaining(['MODEL_NAME', 'ISVC_NAME', 'HEAD_SVC', 'WORKER_SVC']));
    expect((await wired(254)).filter((name) => /NAME|SVC/.test(name))).toEqual([]);
  });

  test("the author's own values stay, spelled as they are", async () => {
    const service = manifest(8, 2, '8');
    service.spec.predictor.model.env = [{ name: 'MODEL_NAME', value: 'other' }];
    service.spec.predictor.model.resources = {
      requests: { 'nvidia.com/gpu': '8000m', cpu: '6' },
      limits: { cpu: '6' },
    };
    const stored = await created(service);
    expect(stored.spec.predictor.model.env[0]).toEqual({ name: 'MODEL_NAME', value: 'other' });
    expect(stored.spec.predictor.model.resources).toEqual({
      requests: { 'nvidia.com/gpu': '8000m', cpu: '6' },
      limits: { cpu: '6', 'nvidia.com/gpu': '8000m' },
    });
  });

  test('keys with / and ~ are escaped in the patch', async () => {
    const decision = await new ApiServer().ask('mutate', manifest(8, 2, '8'));
    const paths = decision.outcome === 'allow' ? decision.patch.map((operation) => operation.path) : [];
    expect(paths).toContain('/metadata/annotations/headcount.dev~1applied');
    expect(paths).toContain('/spec/predictor/workerSpec/containers/0/resources/limits');
  });

  test('no size is ever written as env', async () => {
    const text = JSON.stringify(await created(manifest(16, null, '8')));
    expect(text).not.toMatch(/"(TENSOR|PIPELINE)_PARALLEL_SIZE"/);
  });
});

describe('modes', () => {
  const fill = configOf({ mutation: { ...DEFAULTS.mutation, mode: 'fill' } });
  const off = configOf({ mutation: { ...DEFAULTS.mutation, mode: 'off' } });

  test('fill adds what is absent, appends to no list and rewrites nothing', async () => {
    const service = manifest(16, null, '8');
    service.metadata.annotations[MODE] = 'RawDeployment';
    service.spec.predictor.model.env = [{ name: 'A', value: '1' }];
    const stored = await created(service, new ApiServer(clusterOf(), fill));
    expect(stored.spec.predictor.workerSpec).toMatchObject({
      tensorParallelSize: 16,
      pipelineParallelSize: 1,
    });
    expect(stored.metadata.annotations[MODE]).toBe('RawDeployment');
    expect(stored.spec.predictor.model.env).toEqual([{ name: 'A', value: '1' }]);
    expect(envOf(stored.spec.predictor.workerSpec.containers[0]).HEAD_SVC).toBe('llm-head-1');
    expect(stored.spec.predictor.model.resources.requests).toEqual({ 'nvidia.com/gpu': '8' });
  });

  test('off writes nothing', async () => {
    const decision = await new ApiServer(clusterOf(), off).ask('mutate', manifest(8, 2, '8'));
    expect(decision).toMatchObject({ outcome: 'allow', patch: [] });
  });

  test('a lesser mode takes back, at the next judged update, what it would not write', async () => {
    const server = new ApiServer();
    const service = manifest(16, null, '8');
    await server.apply(service);
    service.metadata.annotations['headcount.dev/mutation'] = 'off';
    await server.apply(service);
    expect(comparable(server.stored)).toEqual(clientSideApply(null, service));
  });

  test('the annotation of the service wins over the configuration', async () => {
    const service = manifest(8, 2, '8');
    service.metadata.annotations['headcount.dev/mutation'] = 'full';
    const decision = await new ApiServer(clusterOf(), off).ask('mutate', service);
    expect(decision.outcome === 'allow' && decision.patch.length > 0).toBe(true);
  });
});

describe('writing again', () => {
  test.each([
    ['case 1', manifest(8, 2, '8')],
    ['case 2', manifest(16, null, '8')],
    ['case 3', manifest(8, 1, '8')],
    ['no counts', manifest(2, 2, null)],
    ['empty workerSpec', manifest(null, null, null)],
  ])('%s: mutating twice is mutating once, and re-applying keeps the generation', async (_name, service) => {
    const server = new ApiServer();
    await server.apply(service);
    const first = server.stored;
    expect(await server.ask('mutate', first)).toMatchObject({ outcome: 'allow', patch: [] });
    await server.apply(service);
    expect(server.stored).toEqual(first);
  });

  test.each([
    ['PP', (s: Loose) => (s.spec.predictor.workerSpec.pipelineParallelSize = 4)],
    ['TP', (s: Loose) => (s.spec.predictor.workerSpec.tensorParallelSize = 4)],
    ['TP, to the derived value', (s: Loose) => (s.spec.predictor.workerSpec.tensorParallelSize = 8)],
    [
      'a GPU count',
      (s: Loose) => (s.spec.predictor.workerSpec.containers[0].resources.requests['nvidia.com/gpu'] = '4'),
    ],
  ])('changing %s afterwards gives the same object as creating it fresh', async (_what, change) => {
    for (const service of [manifest(16, null, '8'), manifest(8, 2, '8')]) {
      const server = new ApiServer();
      await server.apply(service);
      change(service);
      const { mutate } = await server.apply(service);
      const fresh = await created(service);
      const generation = server.stored.metadata.generation;
      const text = JSON.stringify(fresh).replaceAll(/llm-(head|workers)-1/g, `llm-$1-${generation}`);
      expect(mutate.outcome).toBe('allow');
      expect(comparable(server.stored)).toEqual(comparable(JSON.parse(text)));
    }
  });

  test('HEAD_SVC carries the next generation on an update that changes the spec, and only there', async () => {
    const server = new ApiServer();
    const service = manifest(8, 2, '8');
    const headSvc = (): string => envOf(server.stored.spec.predictor.workerSpec.containers[0]).HEAD_SVC ?? '';
    await server.apply(service);
    service.metadata.annotations['serving.kserve.io/enable-prometheus-scraping'] = 'true';
    await server.apply(service);
    expect([headSvc(), server.stored.metadata.generation]).toEqual(['llm-head-1', 1]);
    service.spec.predictor.workerSpec.pipelineParallelSize = 4;
    await server.apply(service);
    expect([headSvc(), server.stored.metadata.generation]).toEqual(['llm-head-2', 2]);
  });

  test('a value that the author has changed in place is his, and the rest is computed from it', async () => {
    const server = new ApiServer();
    await server.apply(manifest(8, 2, null));
    const edited = structuredClone(server.stored);
    edited.spec.predictor.model.resources.requests['nvidia.com/gpu'] = '8';
    edited.spec.predictor.model.resources.limits['nvidia.com/gpu'] = '8';
    edited.spec.predictor.workerSpec.containers[0].resources.requests['nvidia.com/gpu'] = '8';
    edited.spec.predictor.workerSpec.containers[0].resources.limits['nvidia.com/gpu'] = '8';
    await server.write(edited);
    expect(envOf(server.stored.spec.predictor.model).RAY_NODE_COUNT).toBe('2');
  });

  test('an update without the record is a manifest put in place: every value is the author’s', async () => {
    const server = new ApiServer();
    await server.apply(manifest(16, null, '8'));
    const replaced = structuredClone(server.stored);
    delete replaced.metadata.annotations[APPLIED];
    replaced.spec.predictor.workerSpec.pipelineParallelSize = 4;
    replaced.spec.predictor.workerSpec.containers[0].env = [];
    await server.write(replaced);
    expect(server.stored.spec.predictor.workerSpec).toMatchObject({
      tensorParallelSize: 8,
      pipelineParallelSize: 4,
    });
  });

  test('taking workerSpec out takes everything of ours out', async () => {
    const server = new ApiServer();
    const service = manifest(16, null, '8');
    await server.apply(service);
    delete service.spec.predictor.workerSpec;
    await server.apply(service);
    expect(comparable(server.stored)).toEqual(clientSideApply(null, service));
  });

  test('a worker container that its author left bare stays when ours is taken out', async () => {
    const server = new ApiServer();
    const service = manifest(8, 2, null);
    service.spec.predictor.workerSpec.containers = [{ name: 'worker-container' }];
    await server.apply(service);
    service.metadata.annotations['headcount.dev/mutation'] = 'off';
    await server.apply(service);
    expect(comparable(server.stored)).toEqual(clientSideApply(null, service));
  });

  test('a workerSpec that lives on only through our additions goes with a server-side-applied manifest', async () => {
    const server = new ApiServer();
    const service = manifest(null, null, null);
    service.metadata.managedFields = [applied({ 'f:spec': { 'f:predictor': { 'f:workerSpec': {} } } }, '1')];
    await server.write(service);
    const update = structuredClone(server.stored);
    update.metadata.managedFields = [applied({ 'f:spec': { 'f:predictor': { 'f:model': {} } } }, '2')];
    await server.write(update);
    expect(server.stored.spec.predictor.workerSpec).toBeUndefined();
    expect(server.stored.spec.predictor.model.env).toBeUndefined();
  });

  test.each<[string, Loose, boolean]>([
    ['an empty workerSpec that was applied in the same second goes', { 'f:workerSpec': {} }, true],
    // An update that removes the size would look the same.
    ['one of a size stays', { 'f:workerSpec': { 'f:tensorParallelSize': {} } }, false],
  ])('%s', async (_what, fields, goes) => {
    const server = new ApiServer();
    const [size] = Object.keys(fields['f:workerSpec']);
    const service = manifest(size === undefined ? null : 8, null, null);
    service.metadata.managedFields = [applied({ 'f:spec': { 'f:predictor': fields } }, '1')];
    await server.write(service);
    const update = structuredClone(server.stored);
    if (size !== undefined) delete update.spec.predictor.workerSpec.tensorParallelSize;
    update.metadata.managedFields = [applied({ 'f:spec': { 'f:predictor': { 'f:model': {} } } }, '1')];
    await server.write(update);
    expect(server.stored.spec.predictor.workerSpec === undefined).toBe(goes);
  });

  test('a field that a manager owns by Apply now and none owned before is the author’s', async () => {
    const server = new ApiServer();
    const service = manifest(16, null, '8');
    service.metadata.managedFields = [applied(sizes('tensorParallelSize'), '1')];
    await server.write(service);
    const update = structuredClone(server.stored);
    update.spec.predictor.workerSpec.tensorParallelSize = 16;
    update.metadata.managedFields = [applied(sizes('tensorParallelSize', 'pipelineParallelSize'), '2')];
    await server.write(update);
    expect(server.stored.spec.predictor.workerSpec).toMatchObject({
      tensorParallelSize: 16,
      pipelineParallelSize: 2,
    });
  });

  test('a second round of the request that applied everything anew changes nothing', async () => {
    const server = new ApiServer();
    const service = manifest(16, null, '8');
    // As after kubectl replace: no manager owns anything by Apply.
    await server.write(service);
    const update = structuredClone(server.stored);
    update.spec.predictor.workerSpec.tensorParallelSize = 16;
    update.spec.predictor.workerSpec.containers = service.spec.predictor.workerSpec.containers;
    const owned = { 'f:tensorParallelSize': {}, 'f:containers': {} };
    update.metadata.managedFields = [
      applied({ 'f:spec': { 'f:predictor': { 'f:workerSpec': owned } } }, '2'),
    ];
    const first = await server.ask('mutate', update);
    const round = patched(update, first.outcome === 'allow' ? first.patch : []);
    expect(round.spec).toEqual(server.stored.spec);
    expect(await server.ask('mutate', round)).toMatchObject({ outcome: 'allow', patch: [] });
  });

  test('applying just the value that we had derived keeps ours, and says so', async () => {
    const server = new ApiServer();
    const service = manifest(16, null, '8');
    service.metadata.managedFields = [applied(sizes('tensorParallelSize'), '1')];
    await server.write(service);
    const update = structuredClone(server.stored);
    update.metadata.labels = { a: 'b' };
    update.spec.predictor.minReplicas = 1;
    update.metadata.managedFields = [applied(sizes('tensorParallelSize'), '2')];
    const { mutate } = await server.write(update);
    expect(server.stored.spec.predictor.workerSpec).toMatchObject({
      tensorParallelSize: 8,
      pipelineParallelSize: 2,
    });
    expect(mutate).toMatchObject({ remarks: [expect.stringContaining('taken as ours')] });
  });

  test.each([
    ['garbage', 'not json'],
    ['another version', '{"v":2,"wrote":[],"made":[]}'],
    ['a place that is not ours', '{"v":1,"wrote":[["annotation","team/secret","x"]],"made":[]}'],
    ['a standard resource', '{"v":1,"wrote":[["head.requests","cpu","6"]],"made":[]}'],
    ['cut', '{"v":1,"wrote":[["size","tensorParallelSize"'],
  ])('a record that is %s takes nothing away and is replaced by a true one', async (_what, record) => {
    const service = manifest(8, 2, '8');
    service.metadata.annotations['team/secret'] = 'x';
    service.spec.predictor.model.resources = { requests: { cpu: '6' } };
    const honest = await created(service);
    service.metadata.annotations[APPLIED] = record;
    const server = new ApiServer();
    await server.write(service);
    expect(server.stored.spec).toEqual(honest.spec);
    expect(server.stored.metadata.annotations[APPLIED]).toBe(honest.metadata.annotations[APPLIED]);
    expect(server.stored.metadata.annotations['team/secret']).toBe('x');
  });
});

describe('maps of resources that their author left empty', () => {
  const empty: readonly Loose[] = [
    { requests: {} },
    { limits: {} },
    { requests: {}, limits: {} },
    { requests: null, limits: {} },
    { requests: { 'nvidia.com/gpu': null } },
    { requests: { 'nvidia.com/gpu': null }, limits: { cpu: '2' } },
  ];
  const withResources = (resources: Loose): Loose => {
    const service = manifest(8, 2, null);
    service.spec.predictor.model.resources = structuredClone(resources);
    service.spec.predictor.workerSpec.containers = [
      { name: 'worker-container', resources: structuredClone(resources) },
    ];
    return service;
  };

  test.each(empty)('%j: written twice, replaced and applied it stays as it is', async (resources) => {
    const service = withResources(resources);
    const server = new ApiServer(clusterOf([minimalRuntime()]));
    await server.write(service);
    const { stored } = server;
    expect(await server.ask('mutate', stored)).toMatchObject({ outcome: 'allow', patch: [] });
    expect(await new ApiServer().ask('mutate', stored)).toMatchObject({ outcome: 'allow', patch: [] });
    await server.write(service);
    expect(server.stored).toEqual(stored);
    await server.apply(service);
    const { [LAST_APPLIED]: _manifest, ...annotations } = server.stored.metadata.annotations;
    expect({ ...server.stored, metadata: { ...server.stored.metadata, annotations } }).toEqual(stored);
  });

  test('a replace that adds or takes out an empty map keeps what is stored, on another runtime too', async () => {
    const runtimes = [minimalRuntime(), minimalRuntime()];
    runtimes[1].spec.containers[0].resources = { requests: { 'nvidia.com/gpu': '4' } };
    const [bare, mapped] = [withResources({}), withResources({ requests: {}, limits: {} })];
    for (const [first, second] of [
      [bare, mapped],
      [mapped, bare],
    ]) {
      const before = new ApiServer(clusterOf([runtimes[0]]));
      await before.write(first);
      const server = new ApiServer(clusterOf([runtimes[1]]));
      server.stored = before.stored;
      await server.write(second);
      expect(server.stored).toEqual(before.stored);
    }
  });
});

test('a forged record that names a value twice takes that one only', async () => {
  const service = manifest(8, 2, '8');
  service.spec.predictor.model.env = [
    { name: 'A', value: '1' },
    { name: 'MODEL_DIR', value: '/mnt/models' },
    { name: 'B', value: '2' },
  ];
  const entry = ['head.env', 'MODEL_DIR', '/mnt/models'];
  service.metadata.annotations[APPLIED] = JSON.stringify({ v: 1, wrote: [entry, entry], made: [] });
  const server = new ApiServer();
  await server.write(service);
  expect(envOf(server.stored.spec.predictor.model)).toMatchObject({ A: '1', B: '2' });
});

function applied(fieldsV1: Loose, time: string): Loose {
  return { manager: 'kubectl', operation: 'Apply', fieldsType: 'FieldsV1', time, fieldsV1 };
}

function sizes(...keys: string[]): Loose {
  const fields = Object.fromEntries(keys.map((key) => [`f:${key}`, {}]));
  return { 'f:spec': { 'f:predictor': { 'f:workerSpec': fields } } };
}
