/**
 * headcount as it ships beside bare Fastify, in the same run: both pinned to the same core, asked in turn by wrk
 * from another one, with the captured 7.5 KB update and with larger reviews. Figures are ratios first: what a
 * machine does in a second differs, what headcount costs beside bare Fastify hardly does.
 *
 *   npm run bench -- [--rounds N] [--seconds N] [--json FILE] [--compare FILE]
 *
 * --compare fails where a ratio has become worse than the saved one by more than its tolerance.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ask, checkTools, freePort, median, Process } from './measure.ts';
import { startFakeApi } from './fake-api.ts';
import { issueForLocalhost } from '../src/certs/localhost.ts';
import { minimalRuntime } from '../test/rules/cases.ts';
import { capturedUpdate, textOf, updateOfSize } from './subject.ts';

const ROOT = join(import.meta.dirname, '..');
const PROGRAM = process.env['HEADCOUNT_PROGRAM'] ?? join(ROOT, 'src/main.ts');
/** A ratio may be so much worse than the saved one, as a share of it, before it counts as a regression. */
const TOLERANCE = 0.2;

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '3' },
    json: { type: 'string' },
    compare: { type: 'string' },
  },
});
const rounds = Number(values.rounds);
const seconds = Number(values.seconds);

/** A figure with its target; `better` says which way. */
interface Row {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly target: number | null;
  readonly better: 'higher' | 'lower';
}

const update = capturedUpdate();
const captured = textOf(update?.request ?? updateOfSize(7_500));
/** The runtimes that the measured services name. */
const named = [minimalRuntime(), ...(update === null ? [] : [update.runtime])];
const directory = mkdtempSync(join(tmpdir(), 'headcount-bench-'));
const rows: Row[] = [];

async function startHeadcount(
  runtimes: number,
): Promise<{ server: Process; url: string; ready: number; stop: () => Promise<void> }> {
  const api = await startFakeApi(named, runtimes);
  const kubeconfig = join(directory, `kubeconfig-${runtimes}`);
  writeFileSync(kubeconfig, api.kubeconfig);
  const [port, opsPort] = [await freePort(), await freePort()];
  const server = new Process([
    PROGRAM,
    'serve',
    '--kubeconfig',
    kubeconfig,
    '--cert-dir',
    directory,
    '--host',
    '127.0.0.1',
    '--port',
    String(port),
    '--ops-port',
    String(opsPort),
  ]);
  const ready = await server.until(async () => (await fetch(`http://127.0.0.1:${opsPort}/readyz`)).ok);
  return {
    server,
    url: `https://127.0.0.1:${port}`,
    ready,
    async stop() {
      await server.stop();
      api.stop();
    },
  };
}

async function startBare(): Promise<{ server: Process; url: string }> {
  const port = await freePort();
  const server = new Process([join(import.meta.dirname, 'bare-fastify.ts'), String(port)]);
  await server.until(() => server.says('listening'));
  return { server, url: `https://127.0.0.1:${port}` };
}

/** Rate and latency of headcount as ratios of bare Fastify's, in turns. */
async function compare(
  name: string,
  path: string,
  body: string,
  connections: number,
  target: number | null,
): Promise<void> {
  const rates: number[] = [];
  const tails: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const ours = await ask(`${headcount.url}${path}?timeout=5s`, body, connections, seconds, directory);
    const bare = await ask(`${yardstick.url}${path}`, body, connections, seconds, directory);
    if (ours.errors + bare.errors > 0)
      throw new Error(`${name}: ${ours.errors} and ${bare.errors} answers failed`);
    rates.push(ours.rate / bare.rate);
    tails.push(ours.p99 / bare.p99);
    console.log(
      `  ${name.padEnd(38)} ${ours.rate.toFixed(0).padStart(6)}/s  bare ${bare.rate.toFixed(0).padStart(6)}/s  p99 ${ours.p99.toFixed(2)} ms, bare ${bare.p99.toFixed(2)} ms`,
    );
  }
  rows.push({ name: `${name}: rate`, value: median(rates), unit: 'of bare', target, better: 'higher' });
  rows.push({ name: `${name}: p99`, value: median(tails), unit: 'of bare', target: null, better: 'lower' });
}

checkTools();
const pair = await issueForLocalhost(Date.now());
writeFileSync(join(directory, 'tls.crt'), pair.cert);
writeFileSync(join(directory, 'tls.key'), pair.key);
if (update === null)
  console.log('The captured review is absent: a stand-in of its size is measured instead.');
const yardstick = await startBare();
let headcount = await startHeadcount(10);
rows.push({ name: 'start to ready', value: headcount.ready, unit: 'ms', target: 400, better: 'lower' });
const idle = { ours: headcount.server.resident, bare: yardstick.server.resident };

for (const phase of ['validate', 'mutate'] as const) {
  const target = phase === 'validate' ? 0.85 : 0.75;
  await compare(`/${phase}, 7.5 KB, 8 connections`, `/${phase}`, captured, 8, target);
  await compare(`/${phase}, 7.5 KB, 1 connection`, `/${phase}`, captured, 1, null);
  await compare(`/${phase}, 7.5 KB, 64 connections`, `/${phase}`, captured, 64, null);
  for (const bytes of [2_600, 64_000, 1_000_000]) {
    await compare(
      `/${phase}, ${bytes / 1_000} KB, 8 connections`,
      `/${phase}`,
      textOf(updateOfSize(bytes)),
      8,
      null,
    );
  }
}
rows.push({
  name: 'resident, idle',
  value: idle.ours / idle.bare,
  unit: 'of bare',
  target: 1.15,
  better: 'lower',
});
rows.push({
  name: 'resident, after the load',
  value: headcount.server.resident,
  unit: 'MB',
  target: 180,
  better: 'lower',
});
await headcount.stop();

const few = await startHeadcount(10);
const before = few.server.resident;
await few.stop();
headcount = await startHeadcount(10_000);
rows.push({
  name: 'memory for each of 10,000 runtimes',
  value: ((headcount.server.resident - before) * 1_024) / 10_000,
  unit: 'KB',
  target: 4,
  better: 'lower',
});
await compare('/validate, 10,000 runtimes', '/validate', captured, 8, 0.85);
await headcount.stop();
await yardstick.server.stop();
rmSync(directory, { recursive: true });

console.log(`\n${'figure'.padEnd(46)}    value            target`);
for (const { name, value, unit, target, better } of rows) {
  const aim = target === null ? '' : `${better === 'higher' ? '>=' : '<='} ${target}`;
  const met =
    target === null ? '' : (better === 'higher' ? value >= target : value <= target) ? 'met' : 'missed';
  console.log(
    `${name.padEnd(46)} ${value.toFixed(2).padStart(8)} ${unit.padEnd(10)} ${aim.padEnd(9)} ${met}`,
  );
}
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(ratios(), null, 2)}\n`);
if (values.compare !== undefined) process.exitCode = regressions(values.compare);

/** Only ratios: other figures are the machine's as well. */
function ratios(): Readonly<Record<string, number>> {
  return Object.fromEntries(
    rows.filter(({ unit }) => unit === 'of bare').map(({ name, value }) => [name, Number(value.toFixed(3))]),
  );
}

/** Rates and memory only: a tail of a few seconds says little. */
function regressions(path: string): number {
  const saved = JSON.parse(readFileSync(path, 'utf8')) as Readonly<Record<string, number>>;
  let worse = 0;
  for (const { name, value, better } of rows) {
    const then = saved[name];
    if (then === undefined || name.endsWith('p99')) continue;
    const limit = better === 'higher' ? then * (1 - TOLERANCE) : then * (1 + TOLERANCE);
    if (better === 'higher' ? value >= limit : value <= limit) continue;
    worse += 1;
    console.log(`regression: ${name} is ${value.toFixed(2)}, was ${then.toFixed(2)}`);
  }
  console.log(worse === 0 ? 'no regression' : `${worse} regressions`);
  return worse === 0 ? 0 : 1;
}
