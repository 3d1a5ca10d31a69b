/**
 * The demonstration's manifests on live KServe, with headcount's webhook after KServe's, as it is installed, and before
 * it: whoever replaces a service by its own file moves no generation, and starts no roll-out.
 */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { KServe } from './cluster/kserve.ts';
import { Life } from './life.ts';
import { manifest, World } from './world.ts';

const ADMITTED = ['guide-example', 'guide-case-1', 'guide-case-2', 'guide-case-3'];

describe.each([
  { order: 'after', configurationName: 'inferenceservice.serving.kserve.io' },
  { order: 'before', configurationName: 'zz.serving.kserve.io' },
])("headcount $order KServe's defaulter", ({ configurationName }) => {
  let world: World;
  let kserve: KServe;
  beforeAll(async () => {
    ({ world, kserve } = await World.startWithKServe({ configurationName }));
  });
  afterAll(async () => {
    await kserve?.stop();
    await world?.stop();
  });

  test.each(ADMITTED)('%s', async (file) => {
    const object = manifest(file);
    object.metadata.namespace = 'team';
    const life = new Life(world, kserve, object.metadata.name);
    await life.create(object);
    const created = await life.generations();
    expect(created.service).toBe(1);
    for (let round = 1; round <= 3; round++) {
      await life.replace(object);
      expect({ round, ...(await life.generations()) }).toEqual({ round, ...created });
    }
  });
});
