/**
 * What a create costs with and without headcount: a table, and no judgement of it, since it is this machine's.
 * Also that the conditions of the webhooks never fail, whatever the object's shape or size.
 */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Loose } from '../rules/cases.ts';
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

describe('conditions', () => {
  test.each<[string, (object: Loose) => void]>([
    ['no spec', (object) => delete object.spec],
    ['spec is a list', (object) => (object.spec = [])],
    ['predictor is a number', (object) => (object.spec.predictor = 5)],
    ['predictor is null', (object) => (object.spec.predictor = null)],
    ['workerSpec is a list', (object) => (object.spec.predictor.workerSpec = [1])],
    ['workerSpec is a string', (object) => (object.spec.predictor.workerSpec = 'x')],
    ['no annotations', (object) => delete object.metadata.annotations],
  ])('%s: no words of CEL', async (_what, change) => {
    const { status, body } = await world.create(multiNode('odd', change), '?dryRun=All');
    // The schema's words or ours, but never those of a condition that failed.
    expect(status === 201 || status === 400 || status === 422).toBe(true);
    expect(JSON.stringify(body)).not.toContain('matchCondition');
  });

  test('an object of a megabyte, created and changed', async () => {
    const env = Array.from({ length: 10_000 }, (_, index) => ({
      name: `SETTING_${index}`,
      value: 'x'.repeat(20),
    }));
    const large = multiNode('large', ({ spec }) => (spec.predictor.model.env = env));
    const { status, body } = await world.create(large);
    expect({ status, message: body.message }).toEqual({ status: 201, message: undefined });
    const patch = { spec: { predictor: { workerSpec: { pipelineParallelSize: 4 } } } };
    const changed = await world.cluster.call(
      'PATCH',
      '/apis/serving.kserve.io/v1beta1/namespaces/team/inferenceservices/large',
      patch,
      { type: 'application/merge-patch+json' },
    );
    expect({ status: changed.status, message: changed.body.message }).toEqual({
      status: 200,
      message: undefined,
    });
    expect(changed.body.metadata.generation).toBe(2);
  });
});
