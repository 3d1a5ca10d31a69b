/** The time of a create with and without headcount, as a table. No target: the figures depend on the machine. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { register, registered } from './cluster/headcount.ts';
import { startDefaulter } from './defaulter.ts';
import { multiNode, World } from './world.ts';

const CREATES = Number(process.env['HEADCOUNT_E2E_CREATES'] ?? 300);
const CONFIGURATIONS = ['mutatingwebhookconfiguration', 'validatingwebhookconfiguration'];

let world: World;
beforeAll(async () => {
  world = await World.start();
  await world.createClaim('team', 'models', 'ReadWriteMany');
});
afterAll(async () => world?.stop());

async function creates(): Promise<readonly number[]> {
  const times: number[] = [];
  for (let index = 0; index < CREATES; index++) {
    const object = multiNode(`timed-${index}`);
    const start = performance.now();
    const { status } = await world.create(object);
    times.push(performance.now() - start);
    expect(status).toBe(201);
    await world.remove(object.metadata.name);
  }
  return times.toSorted((a, b) => a - b);
}

function row(name: string, times: readonly number[]): string {
  const at = (share: number): string => (times[Math.floor(times.length * share)] ?? 0).toFixed(1).padStart(8);
  return `${name.padEnd(42)}${at(0.5)}${at(0.99)}`;
}

test(`p50 and p99 of ${CREATES} creates`, async () => {
  const rows = [row('headcount, mutating and validating', await creates())];
  const defaulter = await startDefaulter(world.cluster, 'inferenceservice.example.com');
  rows.push(row('headcount and another mutating webhook', await creates()));
  await defaulter.stop();
  await world.must(['delete', CONFIGURATIONS[0] ?? '', 'multinode.headcount.dev']);
  rows.push(row('headcount, validating only', await creates()));
  await world.must(['delete', CONFIGURATIONS[1] ?? '', 'multinode.headcount.dev']);
  rows.push(row('no webhook', await creates()));
  console.info(['creates, ms'.padEnd(42) + '     p50     p99', ...rows.toReversed()].join('\n'));
  await register(world.cluster, world.headcount);
  await registered(world.cluster);
});
