/**
 * Random lives of services, as test/e2e/walks.e2e.ts walks them on live KServe, by the thousand: reviews are built as
 * the API server builds them, managedFields included.
 *
 * HEADCOUNT_RUNS and HEADCOUNT_SEED are as elsewhere; HEADCOUNT_PATH goes through one walk again, as a failure prints it.
 */
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { walkOffline, type Order } from '../support/walks/offline.ts';
import { walks } from '../support/walks/walk.ts';

const RUNS = Number(process.env['HEADCOUNT_RUNS'] ?? 500);
/** The same walks each time: new ones are looked for with another seed and more runs. */
const seed = Number(process.env['HEADCOUNT_SEED'] ?? 20_261_126);
const path = process.env['HEADCOUNT_PATH'];

test.each<Order>(['KServe first', 'headcount first'])(`%s: ${RUNS} walks, seed ${seed}`, async (order) => {
  let walked = 0;
  const property = fc.asyncProperty(walks(8), async (walk) => {
    await walkOffline(walk, order);
    walked++;
  });
  await fc.assert(property, { numRuns: RUNS, seed, ...(path !== undefined && { path }) });
  expect(walked).toBeGreaterThanOrEqual(path === undefined ? RUNS : 1);
});
