/** Changes that others make to the Secret or the caBundles: headcount repairs them within 10 s and serves meanwhile. */
import { X509Certificate } from 'node:crypto';
import { beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { issueCa, issueLeaf } from '../../src/certs/issue.ts';
import type { Pair } from '../../src/certs/source.ts';
import {
  certificatesIn,
  DAY,
  foreignBundle,
  HOUR,
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
} from '../support/certs-world.ts';

/** Made up front, so that a tampering is over at once. */
let other: { readonly ca: Pair; readonly leaf: Pair };
let over: { readonly ca: Pair; readonly leaf: Pair };
let foreign: string;
beforeAll(async () => {
  const { now } = new World();
  const ca = await issueCa(now, DAY);
  other = { ca, leaf: await issueLeaf(ca, NAMES, now, now + HOUR) };
  const overCa = await issueCa(now - 2 * DAY, DAY);
  over = { ca: overCa, leaf: await issueLeaf(overCa, NAMES, now - 2 * DAY, now - DAY) };
  foreign = await foreignBundle();
});

type Tampering = (world: World) => void | Promise<void>;

function change(world: World, data: Readonly<Record<string, string>>): void {
  world.setSecret({ ...world.secret?.data, ...data });
}

const caData = ({ cert, key }: Pair) => ({ 'ca.crt': cert, 'ca.key': key });
const leafData = ({ cert, key }: Pair) => ({ 'tls.crt': cert, 'tls.key': key });

/** A leaf of the CA in the Secret, which an attacker or a replica with another clock could make. */
function leafOfItsCa(names: readonly string[], from: number, to: number): Tampering {
  return async (world) => {
    const { 'ca.crt': cert = '', 'ca.key': key = '' } = world.secret?.data ?? {};
    change(world, leafData(await issueLeaf({ cert, key }, names, world.now + from, world.now + to)));
  };
}

const ofEachKey: readonly [string, Tampering][] = ['ca.crt', 'ca.key', 'tls.crt', 'tls.key'].flatMap(
  (key) => [
    [`${key} is emptied`, (world: World) => change(world, { [key]: '' })] as const,
    [
      `${key} is cut in half`,
      (world: World) => {
        const text = world.secret?.data[key] ?? '';
        change(world, { [key]: text.slice(0, text.length / 2) });
      },
    ] as const,
    [
      `${key} is that of another pair`,
      (world: World) => change(world, { [key]: { ...caData(other.ca), ...leafData(other.leaf) }[key] ?? '' }),
    ] as const,
  ],
);

const secretTamperings: Readonly<Record<string, Tampering>> = {
  'the Secret is deleted': (world) => world.setSecret(null),
  'the Secret is emptied': (world) => world.setSecret({}),
  ...Object.fromEntries(ofEachKey),
  'the leaf is of another CA': (world) => change(world, leafData(other.leaf)),
  'the leaf lacks a name': leafOfItsCa(NAMES.slice(1), 0, DAY),
  'the leaf ran out': leafOfItsCa(NAMES, -DAY, -HOUR),
  'the leaf is not valid yet': leafOfItsCa(NAMES, DAY, 2 * DAY),
  'the CA ran out': (world) => change(world, { ...caData(over.ca), ...leafData(over.leaf) }),
  'CA and leaf are exchanged': (world) => change(world, { ...caData(other.ca), ...leafData(other.leaf) }),
  'a leaf stands in for the CA': (world) => change(world, caData(other.leaf)),
  'the next CA is garbage': (world) => change(world, { 'next-ca.crt': 'x', 'next-ca.key': 'y' }),
  'there is a next CA long before its time': (world) =>
    change(world, { 'next-ca.crt': other.ca.cert, 'next-ca.key': other.ca.key }),
};

const trustTamperings: Readonly<Record<string, (world: World) => void>> = {
  'one caBundle is emptied': (world) => setBundle(world, MUTATING, 1, () => ''),
  'every caBundle is emptied': (world) => {
    world.setBundles(MUTATING, ['', '']);
    world.setBundles(VALIDATING, ['', '', '']);
  },
  'a caBundle is replaced': (world) => setBundle(world, VALIDATING, 2, () => foreign),
  'a caBundle is cut in half': (world) =>
    setBundle(world, VALIDATING, 0, (text) => text.slice(0, text.length / 2)),
  'a caBundle is garbage': (world) =>
    setBundle(world, VALIDATING, 0, () => '-----BEGIN CERTIFICATE-----\nMII'),
  'a configuration is deleted and created anew': (world) => {
    world.removeConfiguration(MUTATING);
    world.setBundles(MUTATING, ['', '']);
  },
};

function setBundle(world: World, name: string, index: number, edit: (bundle: string) => string): void {
  const { bundles = [] } = world.trust().find((each) => each.name === name) ?? {};
  world.setBundles(
    name,
    bundles.map((bundle, at) => (at === index ? edit(bundle) : bundle)),
  );
}

async function steady(random = 1): Promise<World> {
  const world = new World({ latency: 500, seed: random });
  for (const name of ['a', 'b', 'c']) world.start(name);
  await world.run(20 * SECOND);
  expect(world.replicas.filter(isReady)).toHaveLength(3);
  return world;
}

/** What the Secret holds is whole, in every caBundle, and every replica is trusted at once. */
function expectHealed(world: World): void {
  const { data = {} } = world.secret ?? {};
  const [ca, leaf] = [new X509Certificate(data['ca.crt'] ?? ''), new X509Certificate(data['tls.crt'] ?? '')];
  expect(leaf.verify(ca.publicKey)).toBe(true);
  expect(NAMES.filter((name) => leaf.checkHost(name) === undefined)).toEqual([]);
  for (const bundle of world.bundlesSince(world.now)) {
    expect(certificatesIn(bundle).map(({ fingerprint256 }) => fingerprint256)).toContain(ca.fingerprint256);
  }
  expect(world.replicas.map((replica) => world.refusal(replica, 0))).toEqual([null, null, null]);
  expect(world.replicas.filter(isReady)).toHaveLength(3);
}

/** The overlap is over: nothing of ours is left in the bundles but the CA of the Secret. */
async function expectTidied(world: World): Promise<void> {
  // Five minutes of looking, at most one interval for each look.
  await world.run(8 * MINUTE);
  const { subject } = new X509Certificate(world.secret?.data['ca.crt'] ?? '');
  for (const bundle of world.bundlesSince(world.now)) {
    const ours = certificatesIn(bundle).filter((ca) => ca.subject.includes('O=headcount.dev'));
    expect(ours.map((ca) => ca.subject)).toEqual([subject]);
  }
}

function throwIfAnyIsRefused(world: World, lag: number): void {
  for (const replica of world.replicas) {
    const problem = isReady(replica) ? world.refusal(replica, lag) : 'it is not ready';
    if (problem !== null) throw new Error(problem);
  }
}

test.each(Object.entries(secretTamperings))('%s: healed, and no handshake fails', async (_what, tamper) => {
  const world = await steady();
  const before = secretWrites(world);
  world.check = () => throwIfAnyIsRefused(world, 4 * SECOND);
  await tamper(world);
  await world.run(10 * SECOND);
  expectHealed(world);
  await expectTidied(world);
  expect(secretWrites(world) - before).toBeLessThanOrEqual(1);
});

test.each(Object.entries(trustTamperings))('%s: healed within 10 s', async (_what, tamper) => {
  const world = await steady();
  const before = world.writes.length;
  tamper(world);
  await world.run(10 * SECOND);
  expectHealed(world);
  await expectTidied(world);
  expect(world.writes.length - before).toBeLessThanOrEqual(2);
});

test('repeated garbage does not slow down later repairs', async () => {
  const world = new World({ latency: 500 });
  const replica = world.start('alone');
  await world.run(10 * SECOND);
  for (const what of [...Array.from({ length: 12 }, () => 'tls.key is emptied'), 'the leaf ran out']) {
    const before = secretWrites(world);
    await secretTamperings[what]!(world);
    await world.run(10 * SECOND);
    expect(secretWrites(world) - before).toBe(1);
    expect(isReady(replica)).toBe(true);
  }
});

test('a CA that somebody else puts in, whatever its place, is left alone', async () => {
  const world = await steady();
  const before = world.writes.length;
  setBundle(world, MUTATING, 0, (text) => `${foreign}${text}`);
  setBundle(world, VALIDATING, 1, (text) => `${text}${foreign}`);
  const bundles = world.bundlesSince(world.now);
  await world.run(8 * MINUTE);
  expect(world.bundlesSince(world.now)).toEqual(bundles);
  expect(world.writes).toHaveLength(before);
});

test(`any tamperings one after the other, seed ${seed}: each healed within 10 s, with few writes`, async () => {
  const all = [...Object.entries(secretTamperings), ...Object.entries(trustTamperings)];
  const sequence = fc.array(
    fc.record({ tampering: fc.constantFrom(...all), rest: fc.integer({ min: 0, max: 100 }) }),
    { minLength: 1, maxLength: 8 },
  );
  await fc.assert(
    fc.asyncProperty(sequence, fc.integer(), async (tamperings, random) => {
      const world = await steady(random);
      const before = { secret: secretWrites(world), all: world.writes.length };
      for (const { tampering, rest } of tamperings) {
        await tampering[1](world);
        await world.run(10 * SECOND);
        expectHealed(world);
        await world.run(rest * SECOND);
      }
      await expectTidied(world);
      expect(secretWrites(world) - before.secret).toBeLessThanOrEqual(tamperings.length);
      expect(world.writes.length - before.all).toBeLessThanOrEqual(5 * tamperings.length);
    }),
    { seed, numRuns: RUNS, endOnFailure: true },
  );
});
