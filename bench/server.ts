/**
 * headcount as it ships (the bundle, with the image's and the chart's flags) beside bare Fastify and bare node:https, in
 * the same run: all pinned to the same core, asked in turn by wrk from another one, with the captured 7.5 KB update and
 * with larger reviews. What counts is the processor time of a request as a share of bare Fastify's: machines differ in
 * requests a second, and other work takes from them.
 *
 *   npm run bench -- [--quick] [--kserve] [--rounds N] [--seconds N] [--json FILE] [--compare FILE]
 *
 * --quick measures the captured update only, --kserve KServe's own webhooks too (built where they are not in the cache).
 * --compare fails where headcount takes a larger share than the saved figures allow.
 */
import { rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { compare, print, save, type Figure } from './figures.ts';
import { ask, at, checkTools, median, warmUp, type Asked, type Rate } from './measure.ts';
import { percentile } from '../test/support/targets.ts';
import { waitsAt } from './paced.ts';
import { startKServe } from './kserve.ts';
import { startBare, startHeadcount, type Headcount } from './servers.ts';
import { prepare } from './setting.ts';
import { textOf, updateOfSize } from './subject.ts';

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    kserve: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '3' },
    json: { type: 'string' },
    compare: { type: 'string' },
  },
});
const rounds = Number(values.rounds);
const seconds = Number(values.seconds);

const { directory, body: captured, named, isCaptured } = await prepare();
const figures: Figure[] = [];

function figure(
  name: string,
  value: number,
  unit: string,
  target: number | null,
  better: 'higher' | 'lower',
): void {
  figures.push({ name, value, unit, target, better });
}

async function askBoth(
  server: Asked,
  name: string,
  body: string,
  connections: number,
): Promise<readonly { readonly ours: Rate; readonly bare: Rate }[]> {
  const pairs = [];
  for (let round = 0; round < rounds; round++) {
    const asked = ({ process, url }: Asked): Promise<Rate> =>
      ask(process, `${url}?timeout=5s`, body, connections, seconds, directory);
    const [ours, bare] = [await asked(server), await asked({ ...fastify, url: `${fastify.url}/validate` })];
    if (ours.errors + bare.errors > 0)
      throw new Error(`${name}: ${ours.errors} and ${bare.errors} answers failed`);
    pairs.push({ ours, bare });
    const show = ({ rate, cpu, p99 }: Rate): string =>
      `${cpu.toFixed(0).padStart(5)} us ${rate.toFixed(0).padStart(6)}/s ${p99.toFixed(2).padStart(7)} ms`;
    console.log(`  ${name.padEnd(36)} ${show(ours)}   bare ${show(bare)}`);
  }
  return pairs;
}

/** Processor time and rate of a server as ratios of bare Fastify's, in turns. */
async function measure(
  server: Asked,
  name: string,
  body: string,
  connections: number,
  target: number | null,
): Promise<void> {
  const pairs = await askBoth(server, name, body, connections);
  const ratio = (of: (rate: Rate) => number): number =>
    median(pairs.map(({ ours, bare }) => of(ours) / of(bare)));
  figure(
    `${name}: processor time`,
    ratio(({ cpu }) => cpu),
    'of bare',
    target,
    'lower',
  );
  figure(
    `${name}: rate`,
    ratio(({ rate }) => rate),
    'of bare',
    null,
    'higher',
  );
}

/** The least memory that is held after some load, which makes Node collect garbage. */
async function held(server: Headcount): Promise<number> {
  const samples: number[] = [];
  const load = warmUp(at(server, '/validate'), captured, directory).then(() => 'done');
  while ((await Promise.race([load, sleep(100)])) !== 'done') samples.push(await server.held());
  return Math.min(...samples);
}

checkTools();
if (!isCaptured) console.log('The captured review is absent: a stand-in of its size is measured instead.');
const fastify = await startBare('bare-fastify');
const headcount = await startHeadcount(named, 10, directory);
figure('start to ready', headcount.ready, 'ms', 400, 'lower');
await sleep(1_000);
figure('resident, idle', headcount.process.resident / fastify.process.resident, 'of bare', 1.15, 'lower');
console.log('processor time of a request, requests a second, 99 % of them answered within');
await warmUp(at(fastify, '/'), captured, directory);
for (const phase of ['validate', 'mutate'] as const) {
  const path = `/${phase}`;
  const ours = at(headcount, path);
  await warmUp(ours, captured, directory);
  const target = phase === 'validate' ? 1.5 : 2;
  await measure(ours, `${path}, 7.5 KB, 8 connections`, captured, 8, target);
  if (values.quick) continue;
  for (const connections of [1, 64]) {
    await measure(ours, `${path}, 7.5 KB, ${connections} connections`, captured, connections, null);
  }
  for (const bytes of [2_600, 64_000, 1_000_000]) {
    const name = `${path}, ${bytes / 1_000} KB, 8 connections`;
    await measure(ours, name, textOf(updateOfSize(bytes)), 8, null);
  }
}
const https = await startBare('bare-https');
await warmUp(at(https, '/'), captured, directory);
await measure(at(https, '/'), 'bare node:https, 7.5 KB', captured, 8, null);
await https.stop();
if (values.kserve) {
  const kserve = await startKServe();
  for (const phase of ['validate', 'mutate'] as const) {
    const theirs = { process: kserve.process, url: kserve.urls[phase] };
    await warmUp(theirs, captured, directory);
    await measure(theirs, `KServe's /${phase}, 7.5 KB`, captured, 8, null);
  }
  await kserve.stop();
}
if (!values.quick) {
  const { rate } = await ask(headcount.process, `${headcount.url}/validate`, captured, 8, seconds, directory);
  const tails: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const ours = percentile(await waitsAt(`${headcount.url}/validate`, captured, rate / 2, seconds), 0.99);
    const bare = percentile(await waitsAt(`${fastify.url}/validate`, captured, rate / 2, seconds), 0.99);
    console.log(`  99 % at ${(rate / 2).toFixed(0)}/s: ${ours.toFixed(2)} ms   bare ${bare.toFixed(2)} ms`);
    tails.push(ours / bare);
  }
  figure('/validate at half load: p99', median(tails), 'of bare', 3, 'lower');
  figure('resident, after the load', headcount.process.resident, 'MB', 180, 'lower');
  const few = await held(headcount);
  await headcount.stop();
  const large = await startHeadcount(named, 10_000, directory);
  figure(
    'memory for each of 10,000 runtimes',
    ((await held(large)) - few) / 10_000 / 1_024,
    'KB',
    4,
    'lower',
  );
  await measure(at(large, '/validate'), '/validate, 10,000 runtimes', captured, 8, null);
  await large.stop();
} else await headcount.stop();
await fastify.stop();
rmSync(directory, { recursive: true });
print(figures);
if (values.json !== undefined) save(figures, values.json);
if (values.compare !== undefined) process.exitCode = compare(figures, values.compare);
