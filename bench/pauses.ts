/**
 * Single pauses: a steady rate of captured updates, and for each turn of the server's event loop that came late what held
 * it up: a collection, its own code, other threads of the process, or other processes. Beside bare Fastify.
 * Run: npm run bench:pauses [-- --seconds 60 --rates 400,800,1600 --flags=--single-threaded-gc]
 */
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { percentile } from '../test/support/targets.ts';
import { ask, checkTools } from './measure.ts';
import { waitsAt } from './paced.ts';
import type { Collection, Pause, Watched } from './pause-watch.ts';
import { startBare, startHeadcount, type Measured } from './servers.ts';
import { prepare } from './setting.ts';

/** At full speed, before what is measured: V8 compiles for the first 20,000 reviews. */
const WARM_UP_SECONDS = 10;
const CONNECTIONS = 8;
const LISTED = 5;

const { values: options } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    rates: { type: 'string', default: '400,800,1600' },
    flags: { type: 'string', default: '' },
  },
});
const seconds = Number(options.seconds);
const more = options.flags.split(' ').filter((flag) => flag !== '');

/** What held up most of a pause. */
function causeOf({ at, ms, own, helpers }: Pause, collections: readonly Collection[]): string {
  const within = collections.filter((one) => one.at < at && one.at + one.ms > at - ms);
  const collecting = Math.min(
    own,
    within.reduce((sum, one) => sum + one.ms, 0),
  );
  const away = Math.max(0, ms - own);
  const parts: (readonly [number, string])[] = [
    [collecting, `a collection (${[...new Set(within.map(({ kind }) => kind))].join(', ')})`],
    [own - collecting, 'its own code'],
    [Math.min(away, helpers), 'its other threads, on the same core'],
    [Math.max(0, away - helpers), 'other processes'],
  ];
  return parts.toSorted(([one], [other]) => other - one)[0]?.[1] ?? '';
}

async function measured(
  name: string,
  start: (flags: readonly string[]) => Promise<Measured>,
  path: string,
  rate: number,
): Promise<void> {
  const out = join(directory, 'pauses.json');
  process.env['HEADCOUNT_PAUSES'] = out;
  const server = await start([...more, '--import', join(import.meta.dirname, 'pause-watch.ts')]);
  const url = `${server.url}${path}?timeout=5s`;
  await ask(server.process, url, body, CONNECTIONS, WARM_UP_SECONDS, directory);
  const began = Date.now();
  const waits = await waitsAt(url, body, rate, seconds);
  const ended = Date.now();
  await server.process.end();
  const { pauses, collections } = JSON.parse(readFileSync(out, 'utf8')) as Watched;
  const those = pauses.filter(({ at }) => at > began && at < ended).toSorted((a, b) => b.ms - a.ms);
  const wait = (share: number): string => percentile(waits, share).toFixed(1).padStart(6);
  console.log(
    `${name.padEnd(14)} ${String(rate).padStart(5)}/s   99 % within ${wait(0.99)} ms, all within ${wait(1)} ms; ${those.length} pauses`,
  );
  for (const pause of those.slice(0, LISTED)) {
    const { ms, own, helpers } = pause;
    console.log(
      `    ${ms.toFixed(1).padStart(6)} ms, ${own.toFixed(1)} of the processor, ${helpers.toFixed(1)} by other threads: ${causeOf(pause, collections)}`,
    );
  }
}

checkTools();
const { directory, body, named } = await prepare();
const headcount = (flags: readonly string[]): Promise<Measured> =>
  startHeadcount(named, 10, directory, { flags });
for (const rate of options.rates.split(',').map(Number)) {
  await measured('/validate', headcount, '/validate', rate);
  await measured('/mutate', headcount, '/mutate', rate);
  await measured('bare Fastify', (flags) => startBare('bare-fastify', flags), '/', rate);
}
rmSync(directory, { recursive: true });
// The stand-ins for the API server still listen.
process.exit();
