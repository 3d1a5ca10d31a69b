/** `headcount plan --fit` and `audit --fit`: where nodes come from, what every format says, and what is asked of a cluster. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { NOT_MODELLED } from '../../../src/fit/not-modelled.ts';
import { minimalRuntime, minimalService, type Loose } from '../../rules/cases.ts';
import { file, headcount, json, schema } from '../../support/cli.ts';
import { FakeApi } from '../../support/fake-api.ts';
import { flowchart } from '../../support/mermaid.ts';

const isPlan = schema('plan.v1.json');
const isAudit = schema('audit.v1.json');

function node(name: string, gpus: number): Loose {
  const allocatable = { 'nvidia.com/gpu': String(gpus), cpu: '64', memory: '512Gi', pods: '110' };
  return { apiVersion: 'v1', kind: 'Node', metadata: { name }, status: { allocatable } };
}

const bound: Loose = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'notebook', namespace: 'research' },
  spec: {
    nodeName: 'gpu-3',
    containers: [{ name: 'main', resources: { limits: { 'nvidia.com/gpu': '4' } } }],
  },
};
const quota: Loose = {
  apiVersion: 'v1',
  kind: 'ResourceQuota',
  metadata: { name: 'limit', namespace: 'team' },
  spec: { hard: { pods: '20' } },
};
const THREE = [node('gpu-1', 8), node('gpu-2', 8), node('gpu-3', 8), bound, quota];
const FIVE = [...THREE, node('gpu-4', 8), node('gpu-5', 8)];

const SERVICE = file('service.json', minimalService());
const RUNTIME = file('runtime.json', minimalRuntime());
const stock = (name: string, items: readonly Loose[]): string =>
  file(`${name}.json`, { apiVersion: 'v1', kind: 'List', items });
const LITTLE = stock('little', THREE);
const ENOUGH = stock('enough', FIVE);

const on = (nodes: string, ...more: readonly string[]): readonly string[] => [
  'plan',
  SERVICE,
  RUNTIME,
  nodes,
  '--fit',
  ...more,
];

describe('nodes of the input', () => {
  test('the tree names them, and says what waits for what', async () => {
    const { code, out, err } = await headcount(on(LITTLE), { env: { LANG: 'C.UTF-8' } });
    expect([code, err]).toEqual([0, '']);
    expect(out).toContain('├─ head    1 pod  8 x nvidia.com/gpu  [■■■■■■■■]  stage 0  on gpu-1\n');
    expect(out).toContain('├─ worker  1 pod  8 x nvidia.com/gpu  [■■■■■■■■]  stage 1  on gpu-2\n');
    expect(out).toContain(
      '\nfits now\ndoes not fit at the peak of a roll-out; the head and the worker wait: ' +
        'no node offers 8 free nvidia.com/gpu: 1 has 4, 2 have none\n',
    );
    expect(out).toContain('Fit is a forecast on 3 nodes, 1 pod and 1 quota.');
    for (const left of NOT_MODELLED) expect(out).toContain(left);
  });

  test('JSON', async () => {
    const document = await json(on(LITTLE));
    isPlan(document);
    expect(document).toMatchObject({ skipped: 0, fit: { nodes: 3, pods: 1, quotas: 1 } });
    const { now, peak, queue } = document.services[0].fit;
    expect(now).toEqual({
      fits: true,
      answer: 'yes',
      pods: [
        { role: 'head', node: 'gpu-1', waitsFor: null },
        { role: 'worker', node: 'gpu-2', waitsFor: null },
      ],
      quota: null,
      otherwise: null,
    });
    expect([peak.fits, peak.pods[1].node, queue]).toEqual([false, null, null]);
  });

  test('all pods at the peak too', async () => {
    const { out } = await headcount(on(ENOUGH));
    expect(out).toContain('\nfits now and at the peak of a roll-out\n');
  });

  test('of --catalog, and without --fit nothing is said', async () => {
    const placed = await json(['plan', SERVICE, '--catalog', RUNTIME, '--catalog', ENOUGH, '--fit']);
    expect(placed.services[0].fit.peak.fits).toBe(true);
    const plain = await json(['plan', SERVICE, RUNTIME, ENOUGH]);
    isPlan(plain);
    expect([plain.services[0].fit, 'fit' in plain]).toEqual([null, false]);
  });

  test('a service without a plan has no forecast, and the next one is placed', async () => {
    const broken = minimalService();
    broken.metadata.name = 'broken';
    broken.spec.predictor.workerSpec.tensorParallelSize = 0;
    const { services } = await json([...on(ENOUGH), file('broken.json', broken)]);
    expect(services.map(({ fit }: Loose) => fit?.now.fits ?? null)).toEqual([true, null]);
  });

  test('a service that is stopped has nothing to place', async () => {
    const stopped = minimalService();
    stopped.metadata.annotations['serving.kserve.io/stop'] = 'true';
    const argv = ['plan', file('stopped.json', stopped), RUNTIME, LITTLE, '--fit'];
    expect((await headcount(argv)).out).not.toMatch(/^(fits|does not fit)/m);
    expect((await json(argv)).services[0].fit.now).toEqual({
      fits: true,
      answer: 'yes',
      pods: [],
      quota: null,
      otherwise: null,
    });
  });

  test('none at all is a refusal that says where to get them', async () => {
    const { code, err } = await headcount(['plan', SERVICE, RUNTIME, '--fit']);
    expect([code, err]).toEqual([
      2,
      expect.stringMatching(/^headcount plan: --fit finds no nodes: .*kubectl get nodes,pods,resourcequotas/),
    ]);
  });
});

describe("where kube-scheduler's choice decides", () => {
  const uneven = minimalService();
  const { model, workerSpec } = uneven.spec.predictor;
  for (const part of ['requests', 'limits']) model.resources[part]['nvidia.com/gpu'] = '4';
  Object.assign(workerSpec, { tensorParallelSize: 4, pipelineParallelSize: 3 });
  const path = file('uneven.json', uneven);
  const argv = (nodes: readonly Loose[]): readonly string[] => [
    'plan',
    path,
    RUNTIME,
    stock('uneven-nodes', nodes),
    '--fit',
  ];
  const said = async (...nodes: readonly Loose[]): Promise<string> => (await headcount(argv(nodes))).out;

  test('it says with which node for the head the result is another', async () => {
    expect(await said(node('a', 4), node('b', 8))).toContain(
      '\nmay not fit now; with the head on b, which kube-scheduler may choose as well, a worker waits\n',
    );
    expect(await said(node('a', 8), node('b', 4))).toMatch(
      /^may not fit now; the worker waits: no node offers .*; with the head on b it would fit$/m,
    );
  });

  test('or that the order of the pods and their nodes decide', async () => {
    const inZone = JSON.parse(JSON.stringify(uneven));
    inZone.spec.predictor.nodeSelector = { zone: 'a' };
    const first = { ...node('a', 8), metadata: { name: 'a', labels: { zone: 'a' } } };
    const nodes = stock('zoned-nodes', [first, node('b', 8)]);
    const { out } = await headcount(['plan', file('in-zone.json', inZone), RUNTIME, nodes, '--fit']);
    expect(out).toContain(
      '\nmay not fit now; one may wait where the pods come in another order or get other nodes\n',
    );
  });

  test('a warning as a lack of room is, in JSON, in the exit code and in the picture', async () => {
    const nodes = [node('a', 4), node('b', 8)];
    const document = await json(argv(nodes));
    isPlan(document);
    expect(document.services[0].fit.now).toMatchObject({ fits: false, answer: 'depends' });
    expect((await headcount(argv(nodes))).code).toBe(0);
    expect((await headcount([...argv(nodes), '--strict'])).code).toBe(1);
    const { out } = await headcount([...argv(nodes), '-o', 'svg']);
    expect(out).toMatch(/class="warn"[^>]*>may not fit now/);
  });
});

describe('what a lack of room is', () => {
  test('no denial; with --strict a warning', async () => {
    expect((await headcount(on(LITTLE))).code).toBe(0);
    expect((await headcount(on(LITTLE, '--strict'))).code).toBe(1);
    expect((await headcount(on(ENOUGH, '--strict'))).code).toBe(0);
  });

  test("Kueue's queue decides", async () => {
    const queued = minimalService();
    queued.metadata.labels = { 'kueue.x-k8s.io/queue-name': 'gpus' };
    const argv = ['plan', file('queued.json', queued), RUNTIME, LITTLE, '--fit', '--strict'];
    const { code, out } = await headcount(argv);
    expect(code).toBe(0);
    expect(out).toContain("Kueue's queue gpus decides when the pods start, whatever room there is");
    expect((await json(argv)).services[0].fit.queue).toBe('gpus');
  });
});

test('--before: the old pods are those of the plan before', async () => {
  const old = minimalService();
  old.spec.predictor.workerSpec.pipelineParallelSize = 4;
  const before = file('before.json', old);
  const { services } = await json([...on(ENOUGH), '--before', before]);
  const { now, peak } = services[0].fit;
  // Four nodes have room, and four pods are old.
  expect([now.fits, peak.fits, peak.pods[0].node]).toEqual([true, false, null]);
});

test('--before: where nothing rolls out there is no peak', async () => {
  const before = file('same.json', minimalService());
  const { services } = await json([...on(LITTLE), '--before', before]);
  expect([services[0].change.kind, services[0].fit.now.fits]).toEqual(['unchanged', true]);
  expect(services[0].fit.peak).toEqual(services[0].fit.now);
  const { out } = await headcount([...on(LITTLE), '--before', before]);
  expect(out).toMatch(/^fits now$/m);
  expect((await json(on(LITTLE))).services[0].fit.peak.fits).toBe(false);
});

test('a service that is in the input twice is placed once', async () => {
  const twice = file('twice.json', minimalService());
  const { out } = await headcount([...on(LITTLE), twice, '-o', 'json']);
  expect(JSON.parse(out).services.map(({ fit }: Loose) => fit.now.fits)).toEqual([true]);
});

describe('pictures', () => {
  test('Mermaid: a box for each node', async () => {
    const { out } = await headcount(on(LITTLE, '-o', 'mermaid'));
    const boxes = await flowchart(out);
    expect(boxes.map(({ title }) => title)).toEqual(expect.arrayContaining(['team/llm', 'gpu-1', 'gpu-2']));
    expect(out).toMatch(/subgraph s1_place1 \["gpu-1"\]\n +s1_head\[/);
    expect(out).toContain('does not fit at the peak of a roll-out');
  });

  test('SVG: a frame for each node, with its name', async () => {
    const { out } = await headcount(on(LITTLE, '-o', 'svg'));
    expect([...out.matchAll(/class="frame"[^>]*><title>([^<]*)</g)].map(([, title]) => title)).toEqual([
      'node gpu-1',
      'node gpu-2',
    ]);
    expect(out).toContain('a frame is a node');
    const none = await headcount(['plan', SERVICE, RUNTIME, '-o', 'svg']);
    expect(none.out).not.toContain('class="frame"');
  });

  test('SVG: pods that wait are framed as such', async () => {
    const { out } = await headcount(on(stock('none', [node('gpu-1', 8)]), '-o', 'svg'));
    expect(out).toContain('class="frame waits"');
    expect(out).toContain('no node has room');
  });
});

describe('a cluster', () => {
  let api: FakeApi;
  const stored = minimalService();
  beforeAll(async () => {
    api = await FakeApi.start([minimalRuntime(), stored, ...FIVE]);
  });
  afterAll(() => api.stop());

  const STOCK = /^\/api\/v1\/(?:nodes|pods|resourcequotas|namespaces\/[^/]+\/(?:pods|resourcequotas))\b/;
  async function asked(argv: readonly string[]): Promise<{ paths: string[]; document: Loose; code: number }> {
    api.seen.length = 0;
    const kubeconfig = file('kubeconfig', api.kubeconfig);
    const { code, out } = await headcount([...argv, '--kubeconfig', kubeconfig, '-o', 'json']);
    const paths = api.seen.filter((url) => STOCK.test(url)).map((url) => url.split('?')[0] ?? '');
    return { paths, document: out === '' ? null : JSON.parse(out), code };
  }

  test('plan lists nodes, pods and quotas with --fit, and otherwise none of them', async () => {
    const { paths, document } = await asked(['plan', SERVICE, '--fit']);
    expect(paths).toEqual(['/api/v1/nodes', '/api/v1/pods', '/api/v1/resourcequotas']);
    expect(document.services[0].fit.peak.fits).toBe(true);
    expect(document.fit).toMatchObject({ nodes: 5, pods: 1, quotas: 1 });
    expect((await asked(['plan', SERVICE])).paths).toEqual([]);
  });

  test('a service of the cluster is placed on its nodes', async () => {
    const { paths, document } = await asked(['plan', 'isvc/llm', '-n', 'team', '--fit']);
    expect(paths).toHaveLength(3);
    expect(document.services[0].fit.now.fits).toBe(true);
  });

  test('so does audit', async () => {
    const { paths, document } = await asked(['audit', '--fit']);
    isAudit(document);
    expect(paths).toEqual(['/api/v1/nodes', '/api/v1/pods', '/api/v1/resourcequotas']);
    expect(document.services[0].fit.now.pods[0]).toEqual({ role: 'head', node: 'gpu-1', waitsFor: null });
    const plain = await asked(['audit']);
    isAudit(plain.document);
    expect([plain.paths, plain.document.services[0].fit]).toEqual([[], null]);
  });

  test('nodes of a file count as if they were applied', async () => {
    const { document } = await asked(['plan', SERVICE, stock('grown', [node('gpu-0', 8)]), '--fit']);
    expect([document.fit.nodes, document.services[0].fit.now.pods[0].node]).toEqual([6, 'gpu-0']);
  });

  test.each(['plan', 'audit'])('%s says which right is missing', async (command) => {
    api.faults = { nodes: '403' };
    const kubeconfig = file('kubeconfig', api.kubeconfig);
    const files = command === 'plan' ? [SERVICE] : [];
    const { code, err } = await headcount([command, ...files, '--fit', '--kubeconfig', kubeconfig]);
    api.faults = {};
    expect([code, err]).toEqual([
      2,
      `headcount ${command}: can't list nodes: headcount may not read it (403); --fit takes the right to list nodes, pods and resourcequotas in all namespaces\n`,
    ]);
  });
});

describe('without the runtime in the input', () => {
  const quotaOf = (hard: object): string => stock('cpu', [...FIVE, { ...quota, spec: { hard } }]);
  const planned = async (name: string, hard: object): Promise<Loose> => {
    const service = minimalService();
    service.spec.predictor.model.runtime = name;
    const { services } = await json(['plan', file('on.json', service), quotaOf(hard), '--fit']);
    return services[0].fit.now;
  };
  const BUILTIN = 'kserve-huggingfaceserver-multinode';

  test('the built-in one asks for cpu and memory, as the default runtime does', async () => {
    expect((await planned(BUILTIN, { 'requests.cpu': '4', 'limits.memory': '24Gi' })).fits).toBe(true);
    expect((await planned(BUILTIN, { 'requests.cpu': '3' })).quota).toMatchObject({ requested: '2' });
  });

  test('of an unknown one neither its cpu nor the lack of it counts', async () => {
    expect((await planned('other', { 'requests.cpu': '1', 'limits.memory': '1Gi' })).fits).toBe(true);
  });
});
