/**
 * kube-scheduler and the API server's quota admission judge the forecast: random clusters and plans, each pod made as KServe
 * would make it. HEADCOUNT_E2E_FULL=1 tries 300 clusters; HEADCOUNT_SEED=S HEADCOUNT_RUNS=1 repeats the one of seed S.
 *
 * kube-scheduler scores the nodes for the head, while headcount takes the first with room. Workers are alike, so their order
 * decides nothing. What must hold for every cluster:
 * - The head gets a node from both or from neither.
 * - With the head where kube-scheduler has put it, headcount finds room for exactly as many workers.
 * - Where kube-scheduler leaves a pod over that headcount has placed, or the other way round, the forecast has said that
 *   the head's node decides.
 * - Where headcount says "fits" and kube-scheduler left a pod over, kube-scheduler binds all pods to the nodes that headcount
 *   has named.
 * The differences are counted and named.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { run } from '../../src/cli/program/run.ts';
import type { Outcome, Request } from '../../src/fit/forecast.ts';
import { fitWorld, type FitWorld } from '../fit/worlds.ts';
import { fitOf, requestOf, stockOf } from '../fit/placing.ts';
import type { Loose } from '../rules/cases.ts';
import { TestCluster } from './cluster/cluster.ts';
import { Scheduler } from './cluster/scheduler.ts';
import { version } from './world.ts';

const FULL = process.env['HEADCOUNT_E2E_FULL'] === '1';
const RUNS = Number(process.env['HEADCOUNT_RUNS'] ?? (FULL ? 300 : 25));
const SEED = Number(process.env['HEADCOUNT_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
const PATIENCE = 20_000;
const NODES = '/api/v1/nodes';

const podsIn = (namespace: string): string => `/api/v1/namespaces/${namespace}/pods`;

let cluster: TestCluster;
let scheduler: Scheduler;
beforeAll(async () => {
  cluster = await TestCluster.start(version());
  for (const name of ['team', 'others']) {
    await made('POST', '/api/v1/namespaces', { metadata: { name } });
  }
  scheduler = Scheduler.start(cluster, version());
});
afterAll(async () => {
  await scheduler?.stop();
  await cluster?.stop();
});

/** @throws when the API server refuses it */
async function made(method: string, path: string, body?: unknown, type?: string): Promise<Loose> {
  const answer = await cluster.call(method, path, body, type === undefined ? {} : { type });
  if (answer.status >= 300) throw new Error(`${method} ${path}: ${JSON.stringify(answer.body)}`);
  return answer.body;
}

const MERGE = 'application/merge-patch+json';

async function makeNode(node: Loose): Promise<void> {
  await made('POST', NODES, node);
  // The API server gives new nodes the taint of nodes that are not ready.
  const taints = node.spec.taints ?? null;
  await made('PATCH', `${NODES}/${node.metadata.name}`, { spec: { taints } }, MERGE);
}

async function makeWorld({ nodes, pods }: FitWorld): Promise<void> {
  await Promise.all(nodes.map(makeNode));
  await makeNode(PROBED);
  for (const { status, ...pod } of pods) {
    await made('POST', podsIn('others'), pod);
    if (status !== undefined) {
      await made('PATCH', `${podsIn('others')}/${pod.metadata.name}/status`, { status }, MERGE);
    }
  }
  await made('POST', podsIn('others'), PROBE);
  // Events of one kind come in order: once this pod is bound, kube-scheduler knows all that was made before.
  await until('kube-scheduler has seen the cluster', async () => {
    expect(scheduler.isRunning).toBe(true);
    return (await made('GET', `${podsIn('others')}/${PROBE.metadata.name}`)).spec.nodeName !== undefined;
  });
}

const PROBED: Loose = {
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name: 'probed' },
  spec: {
    taints: [
      { key: 'probe', effect: 'NoSchedule' },
      { key: 'probe', effect: 'NoExecute' },
    ],
  },
  status: { allocatable: { pods: '1' }, capacity: { pods: '1' } },
};
const PROBE: Loose = {
  metadata: { name: 'probe' },
  spec: {
    containers: [{ name: 'main', image: 'x' }],
    tolerations: [{ key: 'probe', operator: 'Exists' }],
    affinity: pinnedTo('probed'),
  },
};

async function clear(): Promise<void> {
  for (const path of [podsIn('team'), podsIn('others'), NODES]) {
    await made('DELETE', `${path}?gracePeriodSeconds=0`);
  }
}

async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + PATIENCE; Date.now() < end; await sleep(20)) if (await holds()) return;
  throw new Error(`waited in vain until ${what}`);
}

/** @returns all nodes and pods as the API server has them */
async function stored(): Promise<readonly Loose[]> {
  const lists = await Promise.all([made('GET', NODES), made('GET', '/api/v1/pods')]);
  return lists.flatMap(({ kind, items }) =>
    items.map((item: Loose) => ({ apiVersion: 'v1', kind: kind.replace(/List$/, ''), ...item })),
  );
}

interface PlacedByScheduler {
  readonly head: string | null;
  /** How many of them have a node. */
  readonly workers: number;
  readonly all: boolean;
}

/** The pods of a plan in the order in which KServe makes them. */
function podsOf({ templates }: Request): readonly Loose[] {
  return templates.flatMap(({ role, replicas, spec }) =>
    Array.from({ length: replicas }, (_, index) => ({
      metadata: { name: `${role}-${index}`, namespace: 'team' },
      spec: { ...spec, containers: (spec['containers'] as Loose[]).map((one) => ({ ...one, image: 'x' })) },
    })),
  );
}

async function schedule(pods: readonly Loose[]): Promise<PlacedByScheduler> {
  for (const pod of pods) await made('POST', podsIn('team'), pod);
  let items: Loose[] = [];
  await until('kube-scheduler has decided', async () => {
    ({ items } = await made('GET', podsIn('team')));
    return items.every(
      ({ spec, status }) =>
        spec.nodeName !== undefined ||
        status.conditions?.some(({ type, status: is }: Loose) => type === 'PodScheduled' && is === 'False'),
    );
  });
  const bound = items.filter(({ spec }) => spec.nodeName !== undefined);
  const head = bound.find(({ metadata }) => metadata.name === 'head-0');
  return {
    head: head?.spec.nodeName ?? null,
    workers: bound.length - (head === undefined ? 0 : 1),
    all: bound.length === items.length,
  };
}

function pinnedTo(node: string): Loose {
  const matchFields = [{ key: 'metadata.name', operator: 'In', values: [node] }];
  return {
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchFields }] },
    },
  };
}

/** The same pods, each bound to the node that headcount has named: its own affinity is left out, the selector stays. */
function pinned(pods: readonly Loose[], { pods: placed }: Outcome): readonly Loose[] {
  return pods.map((pod, index) => ({
    ...pod,
    spec: { ...pod.spec, affinity: pinnedTo(placed[index]?.node ?? '') },
  }));
}

/** @returns how many workers headcount finds room for, where the head is bound as kube-scheduler did */
function workersBeside(head: string, request: Request, objects: readonly Loose[]): number {
  const [ofHead, ...others] = request.templates;
  const spec = { ...ofHead?.spec, nodeName: head };
  const bound = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'head', namespace: 'team' }, spec };
  const { now } = fitOf({ ...request, templates: others }, stockOf(...objects, bound));
  return now.pods.filter(({ node }) => node !== null).length;
}

describe('kube-scheduler', () => {
  const tally = {
    fits: 0,
    waits: 0,
    foretold: 0,
    missedByFirstFit: [] as string[],
    missedByScheduler: [] as string[],
  };

  test(`places the pods of ${RUNS} plans as forecast (seed ${SEED})`, async () => {
    for (let index = 0; index < RUNS; index++) await tryOut(SEED + index);
    console.log(
      [
        `seed ${SEED}, ${RUNS} clusters: ${tally.fits} fit and ${tally.waits} do not, by both`,
        `${tally.missedByFirstFit.length} fit by kube-scheduler alone: another node for the head`,
        ...tally.missedByFirstFit,
        `${tally.missedByScheduler.length} fit by headcount alone, and by kube-scheduler on the named nodes`,
        ...tally.missedByScheduler,
        `of ${tally.foretold} the forecast says that the head's node decides`,
      ].join('\n'),
    );
    // So few say nothing about shares.
    if (RUNS < 100) return;
    expect(tally.fits).toBeGreaterThan(RUNS / 8);
    expect(tally.waits).toBeGreaterThan(RUNS / 8);
    expect(tally.missedByFirstFit.length + tally.missedByScheduler.length).toBeLessThan(RUNS / 10);
  }, 3_600_000);

  async function tryOut(seed: number): Promise<void> {
    const world = fitWorld(seed, 0);
    await makeWorld(world);
    const objects = await stored();
    const request = requestOf(world.service, world.runtime);
    const { now } = fitOf(request, stockOf(...objects));
    const pods = podsOf(request);
    const judged = await schedule(pods);

    const where = `seed ${seed}`;
    const ours = now.pods.find(({ role }) => role === 'head')?.node ?? null;
    expect([where, 'head', ours !== null]).toEqual([where, 'head', judged.head !== null]);
    if (judged.head !== null) {
      const workers = workersBeside(judged.head, request, objects);
      expect([where, 'workers', workers]).toEqual([where, 'workers', judged.workers]);
    }
    if (now.fits !== judged.all)
      expect([where, now.otherwise]).toEqual([where, expect.objectContaining({ fits: judged.all })]);
    tally.foretold += now.otherwise === null ? 0 : 1;
    const heads = `  ${where}: the head is on ${judged.head}, the first with room is ${ours}`;
    if (now.fits === judged.all) tally[now.fits ? 'fits' : 'waits']++;
    else if (judged.all) tally.missedByFirstFit.push(heads);
    else {
      await made('DELETE', `${podsIn('team')}?gracePeriodSeconds=0`);
      expect([where, (await schedule(pinned(pods, now))).all]).toEqual([where, true]);
      tally.missedByScheduler.push(heads);
    }
    await clear();
  }
});

function worldWithEndedPods(): FitWorld {
  for (let seed = 0; ; seed++) {
    const world = fitWorld(seed, 0);
    if (world.pods.some(({ status }) => status !== undefined)) return world;
  }
}

test('the command line reads the same from the API server', async () => {
  const world = worldWithEndedPods();
  await makeWorld(world);
  const { now, peak } = fitOf(requestOf(world.service, world.runtime), stockOf(...(await stored())));

  let out = '';
  const items = [world.service, world.runtime];
  await run(['plan', '-', '--fit', '-o', 'json', '--kubeconfig', cluster.kubeconfig('admin')], {
    stdin: Readable.from([JSON.stringify({ apiVersion: 'v1', kind: 'List', items })]),
    stdout: { write: (text) => (out += text) },
    stderr: { write: () => {} },
    env: {},
  });
  const { services, fit } = JSON.parse(out);
  expect(services[0].fit).toEqual({ now, peak, queue: null });
  const running = world.pods.filter(({ status }) => status === undefined);
  // One node and one pod more are what kube-scheduler's readiness is seen by.
  expect(fit).toMatchObject({ nodes: world.nodes.length + 1, pods: running.length + 1, quotas: 0 });
  await clear();
});

describe('ResourceQuota', () => {
  const QUOTAS: readonly (readonly [string, Loose, Loose?])[] = [
    ['GPUs', { 'requests.nvidia.com/gpu': '20' }],
    ['GPUs, some in use', { 'requests.nvidia.com/gpu': '40' }, { 'requests.nvidia.com/gpu': '30' }],
    ['pods', { pods: '3' }, { pods: '1' }],
    ['all pods that are stored', { 'count/pods': '2' }],
    ['cpu', { 'requests.cpu': '10', 'limits.cpu': '100' }],
    ['memory', { 'requests.memory': '100Gi' }, { 'requests.memory': '50Gi' }],
    ['memory by its short name', { memory: '40Gi' }],
    ['limits that no container states', { 'limits.memory': '1Ti' }],
    ['what no pod asks for', { 'requests.amd.com/gpu': '0', 'requests.ephemeral-storage': '0' }],
    ['room for all', { pods: '10', 'requests.nvidia.com/gpu': '32', 'requests.cpu': '16' }],
  ];

  test.each(QUOTAS.map(([name, hard, used = {}], index) => ({ name, hard, used, index })))(
    '$name: the API server refuses the pod that the forecast says',
    async ({ hard, used, index }) => {
      const namespace = `quota-${index}`;
      await made('POST', '/api/v1/namespaces', { metadata: { name: namespace } });
      const quotas = `/api/v1/namespaces/${namespace}/resourcequotas`;
      await made('POST', quotas, { metadata: { name: 'limit' }, spec: { hard } });
      // No controller counts here.
      const none = Object.fromEntries(Object.keys(hard).map((name) => [name, '0']));
      const status = { hard, used: { ...none, ...used } };
      await made('PATCH', `${quotas}/limit/status`, { status }, MERGE);
      const [quota] = (await made('GET', quotas)).items;

      const { service, runtime } = quotaWorld(namespace);
      const request = requestOf(service, runtime);
      const node = bigNode();
      const { now } = fitOf(request, stockOf(node, { apiVersion: 'v1', kind: 'ResourceQuota', ...quota }));

      const answers: string[] = [];
      for (const pod of podsOf(request))
        answers.push(await answerTo({ ...pod, metadata: { ...pod.metadata, namespace } }));
      expect(now.pods.map(({ node: on }) => on !== null)).toEqual(answers.map((text) => text === ''));
      const refusal = answers.find((text) => text !== '');
      if (refusal === undefined) expect(now.quota).toBeNull();
      else if (now.quota?.requested === null) expect(refusal).toContain(`must specify ${now.quota.resource}`);
      else {
        const { resource, requested, used: before, hard: most } = now.quota ?? {};
        for (const [what, value] of [
          ['requested', requested],
          ['used', before],
          ['limited', most],
        ])
          expect(refusal).toMatch(new RegExp(`${what}: [^:]*${resource}=${value}`));
      }
    },
  );

  /** @returns the API server's refusal, '' for none; it takes a moment until it has seen the quota's status */
  async function answerTo(pod: Loose): Promise<string> {
    let text = '';
    await until('the quota is known', async () => {
      const { status, body } = await cluster.call('POST', podsIn(pod.metadata.namespace), pod);
      text = status === 201 ? '' : body.message;
      return !text.includes('status unknown for quota');
    });
    return text;
  }
});

function quotaWorld(namespace: string): { service: Loose; runtime: Loose } {
  const { service, runtime } = fitWorld(1, 0);
  service.metadata.namespace = namespace;
  const resources = {
    requests: { 'nvidia.com/gpu': '8', cpu: '4', memory: '30Gi' },
    limits: { 'nvidia.com/gpu': '8', cpu: '8' },
  };
  const { model } = service.spec.predictor;
  const containers = [{ name: 'worker-container', resources }];
  service.spec.predictor = {
    model: { ...model, resources },
    workerSpec: { tensorParallelSize: 8, pipelineParallelSize: 4, containers },
  };
  runtime.metadata.namespace = namespace;
  for (const spec of [runtime.spec, runtime.spec.workerSpec]) {
    for (const key of ['nodeSelector', 'tolerations', 'affinity']) delete spec[key];
  }
  return { service, runtime };
}

function bigNode(): Loose {
  const allocatable = { 'nvidia.com/gpu': '64', cpu: '512', memory: '4Ti', pods: '110' };
  return { apiVersion: 'v1', kind: 'Node', metadata: { name: 'big' }, status: { allocatable } };
}
