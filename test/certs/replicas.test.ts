/** Several replicas that share one Secret: they start together, are killed, and their calls fail. */
import { X509Certificate } from 'node:crypto';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { issueCa, issueLeaf } from '../../src/certs/issue.ts';
import {
  certificatesIn,
  DAY,
  foreignBundle,
  isReady,
  MINUTE,
  MUTATING,
  NAMES,
  RUNS,
  SECOND,
  secretWrites,
  seed,
  VALIDATING,
  World,
  type Replica,
} from '../support/certs-world.ts';

/** How late an API server may be; the pace allows for 5 s. */
const LAG = 4 * SECOND;

function throwIfRefused(world: World, replica: Replica, lag = LAG): void {
  const problem = world.refusal(replica, lag);
  if (problem !== null) {
    throw new Error(`${replica.name} at ${new Date(world.now).toISOString()}: ${problem}`);
  }
}

function subjectsIn(bundle: string): readonly string[] {
  return certificatesIn(bundle).map(({ subject }) => subject);
}

test(`ten at once on an empty cluster, 50 times from seed ${seed}: one CA, all ready within 10 s`, async () => {
  for (let run = 0; run < 50; run++) {
    const world = new World({ latency: SECOND, seed: seed + run });
    for (let name = 0; name < 10; name++) world.start(String(name));
    world.check = () => {
      for (const replica of world.replicas.filter(isReady)) throwIfRefused(world, replica, 0);
    };
    await world.run(10 * SECOND);
    expect(world.replicas.filter(isReady)).toHaveLength(10);
    const { 'ca.crt': ca = '' } = world.secret!.data;
    const [{ subject } = { subject: '' }] = certificatesIn(ca);
    expect(world.bundlesSince(world.now).map(subjectsIn)).toEqual(Array.from({ length: 5 }, () => [subject]));
    // One Secret, and each of the two configurations once.
    expect(world.writes).toHaveLength(3);
  }
});

test('killed before or after any call of a rotation: the next start goes on from there', async () => {
  const pace = { interval: 3 * SECOND, settle: 5 * SECOND, overlap: 15 * SECOND };
  const first = new World({ pace });
  first.start('first');
  await first.run(MINUTE);
  const { data } = first.secret!;
  const [bundle = ''] = first.bundlesSince(first.now);
  const foreign = bundle;

  /** The same cluster 250 days later, when leaf and CA are old. */
  function laterOn(): World {
    const world = new World({ pace, foreign });
    world.setSecret(data);
    world.setClocks(250 * DAY);
    return world;
  }
  function isDone(world: World): boolean {
    const { 'ca.crt': ca, 'next-ca.crt': next } = world.secret?.data ?? {};
    const bundles = world.bundlesSince(world.now);
    return ca !== data['ca.crt'] && next === undefined && bundles.every((text) => text === ca);
  }

  const undisturbed = laterOn();
  const whole = undisturbed.start('undisturbed');
  await undisturbed.run(5 * MINUTE, () => isDone(undisturbed));
  await undisturbed.run(0);
  expect(isDone(undisturbed)).toBe(true);
  expect(whole.events.flatMap((event) => (event.event === 'wrote' ? [event.step] : []))).toEqual([
    'renew-leaf',
    'prepare-ca',
    'trust',
    'trust',
    'switch-ca',
    'distrust',
    'distrust',
  ]);
  const writes = undisturbed.writes.length;
  expect(whole.calls).toBeGreaterThanOrEqual(20);

  for (let call = 1; call <= whole.calls; call++) {
    for (const when of ['before', 'after'] as const) {
      const world = laterOn();
      world.start('killed').killAt = { call, when };
      await world.run(5 * MINUTE, () => world.living().length === 0);
      expect(world.living()).toHaveLength(0);
      const healer = world.start('healer');
      world.check = () => {
        if (isReady(healer)) throwIfRefused(world, healer);
      };
      await world.run(10 * SECOND, () => isReady(healer));
      expect(isReady(healer)).toBe(true);
      await world.run(5 * MINUTE, () => isDone(world));
      expect(isDone(world)).toBe(true);
      expect(world.writes).toHaveLength(writes);
    }
  }
});

test('a CA that another replica writes between two reads is not removed as an old one', async () => {
  const world = new World();
  const replica = world.start('alone');
  // Longer than the overlap: old CAs would be taken out at the next look.
  await world.run(8 * MINUTE);
  const [bundle = ''] = world.bundlesSince(world.now);
  const ca = await issueCa(world.now, DAY);
  const leaf = await issueLeaf(ca, NAMES, world.now, world.now + DAY);
  const change = world.now;
  world.meanwhile = () => {
    world.setSecret({ 'ca.crt': ca.cert, 'ca.key': ca.key, 'tls.crt': leaf.cert, 'tls.key': leaf.key });
    world.setBundles(MUTATING, [ca.cert + bundle, ca.cert + bundle]);
    world.setBundles(VALIDATING, [ca.cert + bundle, ca.cert + bundle, ca.cert + bundle]);
  };
  await world.run(MINUTE);
  const { subject } = new X509Certificate(ca.cert);
  const without = world.bundlesSince(change).filter((text) => !subjectsIn(text).includes(subject));
  // Those from before the change, and none later.
  expect(without).toEqual(Array.from({ length: 5 }, () => bundle));
  expect(replica.source.current()).toEqual(leaf);
});

test('the API server is away for ten minutes: replicas stay ready, make few calls, and then return to their pace', async () => {
  const world = new World({ latency: 100 });
  for (const name of ['a', 'b', 'c']) world.start(name);
  await world.run(MINUTE);
  const [before] = world.replicas.map(({ calls }) => calls);
  for (const replica of world.replicas) replica.cutOff = true;
  world.check = () => {
    for (const replica of world.replicas) if (!isReady(replica)) throw new Error('it is not ready');
  };
  await world.run(10 * MINUTE);
  const [after] = world.replicas.map(({ calls }) => calls);
  expect(after! - before!).toBeLessThanOrEqual(10 * 60);
  world.check = () => {};

  world.setBundles(MUTATING, ['', '']);
  for (const replica of world.replicas) replica.cutOff = false;
  await world.run(10 * SECOND);
  expect(
    world.replicas.filter((replica) => isReady(replica) && world.refusal(replica, 0) === null),
  ).toHaveLength(3);

  const { data } = world.secret!;
  const leaf = await issueLeaf(
    { cert: data['ca.crt']!, key: data['ca.key']! },
    NAMES,
    world.now,
    world.now + DAY,
  );
  world.setSecret({ ...data, 'tls.crt': leaf.cert, 'tls.key': leaf.key });
  await world.run(5 * SECOND);
  expect(world.replicas.map(({ source }) => source.current())).toEqual([leaf, leaf, leaf]);
});

function countOf(world: World, step: string): number {
  return world.replicas.flatMap(({ events }) => events).filter((each) => 'step' in each && each.step === step)
    .length;
}

/** What may happen to three replicas while leaves last three minutes and CAs twelve. */
type Happening =
  | { readonly what: 'kill' | 'start'; readonly which: number }
  | { readonly what: 'cut off'; readonly which: number; readonly seconds: number }
  | { readonly what: 'wait'; readonly seconds: number };

const which = fc.integer({ min: 0, max: 9 });
const happening: fc.Arbitrary<Happening> = fc.oneof(
  fc.record({ what: fc.constantFrom('kill' as const, 'start' as const), which }),
  fc.record({ what: fc.constant('cut off' as const), which, seconds: fc.integer({ min: 1, max: 300 }) }),
  fc.record({ what: fc.constant('wait' as const), seconds: fc.integer({ min: 1, max: 300 }) }),
);

test(`any kills and failures, seed ${seed}: whoever is ready is trusted, and writes are few`, async () => {
  const foreign = await foreignBundle();
  const lifetimes = { leaf: 3 * MINUTE, ca: 12 * MINUTE };
  const pace = { interval: 3 * SECOND, settle: 5 * SECOND, overlap: MINUTE };
  let rotations = 0;
  let checked = 0;

  await fc.assert(
    fc.asyncProperty(
      fc.array(happening, { minLength: 10, maxLength: 25 }),
      fc.integer(),
      async (happenings, random) => {
        const world = new World({ lifetimes, pace, latency: 2 * SECOND, seed: random, foreign });
        for (const name of ['a', 'b', 'c']) world.start(name);
        await world.run(MINUTE);
        const begin = world.now;
        expect(world.replicas.every(isReady)).toBe(true);
        let lastDown = 0;
        world.check = () => {
          const ready = world.living().filter(isReady);
          // Where nobody was ready a moment ago, a new CA can only be served before API servers know it.
          if (ready.length === 0) lastDown = world.now;
          if (world.now - lastDown < LAG) return;
          for (const replica of ready) throwIfRefused(world, replica);
          checked += ready.length;
        };
        world.faults = 0.1;
        for (const each of happenings) {
          const replica = 'which' in each ? world.living()[each.which % 3] : undefined;
          if (each.what === 'kill' && replica !== undefined) world.kill(replica);
          if (each.what === 'start' && world.living().length < 3) world.start(`new ${world.replicas.length}`);
          if (each.what === 'cut off' && replica !== undefined) {
            replica.cutOff = true;
            await world.run(each.seconds * SECOND);
            replica.cutOff = false;
          }
          if (each.what === 'wait') await world.run(each.seconds * SECOND);
        }
        world.faults = 0;
        world.start('last');
        await world.run(30 * SECOND, () => world.living().every(isReady));
        expect(world.living().every(isReady)).toBe(true);
        for (const bundle of world.bundlesSince(begin)) expect(bundle.endsWith(foreign)).toBe(true);

        const minutes = (world.now - begin) / MINUTE + 1;
        const cas = Math.ceil(minutes / 8);
        rotations += countOf(world, 'switch-ca');
        expect(secretWrites(world)).toBeLessThanOrEqual(1 + Math.ceil(minutes / 2) + 2 * cas);
        expect(world.writes.length - secretWrites(world)).toBeLessThanOrEqual(2 * (1 + 2 * cas));
      },
    ),
    { seed, numRuns: RUNS, endOnFailure: true },
  );
  expect(rotations).toBeGreaterThan(RUNS / 2);
  expect(checked).toBeGreaterThan(2_000 * RUNS);
});
