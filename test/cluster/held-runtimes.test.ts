/** Runtimes that are too long to be held in memory: which parts are kept, and that all ways of reading agree. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { admit } from '../../src/admission/admit.ts';
import { CachedCluster } from '../../src/cluster/cached.ts';
import { Catalogue, catalogueOf } from '../../src/cluster/catalogue.ts';
import type { Cluster, ReducedObject } from '../../src/cluster/cluster.ts';
import { HeldRuntime } from '../../src/cluster/held-runtime.ts';
import { connect } from '../../src/cluster/kube.ts';
import type { Api } from '../../src/cluster/api.ts';
import { LiveCluster } from '../../src/cluster/live.ts';
import { KSERVE_DEFAULTS } from '../../src/cluster/kserve-config.ts';
import { DEFAULTS } from '../../src/config/config.ts';
import type { RuntimeView } from '../../src/kserve/runtime.ts';
import { file } from '../support/cli.ts';
import { FakeApi } from '../support/fake-api.ts';
import { requestFor } from '../support/helpers.ts';
import { minimalRuntime, minimalService, type Loose } from '../rules/cases.ts';

const MOST = 64 * 1024;
const claim: Loose = {
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { name: 'models', namespace: 'team' },
  spec: { accessModes: ['ReadWriteMany'] },
  status: { phase: 'Bound' },
};

function runtime(name: string, change: (object: Loose) => void): Loose {
  const object = minimalRuntime();
  object.metadata.name = name;
  change(object);
  return object;
}
const head = (object: Loose): Loose => object.spec.containers[0];
const worker = (object: Loose): Loose => object.spec.workerSpec.containers[0];

/** Of `length` characters in all but its args; found by trying, since what else it has counts as well. */
function withRoom(name: string, room: number): Loose {
  const object = runtime(name, (it) => (head(it).env = [{ name: 'PAD', value: '' }]));
  const { length } = HeldRuntime.of(object);
  head(object).env[0].value = 'x'.repeat(MOST - length - room);
  return object;
}

const copies = (count: number, item: Loose): Loose[] => Array.from({ length: count }, () => ({ ...item }));

describe('what is held', () => {
  test.each<[string, (object: Loose) => void, string, readonly [boolean, boolean]]>([
    ['nothing long', () => {}, 'whole', [false, false]],
    ['args of a megabyte', (it) => (head(it).args = ['x'.repeat(1e6)]), 'cut', [true, false]],
    [
      'a command of 300,000 words',
      (it) => (worker(it).command = Array.from({ length: 3e5 }, () => '-x')),
      'cut',
      [false, true],
    ],
    [
      'short args of the head beside long ones of the worker',
      (it) => {
        head(it).args = ['-tp', '8'];
        worker(it).args = ['x'.repeat(1e6)];
      },
      'cut',
      [false, true],
    ],
    ['args that are no list', (it) => (head(it).args = { a: 'x'.repeat(1e6) }), 'cut', [true, false]],
    [
      'an env value',
      (it) => (head(it).env = [{ name: 'A', value: 'x'.repeat(1e6) }]),
      'name',
      [false, false],
    ],
    ['annotations', (it) => (it.spec.annotations = { a: 'x'.repeat(1e6) }), 'name', [false, false]],
    [
      'annotations of workerSpec',
      (it) => (it.spec.workerSpec.annotations = { a: 'x'.repeat(1e6) }),
      'name',
      [false, false],
    ],
    ['formats', (it) => (it.spec.supportedModelFormats = copies(1e5, { name: 'a' })), 'name', [false, false]],
    ['node labels', (it) => (it.spec.nodeSelector = { ['k'.repeat(1e6)]: 'v' }), 'name', [false, false]],
    ['tolerations', (it) => (it.spec.workerSpec.tolerations = copies(1e5, {})), 'name', [false, false]],
    [
      'a number of containers',
      (it) => (it.spec.containers = copies(3e4, { args: ['x'] })),
      'name',
      [false, false],
    ],
    [
      'nesting',
      (it) => (it.spec.annotations = JSON.parse('[{"a":'.repeat(5e4) + '1' + '}]'.repeat(5e4))),
      'name',
      [false, false],
    ],
    ['what is not looked at', (it) => (head(it).volumeMounts = ['x'.repeat(1e6)]), 'whole', [false, false]],
  ])('%s', (_what, change, extent, unread) => {
    const held = HeldRuntime.of(runtime('rt', change));
    const { view } = held;
    expect(held.extent).toBe(extent);
    expect(held.length).toBeLessThanOrEqual(MOST);
    expect(view).toMatchObject({
      kind: 'ServingRuntime',
      name: 'rt',
      namespace: 'team',
      notHeld: extent === 'name' ? 'too-large' : null,
    });
    expect(view.worker).not.toBeNull();
    expect([view.head?.unread ?? false, view.worker?.container?.unread ?? false]).toEqual(unread);
    for (const container of [view.head, view.worker?.container]) {
      if (container?.unread === true) expect([container.args, container.command]).toEqual([[], []]);
    }
  });

  test('of images, probes, volumes, affinity and pull secrets what the rules ask for, however long the rest is', () => {
    const long = 'x'.repeat(1e6);
    const held = HeldRuntime.of(
      runtime('rt', (it) => {
        it.metadata.annotations = { 'serving.kserve.io/server-type': 'huggingfaceserver', other: long };
        head(it).image = 'vllm:1';
        head(it).readinessProbe = { httpGet: { path: long }, periodSeconds: 5 };
        worker(it).readinessProbe = { exec: { command: [long] } };
        it.spec.volumes = [
          { name: 'shm', emptyDir: { medium: 'Memory', sizeLimit: long } },
          { name: 'config', configMap: { items: [long] } },
        ];
        it.spec.affinity = { nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [long] } };
        it.spec.workerSpec.imagePullSecrets = [{ name: 'registry', other: long }];
      }),
    );
    const { view } = held;
    expect([held.extent, held.length < 2_000]).toEqual(['whole', true]);
    expect(view.serverType).toBe('huggingfaceserver');
    expect([view.head?.image, view.head?.readinessProbe, view.worker?.container?.readinessProbe]).toEqual([
      'vllm:1',
      { httpGet: {}, periodSeconds: 5 },
      { exec: {} },
    ]);
    expect([...view.scheduling.volumes]).toEqual([['shm', true]]);
    expect([view.scheduling.affinity, view.worker?.scheduling.imagePullSecrets]).toEqual([
      ['nodeAffinity'],
      ['registry'],
    ]);
  });

  test('a probe whole where KServe executes a template in it, and not where that makes it too long', () => {
    const probed = (command: string): HeldRuntime =>
      HeldRuntime.of(runtime('rt', (it) => (head(it).readinessProbe = { exec: { command: [command] } })));
    const texts = (held: HeldRuntime): unknown => held.view.head?.bracedTexts;
    expect(texts(probed('{{ x }}'))).toEqual([
      { field: 'spec.containers[0].readinessProbe.exec.command[0]', text: '{{ x }}' },
    ]);
    const long = probed(`{{ x }}${'x'.repeat(1e6)}`);
    expect([long.extent, long.view.head?.unread, texts(long)]).toEqual(['cut', true, []]);
    expect(probed('x'.repeat(1e6)).extent).toBe('whole');
  });

  test('up to the last character', () => {
    const fitting = withRoom('rt', 0);
    expect(HeldRuntime.of(fitting)).toMatchObject({ extent: 'whole', length: MOST });
    head(fitting).env[0].value += 'x';
    expect(HeldRuntime.of(fitting).extent).toBe('name');
    const words = withRoom('rt', 30);
    head(words).args = ['-tp', '4'];
    expect(HeldRuntime.of(words)).toMatchObject({ extent: 'whole' });
    head(words).args = ['x'.repeat(30)];
    expect(HeldRuntime.of(words)).toMatchObject({ extent: 'cut' });
  });

  test('escapes count as they are written', () => {
    const escaped = runtime('rt', (it) => (head(it).env = [{ name: 'A', value: '\u0000'.repeat(20_000) }]));
    expect(HeldRuntime.of(escaped).extent).toBe('name');
  });

  test.each([[null], ['text'], [[]], [{}], [{ spec: { containers: 5, workerSpec: [] } }]])('%j', (object) => {
    expect(HeldRuntime.of(object)).toMatchObject({ extent: 'whole', isMultiNode: false });
  });
});

const RUNTIMES: readonly Loose[] = [
  runtime('plain', () => {}),
  runtime('whole', (it) => (head(it).args = ['-tp', '4'])),
  runtime('cut-head', (it) => (head(it).args = ['-tp', '4', 'x'.repeat(1e6)])),
  runtime('cut-worker', (it) => (worker(it).command = ['sh', '-c', `#${'x'.repeat(1e6)}`])),
  runtime('only-a-name', (it) => (head(it).env = [{ name: 'A', value: 'x'.repeat(1e6) }])),
  runtime('elsewhere', (it) => {
    it.metadata.namespace = 'quiet';
    it.spec.containers[0].args = ['x'.repeat(1e6)];
  }),
  ...Array.from({ length: 8 }, (_, n) =>
    runtime(`other-${n}`, (it) => {
      it.metadata.namespace = `namespace-${n}`;
      head(it).args = ['x'.repeat(1e6)];
    }),
  ),
];

/** Names a runtime; null leaves the choice to KServe. */
function service(name: string | null, change: (object: Loose) => void = () => {}): Loose {
  const object = minimalService();
  object.spec.predictor.model.storageUri = 'pvc://models/x';
  if (name === null) delete object.spec.predictor.model.runtime;
  else object.spec.predictor.model.runtime = name;
  change(object);
  return object;
}
const inNamespace =
  (namespace: string) =>
  ({ metadata }: Loose): void => {
    metadata.namespace = namespace;
  };

describe('the cache, live reads and a catalogue', () => {
  let fake: FakeApi;
  let api: Api;
  let cached: CachedCluster;
  const reduced: ReducedObject[] = [];
  let clusters: Readonly<Record<string, Cluster>>;

  beforeAll(async () => {
    fake = await FakeApi.start([...RUNTIMES, claim]);
    api = connect({ kubeconfig: file('kubeconfig', fake.kubeconfig) });
    cached = new CachedCluster({ api, kserveNamespace: 'kserve', namespaces: false });
    await cached.start(
      () => {},
      (runtime_) => reduced.push(runtime_),
    );
    clusters = {
      cached,
      live: new LiveCluster(api, {
        kserve: () => KSERVE_DEFAULTS,
        installed: () => ({ status: 'unread', why: 'nobody asks' }),
      }),
      catalogue: catalogueOf([...RUNTIMES, claim], 'complete'),
    };
  });
  afterAll(() => {
    cached.stop();
    api.close();
    fake.stop();
  });

  /** Both answers by each of the three. */
  const answers = async (object: Loose, config = DEFAULTS): Promise<readonly (readonly unknown[])[]> =>
    Promise.all(
      Object.values(clusters).map(async (cluster) => [
        await admit('mutate', requestFor(object), cluster, config),
        await admit('validate', requestFor(object), cluster, config),
      ]),
    );

  test.each<[string | null, (object: Loose) => void]>([
    ['whole', () => {}],
    ['cut-head', () => {}],
    ['cut-head', ({ spec }) => spec.predictor.model.args.push('-tp', '2')],
    ['cut-worker', () => {}],
    ['only-a-name', () => {}],
    ['only-a-name', ({ spec }) => (spec.predictor.minReplicas = 2)],
    ['nowhere', () => {}],
    [null, () => {}],
    [null, inNamespace('quiet')],
    ['elsewhere', inNamespace('quiet')],
  ])('agree on a service on %j', async (name, change) => {
    const [first, ...others] = await answers(service(name, change));
    for (const other of others) expect(other).toEqual(first);
  });

  const decision = async (phase: 'mutate' | 'validate', name: string | null): Promise<Loose> =>
    admit(phase, requestFor(service(name)), cached, DEFAULTS);

  test('args that are too long lead to a warning, and to no denial', async () => {
    expect(await decision('validate', 'whole')).toMatchObject({ outcome: 'deny' });
    for (const name of ['cut-head', 'cut-worker']) {
      const { outcome, warnings } = await decision('validate', name);
      expect([outcome, warnings.map(({ rule }: Loose) => rule)]).toEqual(['allow', ['vllm-args']]);
    }
  });

  test.each([['only-a-name'], [null]])(
    'a runtime that is too large, named %j, is not judged',
    async (name) => {
      expect(await decision('mutate', name)).toEqual({
        outcome: 'allow',
        notJudged: null,
        warnings: [],
        remarks: ['could not read runtime "only-a-name" (it is too large): nothing was computed'],
        patch: [],
      });
      expect(await decision('validate', name)).toMatchObject({
        outcome: 'allow',
        warnings: [{ rule: 'runtime', short: 'runtime "only-a-name" is too large to be read: not checked' }],
      });
    },
  );

  test('mistakes that are wrong on any runtime are still denied', async () => {
    const wrong = service('only-a-name', ({ spec }) => (spec.predictor.minReplicas = 2));
    expect(await admit('validate', requestFor(wrong), cached, DEFAULTS)).toMatchObject({
      outcome: 'deny',
      findings: [{ rule: 'head-replicas' }],
    });
  });

  test("the guide's case 2 is left to KServe where args that are not read may state the sizes", async () => {
    const split = async (name: string): Promise<boolean> => {
      const object = service(name, ({ spec }) => {
        spec.predictor.workerSpec.tensorParallelSize = 16;
        delete spec.predictor.workerSpec.pipelineParallelSize;
      });
      const answer: Loose = await admit('mutate', requestFor(object), cached, DEFAULTS);
      return answer.patch.some(({ path }: Loose) => path.endsWith('/tensorParallelSize'));
    };
    expect([await split('plain'), await split('cut-head'), await split('cut-worker')]).toEqual([
      true,
      false,
      false,
    ]);
  });

  test('each such runtime is logged and counted', () => {
    expect(reduced).toHaveLength(RUNTIMES.length - 2);
    expect(reduced).toContainEqual({
      kind: 'ServingRuntime',
      namespace: 'team',
      name: 'only-a-name',
      held: 'name',
    });
    const [own] = cached.state();
    expect(own?.reduced).toEqual({ cut: RUNTIMES.length - 3, name: 1, elsewhere: 0 });
  });

  test('the list was read in pages that fit', () => {
    const limits = fake.seen
      .filter((url) => url.includes('v1alpha1/servingruntimes?limit='))
      .map((url) => Number(/limit=(\d+)/.exec(url)?.[1]));
    expect(limits.slice(0, 2)).toEqual([50, 6]);
    expect(Math.max(...limits.slice(2))).toBeLessThanOrEqual(4);
    expect(cached.state()[0]?.objects).toBe(RUNTIMES.length);
  });
});

test('a catalogue tells of each, too', () => {
  const told: ReducedObject[] = [];
  const catalogue = new Catalogue('complete', (object) => told.push(object));
  for (const object of RUNTIMES.slice(0, 5)) catalogue.add(object);
  expect(told.map(({ name, held }) => [name, held])).toEqual([
    ['cut-head', 'cut'],
    ['cut-worker', 'cut'],
    ['only-a-name', 'name'],
  ]);
});

test('a namespace with more than its share: those beyond are read when they are asked for', async () => {
  const many = Array.from({ length: 50 }, (_, n) =>
    runtime(`r${n}`, (it) => (head(it).env = [{ name: 'A', value: 'x'.repeat(60_000) }])),
  );
  const other = runtime('other', (it) => (it.metadata.namespace = 'quiet'));
  const quietClaim = { ...claim, metadata: { ...claim.metadata, namespace: 'quiet' } };
  const fake = await FakeApi.start([...many, other, claim, quietClaim]);
  const api = connect({ kubeconfig: file('kubeconfig', fake.kubeconfig) });
  const cached = new CachedCluster({ api, kserveNamespace: 'kserve', namespaces: false });
  await cached.start(() => {});
  try {
    const elsewhere = cached.state()[0]?.reduced.elsewhere ?? 0;
    expect(elsewhere).toBeGreaterThan(10);
    expect(elsewhere).toBeLessThan(30);
    for (const name of ['r0', 'r49']) {
      const view: RuntimeView | null = await cached.runtime('team', name);
      expect(view).toMatchObject({ name, notHeld: null });
      expect(view?.head?.env).toHaveLength(1);
    }
    expect(fake.seen.filter((url) => url.endsWith('/servingruntimes/r49'))).toHaveLength(1);
    expect(fake.seen.filter((url) => url.endsWith('/servingruntimes/r0'))).toHaveLength(0);
    const chosen = await admit('validate', requestFor(service(null)), cached, DEFAULTS);
    expect(chosen).toMatchObject({
      outcome: 'allow',
      warnings: [{ rule: 'runtime', short: expect.stringContaining('this namespace has too many') }],
    });
    const unaffected = await admit(
      'validate',
      requestFor(service(null, inNamespace('quiet'))),
      cached,
      DEFAULTS,
    );
    expect(unaffected).toMatchObject({
      warnings: [{ short: expect.stringContaining('KServe selects ServingRuntime "other"') }],
    });
  } finally {
    cached.stop();
    api.close();
    fake.stop();
  }
});
