/**
 * kube-scheduler judges the forecast: random clusters and plans, each pod made as KServe would make it. HEADCOUNT_E2E_FULL=1 tries 300 clusters; HEADCOUNT_SEED=S HEADCOUNT_RUNS=1 repeats the one of seed S.
 *
 * kube-scheduler scores the nodes with room, while headcount takes the first. The pods come in a random order, since those
 * of two Deployments do. What must hold for every cluster:
 * - Where headcount says "yes", kube-scheduler binds every pod; where it says "no", it leaves some over. The same at the
 *   peak: once all pods are bound, the same ones are made again beside them.
 * - With the head where kube-scheduler has put it, headcount finds room for exactly as many workers.
 * - Where headcount has a node for every pod and kube-scheduler left one over, it binds all to the nodes that headcount has
 *   named.
 * Where headcount says "depends", both are counted and named.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { run } from '../../src/cli/program/run.ts';
import type { Answer } from '../../src/fit/answer.ts';
import type { Request } from '../../src/fit/forecast.ts';
import type { Outcome } from '../../src/fit/placing.ts';
import { Random } from '../fuzz/random.ts';
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

/** The pods of a plan, the head first. */
function podsOf({ templates }: Request, generation = 'now'): readonly Loose[] {
  return templates.flatMap(({ role, replicas, spec }) =>
    Array.from({ length: replicas }, (_, index) => ({
      metadata: { name: `${role}-${index}-${generation}`, namespace: 'team' },
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
  const head = bound.find(({ metadata }) => metadata.name === 'head-0-now');
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

/** @returns how many workers headcount finds room for, where the head is bound as kube-scheduler did, or not at all */
function workersBeside(head: string | null, request: Request, objects: readonly Loose[]): number {
  const [ofHead, ...others] = request.templates;
  const spec = { ...ofHead?.spec, nodeName: head };
  const bound = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'head', namespace: 'team' }, spec };
  const heads = head === null ? [] : [bound];
  const { now } = fitOf({ ...request, templates: others }, stockOf(...objects, ...heads));
  return now.pods.filter(({ node }) => node !== null).length;
}

/** What kube-scheduler did where the forecast gave one of its answers. */
class Tally {
  readonly #counts = { yes: 0, no: 0, fitted: 0, waited: 0 };
  readonly #named: string[] = [];

  add(answer: Answer, all: boolean, what: string): void {
    if (answer !== 'depends') this.#counts[answer]++;
    else {
      this.#counts[all ? 'fitted' : 'waited']++;
      this.#named.push(`  ${all ? 'it bound all' : 'it left some over'}: ${what}`);
    }
  }

  get counts(): Readonly<Record<'yes' | 'no' | 'fitted' | 'waited', number>> {
    return this.#counts;
  }

  lines(when: string): readonly string[] {
    const { yes, no, fitted, waited } = this.#counts;
    return [
      `${when}: "yes" for ${yes}, and kube-scheduler bound all pods; "no" for ${no}, and it left some over`,
      `${when}: "depends" for ${fitted + waited}, of which it bound all pods in ${fitted}`,
      ...this.#named,
    ];
  }
}

describe('kube-scheduler', () => {
  const tallies = { now: new Tally(), peak: new Tally() };

  test(`places the pods of ${RUNS} plans as forecast (seed ${SEED})`, async () => {
    for (let index = 0; index < RUNS; index++) await tryOut(SEED + index);
    const lines = (['now', 'peak'] as const).flatMap((when) => tallies[when].lines(when));
    console.log([`seed ${SEED}, ${RUNS} clusters`, ...lines].join('\n'));
    // So few say nothing about shares.
    if (RUNS < 100) return;
    const { yes, no, fitted, waited } = tallies.now.counts;
    expect(Math.min(yes, no)).toBeGreaterThan(RUNS / 8);
    expect(fitted + waited).toBeLessThan(RUNS / 5);
  }, 3_600_000);

  async function tryOut(seed: number): Promise<void> {
    const world = fitWorld(seed, 0);
    await makeWorld(world);
    const objects = await stored();
    const request = requestOf(world.service, world.runtime);
    const { now, peak } = fitOf(request, stockOf(...objects));
    const pods = podsOf(request);
    const random = new Random(seed, 1);
    const judged = await schedule(shuffled(pods, random));

    const where = `seed ${seed}`;
    if (now.answer !== 'depends') expect([where, now.answer]).toEqual([where, judged.all ? 'yes' : 'no']);
    const workers = workersBeside(judged.head, request, objects);
    expect([where, 'workers', workers]).toEqual([where, 'workers', judged.workers]);
    const ours = now.pods.find(({ role }) => role === 'head')?.node ?? null;
    const heads = `${where}, the head on ${judged.head}, by the forecast on ${ours}`;
    tallies.now.add(now.answer, judged.all, heads);
    if (judged.all) {
      const { all } = await schedule(shuffled(podsOf(request, 'next'), random));
      if (peak.answer !== 'depends')
        expect([where, 'peak', peak.answer]).toEqual([where, 'peak', all ? 'yes' : 'no']);
      tallies.peak.add(peak.answer, all, heads);
    } else {
      expect([where, peak.fits]).toEqual([where, false]);
      if (now.pods.every(({ node }) => node !== null)) {
        await made('DELETE', `${podsIn('team')}?gracePeriodSeconds=0`);
        expect([where, (await schedule(pinned(pods, now))).all]).toEqual([where, true]);
      }
    }
    await clear();
  }
});

function shuffled<T>(list: readonly T[], random: Random): readonly T[] {
  const left = [...list];
  return list.flatMap(() => left.splice(random.below(left.length), 1));
}

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
