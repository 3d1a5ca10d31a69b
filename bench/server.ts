/**
 * headcount as it ships (the bundle, with the image's and the chart's flags) beside bare Fastify, in the same run:
 * both pinned to the same core, asked in turn by wrk from another one, with the captured 7.5 KB update and with
 * larger reviews. Figures are mainly ratios: machines differ in requests a second, but hardly in the cost of
 * headcount beside bare Fastify.
 *
 *   npm run bench -- [--quick] [--rounds N] [--seconds N] [--json FILE] [--compare FILE]
 *
 * --quick measures the captured update only. --compare fails where headcount takes more processor time for a
 * request, as a share of bare Fastify's, than the saved figures allow: rates need a quiet machine, this does not.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { issueForLocalhost } from '../src/certs/localhost.ts';
import { minimalRuntime } from '../test/rules/cases.ts';
import { compare, print, save, type Figure } from './figures.ts';
import { ask, checkTools, median, type Rate } from './measure.ts';
import { p99At } from './paced.ts';
import { startBare, startHeadcount, type Headcount, type Measured } from './servers.ts';
import { capturedUpdate, textOf, updateOfSize } from './subject.ts';

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '3' },
    json: { type: 'string' },
    compare: { type: 'string' },
  },
});
const rounds = Number(values.rounds);
const seconds = Number(values.seconds);
/** Requests until Node has compiled the code that runs often; its compiler shares the server's core. */
const WARM_UP = 40_000;
/** Seconds that they may take on a machine that does other work as well. */
const WARM_UP_SECONDS = 20;

const update = capturedUpdate();
const captured = textOf(update?.request ?? updateOfSize(7_500));
/** The runtimes that the measured services name. */
const named = [minimalRuntime(), ...(update === null ? [] : [update.runtime])];
const directory = mkdtempSync(join(tmpdir(), 'headcount-bench-'));
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
  server: Measured,
  name: string,
  path: string,
  body: string,
  connections: number,
): Promise<readonly { readonly ours: Rate; readonly bare: Rate }[]> {
  const pairs = [];
  for (let round = 0; round < rounds; round++) {
    const asked = ({ process, url }: Measured, query: string): Promise<Rate> =>
      ask(process, `${url}${path}${query}`, body, connections, seconds, directory);
    const [ours, bare] = [await asked(server, '?timeout=5s'), await asked(fastify, '')];
    if (ours.errors + bare.errors > 0)
      throw new Error(`${name}: ${ours.errors} and ${bare.errors} answers failed`);
    pairs.push({ ours, bare });
    const show = ({ rate, cpu, p99 }: Rate): string =>
      `${rate.toFixed(0).padStart(6)}/s ${cpu.toFixed(0).padStart(5)} us ${p99.toFixed(2).padStart(7)} ms`;
    console.log(`  ${name.padEnd(34)} ${show(ours)}   bare ${show(bare)}`);
  }
  return pairs;
}

/** Rate and processor time of headcount as ratios of bare Fastify's, in turns. */
async function measure(
  server: Measured,
  name: string,
  path: string,
  body: string,
  connections: number,
  target: number | null,
): Promise<void> {
  const pairs = await askBoth(server, name, path, body, connections);
  const ratio = (of: (rate: Rate) => number): number =>
    median(pairs.map(({ ours, bare }) => of(ours) / of(bare)));
  figure(
    `${name}: rate`,
    ratio(({ rate }) => rate),
    'of bare',
    target,
    'higher',
  );
  figure(
    `${name}: processor time`,
    ratio(({ cpu }) => cpu),
    'of bare',
    null,
    'lower',
  );
}

async function warmUp(server: Measured, path: string): Promise<void> {
  const step = 2;
  for (let [asked, spent] = [0, 0]; asked < WARM_UP && spent < WARM_UP_SECONDS; spent += step) {
    const { rate } = await ask(
      server.process,
      `${server.url}${path}?timeout=5s`,
      captured,
      8,
      step,
      directory,
    );
    asked += rate * step;
  }
}

/** The least memory that is held after some load, which makes Node collect garbage. */
async function held(server: Headcount): Promise<number> {
  const samples: number[] = [];
  const load = warmUp(server, '/validate').then(() => 'done');
  while ((await Promise.race([load, sleep(100)])) !== 'done') samples.push(await server.held());
  return Math.min(...samples);
}

checkTools();
const pair = await issueForLocalhost(Date.now());
writeFileSync(join(directory, 'tls.crt'), pair.cert);
writeFileSync(join(directory, 'tls.key'), pair.key);
if (update === null)
  console.log('The captured review is absent: a stand-in of its size is measured instead.');
const fastify = await startBare('bare-fastify');
const headcount = await startHeadcount(named, 10, directory);
figure('start to ready', headcount.ready, 'ms', 400, 'lower');
await sleep(1_000);
figure('resident, idle', headcount.process.resident / fastify.process.resident, 'of bare', 1.15, 'lower');
console.log('requests a second, processor time for each, 99 % of them answered within');
await warmUp(fastify, '/');
for (const phase of ['validate', 'mutate'] as const) {
  const path = `/${phase}`;
  await warmUp(headcount, path);
  const target = phase === 'validate' ? 0.85 : 0.75;
  await measure(headcount, `${path}, 7.5 KB, 8 connections`, path, captured, 8, target);
  if (values.quick) continue;
  for (const connections of [1, 64]) {
    await measure(
      headcount,
      `${path}, 7.5 KB, ${connections} connections`,
      path,
      captured,
      connections,
      null,
    );
  }
  for (const bytes of [2_600, 64_000, 1_000_000]) {
    const name = `${path}, ${bytes / 1_000} KB, 8 connections`;
    await measure(headcount, name, path, textOf(updateOfSize(bytes)), 8, null);
  }
}
if (!values.quick) {
  const { rate } = await ask(headcount.process, `${headcount.url}/validate`, captured, 8, seconds, directory);
  const tails: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const ours = await p99At(`${headcount.url}/validate`, captured, rate / 2, seconds);
    const bare = await p99At(`${fastify.url}/validate`, captured, rate / 2, seconds);
    console.log(`  99 % at ${(rate / 2).toFixed(0)}/s: ${ours.toFixed(2)} ms   bare ${bare.toFixed(2)} ms`);
    tails.push(ours / bare);
  }
  figure('/validate at half load: p99', median(tails), 'of bare', 2, 'lower');
  figure('resident, after the load', headcount.process.resident, 'MB', 180, 'lower');
  const https = await startBare('bare-https');
  await warmUp(https, '/');
  await measure(https, 'bare node:https, 7.5 KB', '/', captured, 8, null);
  await https.stop();
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
  await measure(large, '/validate, 10,000 runtimes', '/validate', captured, 8, 0.85);
  await large.stop();
} else await headcount.stop();
await fastify.stop();
rmSync(directory, { recursive: true });
print(figures);
if (values.json !== undefined) save(figures, values.json);
if (values.compare !== undefined) process.exitCode = compare(figures, values.compare);
