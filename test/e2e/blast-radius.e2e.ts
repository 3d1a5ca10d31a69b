/**
 * Which writes headcount holds up while its port swallows packets. kubectl is timed on a real API server with the
 * webhook configurations that users get, and on another API server without headcount.
 */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Loose } from '../rules/cases.ts';
import { BlackHole } from './cluster/black-hole.ts';
import { TestCluster } from './cluster/cluster.ts';
import { installPrerequisites, register } from './cluster/headcount.ts';
import { multiNode, version, World } from './world.ts';

/** With headcount over without it, each the median of all rounds. */
const MOST_RATIO = 1.2;
const ROUNDS = 12;
/** On a busy machine medians need more rounds; a write that waits for headcount takes ten times as long or more. */
const MOST_ROUNDS = 4 * ROUNDS;
/** Milliseconds that a service which carries our record may take longer: two phases of two seconds each. */
const MOST_WATCHED = 4_500;
/** One phase of waiting takes two seconds, so whatever stays below has not waited. */
const NOT_ASKED = 1_500;
const APPLIED = 'headcount.dev/applied';
const CONFIGURATIONS = 'mutatingwebhookconfiguration,validatingwebhookconfiguration';

let world: World;
/** The API server without headcount. */
let without: TestCluster;
let hole: BlackHole;

beforeAll(async () => {
  world = await World.start();
  await world.createClaim('team', 'models', 'ReadWriteMany');
  without = await TestCluster.start(version());
  await installPrerequisites(without);

  // While headcount is up: one that it cleans up, and those that become of the others.
  for (const name of ['cleaned', 'recorded', 'multi'])
    await world.must(['create', '-f', '-'], multiNode(name));
  await removeWorkerSpec('cleaned');
  // While its configurations are away, as after a break-glass: one that goes on carrying its record.
  await world.must(['delete', CONFIGURATIONS, 'multinode.headcount.dev']);
  await becomes(201);
  await removeWorkerSpec('recorded');
  expect((await world.get('cleaned')).metadata.annotations).not.toHaveProperty([APPLIED]);
  for (const name of ['recorded', 'multi'])
    expect((await world.get(name)).metadata.annotations).toHaveProperty([APPLIED]);

  hole = await BlackHole.open();
  await register(world.cluster, { url: hole.url, caBundle: world.headcount.caBundle });
  await becomes(500, 504);
});
afterAll(async () => {
  await hole?.close();
  await without?.stop();
  await world?.stop();
});

async function removeWorkerSpec(name: string): Promise<void> {
  await world.must([...patchOf(name), '{"spec":{"predictor":{"workerSpec":null}}}']);
  expect((await world.get(name)).spec.predictor).not.toHaveProperty('workerSpec');
}

/** Waits until the API server, which learns of configurations within a second or so, answers a create so. */
async function becomes(...statuses: readonly number[]): Promise<void> {
  let last = 0;
  for (let wait = 0; wait < 100; wait++) {
    // A client that gives up after a second: otherwise each of these would wait for the webhook's time-out.
    // The API server may also close the connection of such a client without an answer.
    const answer = world.create(multiNode('probe'), '?dryRun=All&timeout=1s').catch(() => ({ status: 0 }));
    ({ status: last } = await answer);
    if (statuses.includes(last)) return;
    await sleep(100);
  }
  throw new Error(`a create is still answered with ${last}`);
}

const patchOf = (name: string): readonly string[] => [
  'patch',
  'isvc',
  '-n',
  'team',
  name,
  '--type=merge',
  '-p',
];

/** What is done to a service, in this order; `n` makes each write a change. */
const STEPS: Readonly<Record<string, (name: string, n: number) => readonly string[]>> = {
  create: () => ['create', '-f', '-'],
  label: (name, n) => ['label', '--overwrite', 'isvc', '-n', 'team', name, `round=${n}`],
  scale: (name, n) => [...patchOf(name), `{"spec":{"predictor":{"minReplicas":${n + 2}}}}`],
  annotate: (name, n) => ['annotate', '--overwrite', 'isvc', '-n', 'team', name, `example.com/round=${n}`],
  delete: (name) => ['delete', 'isvc', '-n', 'team', name],
};

const singleNode = (name: string): Loose => multiNode(name, ({ spec }) => delete spec.predictor.workerSpec);

/** Does one step with kubectl. @returns milliseconds */
async function timed(cluster: TestCluster, step: string, name: string, n = 0): Promise<number> {
  const stdin = step === 'create' ? JSON.stringify(singleNode(name)) : '';
  const start = performance.now();
  await cluster.must(STEPS[step]?.(name, n) ?? [], stdin);
  return performance.now() - start;
}

function median(times: readonly number[]): number {
  return times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)] ?? Number.NaN;
}

/** Milliseconds of each step without headcount, the median of all rounds. */
const usual = new Map<string, number>();

interface Times {
  readonly step: string;
  readonly ours: number[];
  readonly theirs: number[];
}

const ratioOf = ({ ours, theirs }: Times): number => median(ours) / median(theirs);

async function oneRound(times: readonly Times[], n: number): Promise<void> {
  for (const { step, ours, theirs } of times) {
    const here = async (): Promise<unknown> => ours.push(await timed(world.cluster, step, 'single', n));
    const there = async (): Promise<unknown> => theirs.push(await timed(without, step, 'single', n));
    // By turns, so that what else the machine does meets both.
    for (const measure of n % 2 === 0 ? [here, there] : [there, here]) await measure();
    const waited = (ours.at(-1) ?? Number.NaN) - (theirs.at(-1) ?? Number.NaN) > NOT_ASKED;
    expect({ step, waited }).toEqual({ step, waited: false });
  }
}

test('a single-node service waits for nobody', async () => {
  const times: readonly Times[] = Object.keys(STEPS).map((step) => ({ step, ours: [], theirs: [] }));
  let rounds = 0;
  do await oneRound(times, rounds++);
  while (rounds < ROUNDS || (rounds < MOST_ROUNDS && times.some((row) => ratioOf(row) > MOST_RATIO)));
  const lines = times.map((row) => {
    const [ours = '', theirs = ''] = [row.ours, row.theirs].map((all) => median(all).toFixed(0).padStart(6));
    return `${row.step.padEnd(10)}${ours}${theirs}${ratioOf(row).toFixed(2).padStart(6)}`;
  });
  const head = `single-node, ${rounds} rounds, median ms: with headcount black-holed, without headcount, ratio`;
  console.info([head, ...lines].join('\n'));
  for (const { step, theirs } of times) usual.set(step, median(theirs));
  for (const row of times) {
    expect({ step: row.step, slow: ratioOf(row) > MOST_RATIO }).toEqual({ step: row.step, slow: false });
  }
  expect(await hole.swallows()).toBe(true);
});

/** Does a step to a service that is there. @returns how many milliseconds longer than without headcount it takes */
async function longer(step: string, name: string): Promise<number> {
  return (await timed(world.cluster, step, name)) - (usual.get(step) ?? Number.NaN);
}

describe('one that was multi-node', () => {
  test.each(['label', 'scale', 'annotate', 'delete'])(
    'cleaned up since, waits for nobody: %s',
    async (step) => {
      expect(await longer(step, 'cleaned')).toBeLessThan(NOT_ASKED);
    },
  );

  test.each([
    { step: 'label', waits: false },
    { step: 'scale', waits: true },
    { step: 'annotate', waits: true },
    { step: 'delete', waits: false },
  ])('not cleaned up yet, goes on: $step', async ({ step, waits }) => {
    const more = await longer(step, 'recorded');
    console.info(`with our record, ${step}: ${more.toFixed(0)} ms longer than without headcount`);
    expect(more).toBeLessThan(waits ? MOST_WATCHED : NOT_ASKED);
    // Without this the test would also hold if nothing were asked, or if the port answered.
    if (waits) expect(more).toBeGreaterThan(NOT_ASKED);
  });
});

describe('a multi-node service', () => {
  test('a change of its spec waits for headcount, and is refused', async () => {
    const { code, err } = await world.kubectl(STEPS['scale']?.('multi', 0) ?? []);
    expect(code).toBe(1);
    expect(err).toContain('failed calling webhook "judged.multinode.headcount.dev"');
  });

  test('its labels, status, finalizers and deletion do not wait', async () => {
    const status = [...patchOf('multi'), '{"status":{"url":"http://x.example.com"}}', '--subresource=status'];
    const finalizers = (list: string): readonly string[] => [
      ...patchOf('multi'),
      `{"metadata":{"finalizers":${list}}}`,
    ];
    const writes = [
      STEPS['label']?.('multi', 0) ?? [],
      status,
      finalizers('["example.com/wait"]'),
      ['delete', 'isvc', '-n', 'team', 'multi', '--wait=false'],
      finalizers('null'),
    ];
    for (const args of writes) {
      const start = performance.now();
      await world.must(args);
      expect(performance.now() - start - (usual.get('label') ?? Number.NaN)).toBeLessThan(NOT_ASKED);
    }
    expect(await world.get('multi')).toBeNull();
  });
});
