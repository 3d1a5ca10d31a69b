/**
 * KServe deploys as many heads as minReplicas says. A rule denies other numbers than one; where it is lowered, and for what is
 * stored, the plan shows what KServe deploys.
 */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { catalogueOf } from '../../../src/cluster/catalogue.ts';
import { assess } from '../../../src/admission/assess-as-enforced.ts';
import { DEFAULTS } from '../../../src/config/config.ts';
import { minimalRuntime, minimalService, type Loose } from '../../rules/cases.ts';
import { file, headcount, json, schema } from '../../support/cli.ts';
import { FakeApi } from '../../support/fake-api.ts';
import { recordedCases, testWithShared } from '../../support/shared.ts';

const RUNTIME = file('heads-rt.json', minimalRuntime());
const WARNS = file(
  'heads-warn.yaml',
  'apiVersion: headcount.dev/v1alpha1\nkind: HeadcountConfig\nrules: { head-replicas: warn }\n',
);

/** A head of 8 GPUs and a worker of 8. */
function service(minReplicas: unknown, change: (service: Loose) => void = () => {}): Loose {
  const made = minimalService();
  made.spec.predictor.minReplicas = minReplicas;
  change(made);
  return made;
}

const argv = (made: Loose, ...more: readonly string[]): readonly string[] => [
  'plan',
  file('heads.json', made),
  RUNTIME,
  '--config',
  WARNS,
  ...more,
];
const shown = async (made: Loose, ...more: readonly string[]): Promise<string> =>
  (await headcount(argv(made, ...more), { env: { LANG: 'C.UTF-8' } })).out;

/** The guide's head and worker hold a TP group of 8 alone. */
const onOneNode = (made: Loose): void => {
  made.spec.predictor.workerSpec.pipelineParallelSize = 1;
};

describe('in the plan', () => {
  test.each<[unknown, object]>([
    [undefined, { head: 1, nodes: 2, allocated: 16, idle: 0, rolloutPeak: 32 }],
    [null, { head: 1, nodes: 2, allocated: 16, idle: 0, rolloutPeak: 32 }],
    [3, { head: 3, nodes: 2, allocated: 32, idle: 16, rolloutPeak: 64 }],
    [0, { head: 0, nodes: 2, allocated: 8, idle: 0, rolloutPeak: 16 }],
    // The API server and KServe's webhook refuse these.
    [0.15, { head: 1, nodes: 2, allocated: 16, idle: 0, rolloutPeak: 32 }],
    [-1, { head: 1, nodes: 2, allocated: 16, idle: 0, rolloutPeak: 32 }],
    [2 ** 31, { head: 1, nodes: 2, allocated: 16, idle: 0, rolloutPeak: 32 }],
  ])('minReplicas %p', async (minReplicas, expected) => {
    const { services } = await json(argv(service(minReplicas)));
    const [{ nodes, head, gpu }] = services;
    const { allocated, idle, rolloutPeak } = gpu;
    expect({ head: head.replicas, nodes, allocated, idle, rolloutPeak }).toEqual(expected);
  });

  test('heads that need no worker are not idle', async () => {
    const { services } = await json(argv(service(3, onOneNode)));
    expect(services[0].gpu).toMatchObject({ allocated: 24, idle: 0 });
  });

  test('whether there are enough GPUs is judged on one head', async () => {
    const small = service(3, ({ spec }) => {
      for (const part of ['requests', 'limits']) spec.predictor.model.resources[part]['nvidia.com/gpu'] = '4';
    });
    const { services } = await json(argv(small));
    expect(services[0].findings).toContainEqual(
      expect.objectContaining({
        rule: 'gpu-capacity',
        message: 'too few GPUs: head 4 + 1 worker x 8 = 12 < TP 8 x PP 2 = 16',
      }),
    );
    expect(await shown(small)).toContain('\n20 allocated, 4 too few, ');
  });

  testWithShared('is what KServe deployed of no head', async () => {
    const found = recordedCases().find(({ name }) => name === 'f-min0');
    if (found === undefined) throw new Error('there is no case f-min0');
    const isService = ({ kind }: Loose): boolean => kind === 'InferenceService';
    const cluster = catalogueOf(found.docs, 'complete');
    const { plan } = await assess(found.docs.find(isService), cluster, DEFAULTS);
    const replicas = Object.values(found.kserve.deployments).map((deployment: Loose) => deployment.replicas);
    expect([plan?.head.replicas, plan?.worker.replicas]).toEqual(replicas);
  });
});

describe('in pictures', () => {
  test('the tree and the arithmetic', async () => {
    const three = await shown(service(3), '--explain');
    expect(three).toContain('TP 8 x PP 2 = 16 GPUs on 4 pods');
    expect(three).toContain('head    3 pods  8 x nvidia.com/gpu  [■■■■■■■■] x 3  stage 0, 2 heads idle\n');
    expect(three).toContain('\n32 allocated, 16 idle, 64 at the peak of a roll-out\n');
    expect(three).toContain('  allocated = heads 3 (minReplicas) x 8 + workers 1 x 8 = 32\n');
    const none = await shown(service(0), '--explain');
    expect(none).toContain('head    0 pods  8 x nvidia.com/gpu');
    expect(none).toContain('\n8 allocated, 8 too few, ');
    expect(none).toContain('  allocated = heads 0 (minReplicas) x 8 + workers 1 x 8 = 8\n');
  });

  test('Mermaid has one box for all heads', async () => {
    expect(await shown(service(3), '-o', 'mermaid')).toContain('s1_head["head<br/>3 pods, each<br/>8 x');
    expect(await shown(service(0), '-o', 'mermaid')).toContain('s1_head["head<br/>0 pods"]');
  });

  test('SVG draws each of the first 64 pods', async () => {
    const words = async (made: Loose): Promise<readonly string[]> =>
      [
        ...(await shown(made, '-o', 'svg')).matchAll(
          />([^<>\n]*head \d|worker \d+|and [^<>\n]* more[^<>\n]*)</g,
        ),
      ].map(([, text = '']) => text);
    expect(await words(service(3))).toEqual(['head 1', 'worker 1', 'head 2', 'head 3']);
    const many = await shown(service(2_000_000_000), '-o', 'svg');
    expect(many).toContain('and 1999999937 heads more like the last one');
    expect(await shown(service(0), '-o', 'svg')).not.toContain('>head<');
  });

  test('the forecast places each head', async () => {
    const nodes = ['a', 'b', 'c'].map((name) => ({
      apiVersion: 'v1',
      kind: 'Node',
      metadata: { name },
      status: { allocatable: { 'nvidia.com/gpu': '8', cpu: '64', memory: '512Gi', pods: '110' } },
    }));
    const room = file('heads-nodes.json', { apiVersion: 'v1', kind: 'List', items: nodes });
    const { services } = await json(argv(service(3), room, '--fit'));
    expect(services[0].fit.now.pods.map(({ role }: Loose) => role)).toEqual([
      'head',
      'head',
      'head',
      'worker',
    ]);
    expect(await shown(service(5), room, '--fit')).toMatch(
      /does not fit now; 2 of 5 heads and the worker wait/,
    );
  });
});

describe('of a stored service', () => {
  let api: FakeApi;
  beforeAll(async () => {
    const stored = service(2);
    Object.assign(stored.metadata, { uid: '0b7e9f5c-0000-4000-8000-000000000000', generation: 1 });
    api = await FakeApi.start([stored, minimalRuntime()]);
  });
  afterAll(() => api.stop());

  test('audit counts the GPUs of all heads', async () => {
    const kubeconfig = file('heads-kubeconfig', api.kubeconfig);
    const audit = async (format: string): Promise<string> =>
      (await headcount(['audit', '-o', format, '--kubeconfig', kubeconfig])).out;
    const document = JSON.parse(await audit('json'));
    schema('audit.v1.json')(document);
    expect(document.services[0].gpu).toMatchObject({ required: 16, allocated: 24, idle: 8 });
    expect(await audit('metrics')).toContain('headcount_audit_gpus{use="reserved"} 24\n');
  });
});
