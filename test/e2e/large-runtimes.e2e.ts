/**
 * Runtimes as large as etcd takes them, by the hundred: users of a few namespaces wrote them, and nobody else may
 * notice. headcount starts on them with the heap that a pod gives it, and goes on with them while they change.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { BUILTIN_RUNTIME } from '../../src/cluster/builtin-runtime.ts';
import type { Loose } from '../rules/cases.ts';
import { Headcount, register, registered } from './cluster/headcount.ts';
import { multiNode, World } from './world.ts';

const RUNTIMES = 200;
const NAMESPACES = Array.from({ length: 10 }, (_, index) => `large-${index}`);
/** etcd takes requests of 1.5 MiB. */
const BYTES = 1_300_000;
/** headcount takes no longer list in a review. */
const WORDS = 16_000;
/** Every fifth is so large in what can't be left out, its env. */
const isUnreadable = (index: number): boolean => index % 5 === 4;
const AT_A_TIME = 4;
const MOST_MEMORY = 200;

let world: World;
beforeAll(async () => {
  world = await World.start({ namespaces: ['team', ...NAMESPACES] });
  await world.createClaim('team', 'models', 'ReadWriteMany');
});
afterAll(async () => world?.stop());

function large(index: number): Loose {
  const object = JSON.parse(JSON.stringify(BUILTIN_RUNTIME));
  object.kind = 'ServingRuntime';
  object.metadata = { name: `large-${index}`, namespace: NAMESPACES[index % NAMESPACES.length] };
  const [head] = object.spec.containers;
  if (isUnreadable(index)) {
    head.env = Array.from({ length: 100 }, (_, n) => ({ name: `E${n}`, value: 'x'.repeat(BYTES / 100) }));
  } else if (index === 1) {
    head.args = Array.from({ length: WORDS }, (_, n) => `--f${n}=`.padEnd(BYTES / WORDS - 3, '1'));
  } else head.args = ['x'.repeat(BYTES)];
  return object;
}

/** Creates them all, a few at a time. */
async function createLarge(): Promise<void> {
  const oneAfterAnother = async (from: number): Promise<void> => {
    for (let index = from; index < RUNTIMES; index += AT_A_TIME) {
      const { status, body } = await world.createRuntime(large(index));
      if (status !== 201)
        throw new Error(`runtime ${index}: ${status} ${JSON.stringify(body).slice(0, 500)}`);
    }
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, (_, from) => oneAfterAnother(from)));
}

/** Services of a namespace that has none of the large ones. */
const OTHERS: readonly Loose[] = [
  multiNode('fine'),
  multiNode('unnamed', ({ spec }) => delete spec.predictor.model.runtime),
  multiNode('unfit', ({ spec }) => (spec.predictor.minReplicas = 2)),
  multiNode('nowhere', ({ spec }) => (spec.predictor.model.runtime = 'nowhere')),
  multiNode('computed', ({ spec }) => delete spec.predictor.workerSpec.containers),
];

async function verdicts(): Promise<readonly unknown[]> {
  const found: unknown[] = [];
  for (const object of OTHERS) {
    const { status, body, warnings } = await world.create(object, '?dryRun=All');
    found.push({ status, warnings, spec: body.spec, message: body.message });
  }
  return found;
}

async function memory(): Promise<number> {
  return (await world.headcount.metric('process_resident_memory_bytes')) / 1024 ** 2;
}

const on = (index: number): Loose =>
  multiNode(`on-${index}`, ({ metadata, spec }) => {
    metadata.namespace = NAMESPACES[index % NAMESPACES.length];
    spec.predictor.model.runtime = `large-${index}`;
  });

async function seconds(action: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await action();
  return (performance.now() - start) / 1_000;
}

test(`${RUNTIMES} runtimes of ${BYTES} bytes`, async () => {
  const before = await verdicts();
  await world.headcount.stop();
  // Nobody is asked meanwhile: the webhook of runtimes is ignored where it can't be reached.
  const creating = await seconds(createLarge);
  const starting = await seconds(async () => {
    world.headcount = await Headcount.launch(world.cluster, {});
    await world.headcount.ready(60);
  });
  await register(world.cluster, world.headcount);
  await registered(world.cluster);
  const started = await memory();
  console.info(
    `created in ${creating.toFixed(1)} s, ready after ${starting.toFixed(1)} s with ${started.toFixed(0)} MiB`,
  );
  expect(started).toBeLessThan(MOST_MEMORY);
  expect(await verdicts()).toEqual(before);

  const held = (kind: string): Promise<number> =>
    world.headcount.metric(`headcount_cache_reduced{kind="ServingRuntime",held="${kind}"}`);
  const unreadable = RUNTIMES / 5;
  expect([await held('cut'), await held('name')]).toEqual([RUNTIMES - unreadable, unreadable]);
  const named = world.headcount.log.filter(({ msg }) => msg === 'object too large to be held whole');
  expect(named).toHaveLength(RUNTIMES);
  expect(named).toContainEqual(
    expect.objectContaining({ namespace: 'large-4', name: 'large-4', held: 'name' }),
  );

  const answers: { status: number; warnings: readonly string[] }[] = [];
  const answering = await seconds(async () => {
    for (const index of [0, 1, 4]) answers.push(await world.create(on(index), '?dryRun=All'));
  });
  expect(answers.map(({ status }) => status)).toEqual([201, 201, 201]);
  const [cut, alsoCut, nameOnly] = answers.map(({ warnings }) => warnings.join('\n'));
  for (const text of [cut, alsoCut]) expect(text).toContain('too long to read: not checked (vllm-args)');
  expect(nameOnly).toContain('runtime "large-4" is too large to be read: not checked (runtime)');
  expect(answering).toBeLessThan(3);

  // The same again through the watch, all of it.
  const changing = await seconds(async () => {
    for (const index of [0, 1, 4, 5]) {
      const patch = { metadata: { labels: { changed: 'yes' } } };
      const { namespace, name } = large(index).metadata;
      const path = `/apis/serving.kserve.io/v1alpha1/namespaces/${namespace}/servingruntimes/${name}`;
      const type = 'application/merge-patch+json';
      const { status, body } = await world.cluster.call('PATCH', path, patch, { type });
      if (status !== 200) throw new Error(`${status} ${JSON.stringify(body)}`);
    }
  });
  await sleep(1_000);
  expect(await verdicts()).toEqual(before);
  const after = await memory();
  console.info(
    `three services on them in ${answering.toFixed(1)} s, four changed in ${changing.toFixed(1)} s: ${after.toFixed(0)} MiB`,
  );
  expect(after).toBeLessThan(MOST_MEMORY);
});
