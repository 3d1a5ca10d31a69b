/** Self-managed certificates over years, and when clocks change. */
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  certificatesIn,
  DAY,
  HOUR,
  isReady,
  MINUTE,
  MUTATING,
  RUNS,
  SECOND,
  secretWrites,
  seed,
  VALIDATING,
  World,
  type Replica,
} from '../support/certs-world.ts';

const hourly = { interval: HOUR, settle: 2 * HOUR, overlap: 100 * HOUR };

/** Throws when a replica is not ready, or serves what an API server would refuse, for any time at all. */
function watch(world: World, lag: number): void {
  let last = world.now;
  world.check = () => {
    if (world.now === last) return;
    last = world.now;
    for (const replica of world.living()) {
      const problem = isReady(replica) ? world.refusal(replica, lag) : 'it is not ready';
      if (problem !== null) {
        throw new Error(`${replica.name} at ${new Date(world.now).toISOString()}: ${problem}`);
      }
    }
  };
}

test('three years in steps of an hour: always a valid chain, and no more writes than renewals', async () => {
  const world = new World({ pace: hourly });
  for (const name of ['a', 'b', 'c']) world.start(name);
  await world.run(4 * HOUR);
  watch(world, HOUR);
  const days = 3 * 365;
  await world.run(days * DAY);

  // A leaf of 90 days is renewed after 60, a CA of 365 after 243.
  const leaves = Math.floor(days / 60);
  const cas = Math.floor(days / 243);
  expect(cas).toBe(4);
  expect(secretWrites(world)).toBeGreaterThan(leaves);
  expect(secretWrites(world)).toBeLessThanOrEqual(1 + leaves + 2 * cas);
  // To each of the two configurations: the first CA, and for each other one its coming and the old one's going.
  expect(world.writes.length - secretWrites(world)).toBe(2 * (1 + 2 * cas));
  for (const bundle of world.bundlesSince(world.now)) expect(certificatesIn(bundle)).toHaveLength(1);
});

const jumps = {
  'the clocks are set 30 days ahead': (world: World) => world.setClocks(30 * DAY),
  'the clocks are set one day back': (world: World) => world.setClocks(-DAY),
  'everything is paused for 60 days': (world: World) => void (world.now += 60 * DAY),
};

test.each(Object.entries(jumps))('%s: renewed within 60 s by one write at most', async (_name, jump) => {
  const world = new World({ latency: 100 });
  for (const name of ['a', 'b', 'c']) world.start(name);
  for (const age of [0, 20 * DAY, 35 * DAY, 59 * DAY]) {
    world.setClocks(age);
    await world.run(MINUTE);
    const before = secretWrites(world);
    jump(world);
    await world.run(MINUTE);
    expect(world.replicas.map((replica) => world.refusal(replica, 10 * SECOND))).toEqual([null, null, null]);
    expect(world.replicas.every(isReady)).toBe(true);
    expect(secretWrites(world) - before).toBeLessThanOrEqual(1);
    for (const { source } of world.replicas) expect(source.status().leafExpires).toBeGreaterThan(29 * 86_400);
  }
});

test(`any ages and jumps, seed ${seed}: served again within 60 s, and few writes`, async () => {
  const moves = fc.array(fc.integer({ min: -400, max: 400 }), { minLength: 1, maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(moves, fc.integer(), async (days, random) => {
      const world = new World({ latency: SECOND, seed: random });
      for (const name of ['a', 'b']) world.start(name);
      for (const day of days) {
        await world.run(MINUTE);
        const before = secretWrites(world);
        world.setClocks(day * DAY);
        await world.run(MINUTE);
        expect(world.replicas.map((replica) => world.refusal(replica, 10 * SECOND))).toEqual([null, null]);
        expect(world.replicas.every(isReady)).toBe(true);
        // The leaf, the next CA, and the change to it.
        expect(secretWrites(world) - before).toBeLessThanOrEqual(3);
      }
    }),
    { seed, numRuns: RUNS, endOnFailure: true },
  );
});

/** Looks often and waits long, so that a wait cut short shows. */
const patient = { interval: SECOND, settle: 10 * SECOND, overlap: MINUTE };

/** @returns the replicas that go on answering */
const disturbances: Readonly<Record<string, (world: World) => readonly Replica[]>> = {
  'the clocks are set ahead': (world) => {
    world.setClocks(HOUR);
    return world.replicas;
  },
  'one replica is paused': (world) => {
    world.pause(world.replicas[0]!, MINUTE);
    return world.replicas.slice(1);
  },
};

test.each(Object.entries(disturbances))(
  '%s while the CA is replaced: nothing is refused',
  async (_, disturb) => {
    const first = new World();
    first.start('first');
    await first.run(MINUTE);
    const [foreign = ''] = first.bundlesSince(first.now);

    for (let moment = 0; moment < 20 * SECOND; moment += SECOND) {
      // The same cluster 250 days later, when the CA is old and the leaf has run out.
      const world = new World({ foreign, latency: 200, seed: moment, pace: patient });
      world.setSecret(first.secret!.data);
      world.setClocks(250 * DAY);
      for (const name of ['a', 'b', 'c']) world.start(name);
      let answering: readonly Replica[] = world.replicas;
      world.check = () => {
        for (const replica of answering.filter(isReady)) {
          const problem = world.refusal(replica, 9 * SECOND);
          if (problem !== null) throw new Error(`${replica.name}, disturbed after ${moment} ms: ${problem}`);
        }
      };
      await world.run(moment);
      answering = disturb(world);
      await world.run(2 * MINUTE);
      answering = world.replicas;
      expect(world.replicas.filter(isReady)).toHaveLength(3);
      expect(secretWrites(world)).toBe(3);
    }
  },
);

test('two years without a webhook configuration: a pair at every time, ready as soon as there is one', async () => {
  const world = new World({ pace: hourly });
  world.removeConfiguration(MUTATING);
  world.removeConfiguration(VALIDATING);
  const replica = world.start('alone');
  await world.run(2 * HOUR);
  world.check = () => {
    const { leafExpires, caExpires, trusted } = replica.source.status();
    // When the CA runs out, the next look of the hour replaces it.
    if (leafExpires === null || leafExpires < -7_200) throw new Error('no valid leaf');
    if (caExpires === null || caExpires < leafExpires) throw new Error('the leaf outlives its CA');
    if (trusted) throw new Error('nobody trusts it');
  };
  await world.run(2 * 365 * DAY);
  expect(secretWrites(world)).toBeLessThanOrEqual(2 * (6 + 2) + 1);
  world.check = () => {};
  world.setBundles(MUTATING, ['']);
  await world.run(3 * HOUR);
  expect(isReady(replica)).toBe(true);
  expect(world.refusal(replica, 0)).toBeNull();
});

test('a replica that was paused for 60 days serves the pair that the others have renewed', async () => {
  const world = new World({ pace: hourly });
  for (const name of ['a', 'b', 'c']) world.start(name);
  const [paused] = world.replicas;
  await world.run(10 * DAY);
  const before = secretWrites(world);
  world.pause(paused!, 60 * DAY);
  await world.run(60 * DAY - SECOND);
  expect(secretWrites(world) - before).toBe(1);
  await world.run(2 * HOUR);
  expect(secretWrites(world) - before).toBe(1);
  const [first, ...others] = world.replicas.map(({ source }) => source.current()?.cert);
  expect(others).toEqual([first, first]);
});

test.each([70, 400, -400])('a replica whose clock is %d days off does not fight the others', async (days) => {
  const world = new World();
  world.start('a');
  world.start('b');
  await world.run(HOUR);
  const [right, other] = world.replicas;
  // Each of the three: five at once, ten that are further and further apart, then one an hour.
  const most = secretWrites(world) + 3 * (5 + 10 + 6);
  let checks = 0;
  world.check = () => {
    checks++;
    for (const replica of [right!, other!]) {
      const problem = world.refusal(replica, 4 * SECOND);
      if (problem !== null) throw new Error(problem);
    }
    if (secretWrites(world) > most) throw new Error(`more than ${most} writes`);
  };
  world.start('astray', days * DAY);
  await world.run(6 * HOUR);
  expect(checks).toBeGreaterThan(100);
});
