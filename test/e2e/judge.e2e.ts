/**
 * KServe's own packages judge headcount on random services and runtimes: each is denied with a rule, or what KServe
 * deploys after headcount's changes is headcount's plan. HEADCOUNT_RUNS sets how many, HEADCOUNT_SEED repeats a run,
 * HEADCOUNT_KSERVE names releases of KServe (0.15.2,0.17.0).
 */
import { afterAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { AFTER_KSERVE } from '../oracle/after-kserve.ts';
import { Judge } from '../oracle/judge.ts';
import { Tally, type Mismatches } from '../oracle/tally.ts';
import { tryOut } from '../oracle/trial.ts';
import { worlds } from '../oracle/worlds.ts';
import { KSERVE_RELEASES, type KServeRelease } from './cluster/binaries.ts';

const RUNS = Number(process.env['HEADCOUNT_RUNS'] ?? 1000);
const SEED = Number(process.env['HEADCOUNT_SEED'] ?? Math.floor(Math.random() * 2 ** 31));

const asked = process.env['HEADCOUNT_KSERVE']?.split(',') ?? ['0.19.0', '0.20.0'];
const releases = KSERVE_RELEASES.filter((release) => asked.includes(release));

describe.each(releases)('KServe %s', (release: KServeRelease) => {
  const judge = new Judge(release);
  afterAll(() => judge.close());

  test(`deploys each of ${RUNS} admitted services as planned (seed ${SEED})`, async () => {
    const tally = new Tally();
    const started = Date.now();
    await fc.assert(
      fc.asyncProperty(worlds, async (world) => {
        tally.add(world, await tryOut(world, judge));
      }),
      { numRuns: RUNS, seed: SEED },
    );
    const seconds = (Date.now() - started) / 1000;
    const rate = `KServe ${release}, seed ${SEED}, ${Math.round(RUNS / seconds)} worlds a second`;
    console.log([rate, ...tally.lines()].join('\n'));

    const smallest = await Promise.all(tally.mismatches().map(shrunk));
    if (smallest.length > 0) console.log(smallest.join('\n\n'));
    expect(tally.mismatches().map(({ kind, count }) => `${count} x ${kind}`)).toEqual([]);
    expect(tally.deniedAlone().filter((rule) => !(rule in AFTER_KSERVE))).toEqual([]);
    expect(tally.count('deployed')).toBeGreaterThan(RUNS / 8);
    expect(tally.count('denied')).toBeGreaterThan(RUNS / 8);
  });

  /** @returns a text with the smallest world that differs in the same way */
  async function shrunk({ kind, count, first }: Mismatches): Promise<string> {
    const alike = fc.asyncProperty(worlds, async (world) => {
      const trial = await tryOut(world, judge);
      return trial.outcome !== 'mismatch' || trial.kind !== kind;
    });
    const { counterexample } = await fc.check(alike, { seed: SEED, path: String(first), numRuns: 1 });
    const [world] = counterexample ?? [];
    if (world === undefined) return `${count} x ${kind}: not seen again with path ${first}`;
    const trial = await tryOut(world, judge);
    const problems = trial.outcome === 'mismatch' ? trial.problems : [];
    return [`${count} x ${kind}`, ...problems.map((problem) => `    ${problem}`), JSON.stringify(world)].join(
      '\n',
    );
  }
});
