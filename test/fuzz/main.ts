/**
 * `npm run fuzz`: mutated reviews, thousands a second, at the real server process on kept connections. Ends with 1
 * for a wrong answer, a crash, a stall of the event loop that comes again, or something that is left behind.
 *
 *   npm run fuzz                              50,000 cases, the seed is printed
 *   npm run fuzz -- --runs 1000000            more
 *   npm run fuzz -- --seed 7 --only 12345     one of them again, with its answer
 *   npm run fuzz -- --readers --runs 1000000  the two ways of reading a review, compared on a million cases
 *
 * The first form compares them too, for as long as half a minute.
 */
import { parseArgs } from 'node:util';
import { container } from '../support/container.ts';
import type { Loose } from '../rules/cases.ts';
import { Server } from '../support/server.ts';
import { exitCodeOf, percentile, table, type Figure } from '../support/targets.ts';
import { caseOf } from './case.ts';
import { readCorpus } from './corpus.ts';
import { Comparison } from './readers.ts';
import { DecisionTimes, resourcesOf } from './figures.ts';
import { fixtures } from './fixtures.ts';
import { report } from './report.ts';
import { Run } from './run.ts';
import { confirmedStalls, stallLimit, stallOf } from './stalls.ts';
import { Lane } from './target.ts';
import { verdictOn } from './verdict.ts';

/** Enough for caches and compiled code to have their size. */
const WARM_UP = 5_000;
/** Milliseconds of comparing the two readers behind the short form. */
const COMPARING = 30_000;

const { values: options } = parseArgs({
  options: {
    runs: { type: 'string', default: '50000' },
    seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
    only: { type: 'string' },
    readers: { type: 'boolean', default: false },
  },
});
const runs = Number(options.runs);
const seed = Number(options.seed);
const { reviews, absent } = readCorpus();
if (absent !== null) {
  console.log(`NOT INCLUDED, because ${absent} is absent: reviews captured from an API server`);
}

if (options.readers) process.exitCode = await compareReaders(runs);
else if (options.only !== undefined) process.exitCode = await showOne(Number(options.only));
else process.exitCode = (await fuzz()) || (await compareReaders(Number.POSITIVE_INFINITY, COMPARING));

/** @param most milliseconds */
async function compareReaders(cases: number, most = Number.POSITIVE_INFINITY): Promise<0 | 1> {
  const comparison = new Comparison(seed, reviews);
  const end = performance.now() + most;
  await comparison.run(0, cases, () => performance.now() > end);
  const { asked, skimmed, failures } = comparison;
  console.log(`\n${asked} cases read in two ways, seed ${seed}: ${skimmed} were skimmed`);
  for (const { one, problems } of failures) {
    console.log(`FAILED: case ${one.index}: ${problems.join(', ')}\n${one.body.toString()}`);
  }
  return failures.length > 0 || skimmed === 0 ? 1 : 0;
}

async function fuzz(): Promise<0 | 1> {
  const around = container();
  console.log(`${runs} cases, seed ${seed}; the server is ${around.how}`);
  const server = await Server.start(around);
  await new Run(server, seed, reviews).ask(-WARM_UP, 0);
  const before = await resourcesOf(server);
  const times = new DecisionTimes(server);
  server.forgetOutput();
  await server.longestStall();
  const reading = setInterval(() => times.read(), 200);
  const began = performance.now();
  const run = new Run(server, seed, reviews);
  await run.ask(0, runs);
  const seconds = (performance.now() - began) / 1_000;
  clearInterval(reading);
  if (!server.running) {
    console.log(`FAILED: the server has ended\n${server.output.slice(-2_000)}`);
    await report(seed, run.failures);
    return 1;
  }
  const longest = await server.longestStall();
  times.read();
  const after = await resourcesOf(server);
  const slow = [...run.slowest.small, ...run.slowest.large];
  const stalls = await confirmedStalls(server, [
    ...fixtures().map(({ one }) => one),
    ...slow.map(({ index }) => caseOf(seed, index, reviews)),
  ]);
  const wrong = run.failures.length;
  const figures: readonly Figure[] = [
    { what: 'cases', value: run.asked, least: runs },
    { what: 'seconds', value: seconds, unit: 's' },
    { what: 'wrong answers: no uid, 5xx, no valid AdmissionReview, closed', value: wrong, most: 0 },
    { what: 'decisions, p50 with the queue', value: percentile(times.all, 0.5), unit: 'ms' },
    { what: 'decisions, p99 with the queue', value: percentile(times.all, 0.99), unit: 'ms' },
    { what: 'longest stall of the event loop, all at once, whatever held it up', value: longest, unit: 'ms' },
    {
      what: 'longest stall by one case up to 256 KiB, asked alone',
      value: stalls.small,
      unit: 'ms',
      most: 50,
    },
    {
      what: 'longest stall by one case up to 7 MiB, asked alone',
      value: stalls.large,
      unit: 'ms',
      most: 100,
    },
    { what: 'resident memory before', value: before.memory, unit: 'MiB' },
    {
      what: 'growth of resident memory',
      value: after.memory - before.memory,
      unit: 'MiB',
      most: 32,
    },
    { what: 'descriptors left open', value: after.descriptors - before.descriptors, most: 0 },
    { what: 'handles left', value: after.handles - before.handles, most: 0 },
  ];
  await server.stop();
  around.remove();
  console.log(`\nanswers\n${run.answers}\n\n${table(figures)}`);
  await report(seed, [...run.failures, ...stalls.failures]);
  return exitCodeOf(figures);
}

async function showOne(index: number): Promise<0 | 1> {
  const one = caseOf(seed, index, reviews);
  console.log(`POST /${one.phase}${one.query}\n${one.headers.join('\n')}\n\n${one.body.toString()}\n`);
  const server = await Server.start();
  const lane = new Lane(server);
  const reply: Loose = await lane.ask(one);
  console.log(reply === null ? 'no answer' : `HTTP ${reply.code}\n${reply.body}`);
  const problems = verdictOn(one, reply) ?? [];
  const ms = await stallOf(server, lane, one);
  lane.close();
  await server.stop();
  console.log(
    `\nholds up the event loop for ${ms.toFixed(0)} ms\n${problems.join('\n') || 'the answer is right'}`,
  );
  return problems.length > 0 || ms > stallLimit(one) ? 1 : 0;
}
