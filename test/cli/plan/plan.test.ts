/** `headcount plan`: the picture, the JSON, the arithmetic. */
import { describe, expect, test } from '@jest/globals';
import { DENIED, file, headcount, json, schema, SERVICE } from '../../support/cli.ts';
import { minimalRuntime, minimalService, type Loose } from '../../rules/cases.ts';

const isPlan = schema('plan.v1.json');

async function explained(change: (service: Loose, runtime: Loose) => void): Promise<string> {
  const [service, runtime] = [minimalService(), minimalRuntime()];
  change(service, runtime);
  return (
    await headcount(['plan', '-', '--explain'], {
      stdin: JSON.stringify({ kind: 'List', items: [service, runtime] }),
    })
  ).out;
}
function worker(service: Loose): Loose {
  return service.spec.predictor.workerSpec;
}

async function colours(env: Record<string, string>, isTTY: boolean): Promise<boolean> {
  return (await headcount(['plan', DENIED], { env, isTTY })).out.includes('\u001B[');
}

describe('plan', () => {
  const CASE_1 = `team/llm   TP 8 x PP 2 = 16 GPUs on 2 pods (ray, runtime kserve-huggingfaceserver-multinode)
├─ head    1 pod  8 x nvidia.com/gpu  [■■■■■■■■]  stage 0
├─ worker  1 pod  8 x nvidia.com/gpu  [■■■■■■■■]  stage 1
└─ model   pvc://models/llama
16 allocated, 0 idle, 32 at the peak of a roll-out
`;
  test('the picture', async () => {
    const { out } = await headcount(['plan', SERVICE], { env: { LANG: 'C.UTF-8' } });
    expect(out).toMatch(new RegExp(`^${CASE_1.replaceAll(/[()[\].]/g, '\\$&')}`));
  });

  test('a service that is stopped says so, and has no pods in the JSON', async () => {
    const service = minimalService();
    service.spec.predictor.model.runtime = 'kserve-huggingfaceserver-multinode';
    service.metadata.annotations['serving.kserve.io/stop'] = 'true';
    const path = file('stopped.json', service);
    expect((await headcount(['plan', path])).out).toContain(
      'stopped: no pods now, 2 pods with 16 GPUs when it is started again',
    );
    const plan = await json(['plan', path]);
    isPlan(plan);
    expect(plan.services[0]).toMatchObject({
      nodes: 0,
      gpu: { required: 16, allocated: 0, idle: 0, rolloutPeak: 0 },
      head: { replicas: 0 },
      worker: { replicas: 0 },
    });
  });

  test('the picture without UTF-8', async () => {
    const { out } = await headcount(['plan', SERVICE]);
    expect(out.slice(0, CASE_1.length)).toBe(
      CASE_1.replaceAll('├─', '|-').replaceAll('└─', '`-').replaceAll('■', '#'),
    );
  });

  test('more GPUs than cells, and several pods', async () => {
    const service = minimalService();
    service.spec.predictor.model.runtime = 'unknown';
    service.spec.predictor.model.resources.requests['nvidia.com/gpu'] = 32;
    service.spec.predictor.model.resources.limits['nvidia.com/gpu'] = 32;
    service.spec.predictor.workerSpec.tensorParallelSize = 24;
    const { out } = await headcount(['plan', file('large.json', service)]);
    expect(out).toContain('(ray, assumed runtime kserve-huggingfaceserver-multinode)');
    expect(out).toContain('|- head    1 pod   32 x nvidia.com/gpu  [################...]  stages 0 to 1\n');
    expect(out).toContain(
      '|- worker  5 pods  8 x nvidia.com/gpu   [########] x 5         stage 1, 24 idle\n',
    );
    expect(out).toContain('`- model   pvc://models/llama\n');
  });

  test('without a plan, and without a workerSpec', async () => {
    const service = minimalService();
    service.spec.predictor.workerSpec.tensorParallelSize = 0;
    expect((await headcount(['plan', file('none.json', service)])).out).toMatch(
      /^team\/llm {3}no plan possible\n/,
    );
    delete service.spec.predictor.workerSpec;
    const single = file('single.json', service);
    expect((await headcount(['plan', single])).out).toMatch(/^team\/llm {3}single node: no workerSpec/);
    expect((await json(['plan', single])).services[0]).toMatchObject({
      nodes: null,
      gpu: null,
      worker: null,
    });
  });

  test('names with control characters are shown, not sent to the terminal', async () => {
    const service = minimalService();
    service.metadata.name = 'a\u001B[31m';
    const { out } = await headcount(['plan', file('escape.json', service)]);
    expect(out).not.toContain('\u001B');
    expect(out).toContain('a\\u{1b}[31m');
  });

  test('colours are printed where the user asks for them', async () => {
    expect(await colours({}, false)).toBe(false);
    expect(await colours({}, true)).toBe(true);
    expect(await colours({ NO_COLOR: '1' }, true)).toBe(false);
    expect(await colours({ FORCE_COLOR: '1' }, false)).toBe(true);
    expect(await colours({ TERM: 'dumb' }, true)).toBe(false);
  });

  test('JSON in its documented shape and order', async () => {
    const document = await json(['plan', SERVICE, DENIED]);
    isPlan(document);
    expect(document.skipped).toBe(1);
    const [first, second] = document.services;
    expect(Object.keys(first)).toEqual([
      'namespace',
      'name',
      'runtime',
      'backend',
      'tensorParallelSize',
      'pipelineParallelSize',
      'nodes',
      'gpu',
      'head',
      'worker',
      'normalized',
      'fit',
      'findings',
    ]);
    expect(first).toMatchObject({
      namespace: 'team',
      name: 'llm',
      runtime: {
        kind: 'ClusterServingRuntime',
        name: 'kserve-huggingfaceserver-multinode',
        selected: 'named',
      },
      backend: 'ray',
      tensorParallelSize: 8,
      pipelineParallelSize: 2,
      nodes: 2,
      gpu: { resource: 'nvidia.com/gpu', required: 16, allocated: 16, idle: 0, rolloutPeak: 32 },
      head: { replicas: 1, gpus: 8 },
      worker: { replicas: 1, gpus: 8 },
      normalized: null,
    });
    expect(second).toMatchObject({
      namespace: 'default',
      tensorParallelSize: 8,
      pipelineParallelSize: 2,
      runtime: { selected: 'assumed' },
      normalized: { tensorParallelSize: 16, pipelineParallelSize: null },
    });
  });

  test('Recreate has no peak', async () => {
    const service = minimalService();
    service.spec.predictor.deploymentStrategy = { type: 'Recreate' };
    service.spec.predictor.model.runtime = 'kserve-huggingfaceserver-multinode';
    const { services } = await json(['plan', '-'], JSON.stringify(service));
    expect(services[0].gpu).toMatchObject({ allocated: 16, rolloutPeak: 16 });
  });

  test('two runs print the same bytes', async () => {
    const once = await headcount(['plan', SERVICE, DENIED, '-o', 'json']);
    expect(await headcount(['plan', SERVICE, DENIED, '-o', 'json'])).toEqual(once);
  });

  describe('--explain', () => {
    test.each<[string, (service: Loose, runtime: Loose) => void, readonly string[]]>([
      [
        'head and worker given',
        () => {},
        [
          'TP = 8: from spec.predictor.workerSpec.tensorParallelSize',
          'pods = required / W, rounded up = 16 / 8 = 2',
          'head = H = 8; each worker = W = 8',
        ],
      ],
      [
        'the worker only, as a limit',
        (service) => {
          delete service.spec.predictor.model.resources;
          worker(service).containers[0].resources = { limits: { 'nvidia.com/gpu': '8' } };
        },
        [
          'H = 0: no GPUs are requested for the head',
          'W = 8: copied from spec.predictor.workerSpec.containers[0].resources.limits[nvidia.com/gpu]',
          'head = required - W x (pods - 1) = 16 - 8 x 1 = 8; each worker = W = 8',
        ],
      ],
      [
        'the head only',
        (service) => delete worker(service).containers,
        ['only the head requests GPUs: each worker gets 1', 'pods = required - H + 1 = 16 - 8 + 1 = 9'],
      ],
      [
        'nothing, and sizes of the runtime',
        (service, runtime) => {
          service.spec.predictor.workerSpec = {};
          delete service.spec.predictor.model.resources;
          runtime.spec.workerSpec.pipelineParallelSize = 2;
        },
        [
          'PP = 2: from spec.workerSpec.pipelineParallelSize of the runtime',
          'neither is requested: one GPU a pod, so pods = required = 2',
        ],
      ],
      [
        'one node',
        (service) => (worker(service).pipelineParallelSize = 1),
        ['one pod: the head gets all 8 GPUs, no worker is made'],
      ],
      [
        'back end mp',
        (_service, runtime) => (runtime.spec.annotations = { 'multinode/executor-backend': 'mp' }),
        [
          'back end mp: KServe ignores what head and worker request',
          'pods = PP = 2; GPUs of each pod = TP = 8',
        ],
      ],
      [
        'too few',
        (service) => {
          for (const kind of ['requests', 'limits'])
            service.spec.predictor.model.resources[kind]['nvidia.com/gpu'] = 1;
        },
        ['too few = required 16 - allocated 9 = 7'],
      ],
    ])('%s', async (_what, change, lines) => {
      const out = await explained(change);
      for (const line of lines) expect(out.split('\n')).toContain(`  ${line}`);
    });
  });
});

test('--explain names the Services of a stored object by its generation', async () => {
  const stored = minimalService();
  Object.assign(stored.metadata, { uid: '0b7e9f5c-0000-4000-8000-000000000000', generation: 4 });
  const textOf = async (object: Loose): Promise<string> =>
    (await headcount(['plan', file('stored.json', object), file('rt.json', minimalRuntime()), '--explain']))
      .out;
  expect(await textOf(stored)).toContain('HEAD_SVC=llm-head-4 WORKER_SVC=llm-workers-4');
  expect(await textOf(minimalService())).toContain('HEAD_SVC=llm-head-1 WORKER_SVC=llm-workers-1');
});

test('a service that is in the input twice is planned once, as it is applied last', async () => {
  const next = minimalService();
  next.spec.predictor.workerSpec.pipelineParallelSize = 4;
  const first = file('twice/a.json', minimalService());
  const folder = file('twice/b.json', next).replace(/b\.json$/, '');
  const argv = ['plan', first, folder, file('twice-rt.json', minimalRuntime()), '-o', 'json'];
  const { out, err } = await headcount(argv);
  expect(JSON.parse(out).services.map(({ nodes }: Loose) => nodes)).toEqual([4]);
  expect(err).toMatch(/^team\/llm is in the input 2 times: planned as in \S+b\.json:1, the last\n$/);
});

test('without a catalogue nobody knows which runtime KServe selects, whatever the format is', async () => {
  const service = minimalService();
  delete service.spec.predictor.model.runtime;
  service.spec.predictor.model.modelFormat.name = 'vLLM';
  const path = file('unnamed.json', service);
  const { services } = await json(['plan', path]);
  expect([services[0].runtime.selected, services[0].nodes]).toEqual(['assumed', 2]);
  expect(services[0].findings.map(({ severity, message }: Loose) => `${severity} ${message}`)).toContainEqual(
    expect.stringMatching(
      /^warn no runtime is named, and which one KServe selects is not known without a catal/,
    ),
  );
  const { services: known } = await json(['plan', path, file('known-rt.json', minimalRuntime())]);
  expect(known[0].findings.map(({ severity, rule }: Loose) => `${severity} ${rule}`)).toContain(
    'deny runtime',
  );
});
