/**
 * Random lives of services on live KServe: after each edit, by any hand, what is deployed equals a fresh create of
 * what the author means by then. A failing walk is shrunk to the fewest steps.
 *
 * HEADCOUNT_E2E_FULL=1 walks 200 services; otherwise walks begin during 60 s, half of them in each order of the webhooks.
 * HEADCOUNT_SEED and HEADCOUNT_PATH, as a failure prints them, go through one walk again.
 */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { walks } from '../support/walks/walk.ts';
import type { KServe } from './cluster/kserve.ts';
import { installTwins } from './twin.ts';
import { newTally } from './tally.ts';
import { Walker } from './walker.ts';
import { World } from './world.ts';

const FULL = process.env['HEADCOUNT_E2E_FULL'] === '1';
/** In each order of the webhooks. */
const SERVICES = FULL ? 100 : 1_000;
const SECONDS = FULL ? 3_600 : 30;
/** How long a failing walk may be shrunk. */
const SHRINK_SECONDS = 240;
const STEPS = 6;
const seed = Number(process.env['HEADCOUNT_SEED'] ?? Date.now() % 2 ** 31);
const path = process.env['HEADCOUNT_PATH'];

describe.each([
  { order: 'after', configurationName: 'inferenceservice.serving.kserve.io' },
  { order: 'before', configurationName: 'zz.serving.kserve.io' },
])("headcount $order KServe's defaulter", ({ configurationName }) => {
  let world: World;
  let kserve: KServe;
  beforeAll(async () => {
    ({ world, kserve } = await World.startWithKServe({ configurationName, namespaces: ['team', 'fresh'] }));
    for (const namespace of ['team', 'fresh']) await world.createClaim(namespace, 'models', 'ReadWriteMany');
    await installTwins(world);
  });
  afterAll(async () => {
    await kserve?.stop();
    await world?.stop();
  });

  test(
    `services walk through ${STEPS} edits, seed ${seed}`,
    async () => {
      const tally = newTally();
      let count = 0;
      let end = Date.now() + SECONDS * 1_000;
      let hasFailed = false;
      const property = fc.asyncProperty(walks(STEPS), async (walk) => {
        if (Date.now() > end) return;
        try {
          await new Walker(world, kserve, walk, `walk-${++count}`, tally).walk(walk);
        } catch (error) {
          if (!hasFailed) end = Date.now() + SHRINK_SECONDS * 1_000;
          hasFailed = true;
          throw error;
        }
      });
      try {
        await fc.assert(property, { numRuns: SERVICES, seed, ...(path !== undefined && { path }) });
      } finally {
        console.log(`${count} services, seed ${seed}: ${JSON.stringify(tally)}`);
      }
      expect(tally.compared).toBeGreaterThan(FULL ? SERVICES : 5);
    },
    (SECONDS + SHRINK_SECONDS + 60) * 1_000,
  );
});
