/**
 * Versions of headcount beside each other: this one's bundle, those that are named, and bare Fastify, all pinned to the
 * same core and asked in turn, so that a machine that is slow for a while is slow for all of them. All are started several
 * times: V8 compiles another set of functions in each process, and one may be a tenth slower than the next for good.
 *
 *   npm run bench:beside -- before=../before/dist/bundle/main.js [NAME=MAIN.JS ...] [--paths /validate,/mutate] [--kb 7.5,64,1000] [--starts 3] [--rounds 3] [--seconds 2]
 *
 * Prints the processor time of a request, as the median of all rounds' ratios: of bare Fastify's, and of this version's.
 */
import { rmSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { ask, at, checkTools, median, warmUp, type Asked } from './measure.ts';
import { startBare, startHeadcount } from './servers.ts';
import { prepare } from './setting.ts';
import { textOf, updateOfSize } from './subject.ts';

const CONNECTIONS = 8;
/** Of the captured update, which is sent where its size is asked for. */
const CAPTURED = 7.5;
const THIS = 'this version';
const BARE = 'bare Fastify';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    paths: { type: 'string', default: '/validate,/mutate' },
    kb: { type: 'string', default: '7.5,64,1000' },
    starts: { type: 'string', default: '3' },
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '2' },
  },
});

checkTools();
const { directory, body: captured, named } = await prepare();
/** Microseconds of processor time for a request by server, in each round, for each path and size. */
const measured = new Map<string, Map<string, number[]>>();
for (let start = 0; start < Number(values.starts); start++) await startAndAsk();
rmSync(directory, { recursive: true });
for (const [title, times] of measured) print(title, times);

async function startAndAsk(): Promise<void> {
  const bare = await startBare('bare-fastify');
  const servers = new Map<string, Asked>([[BARE, bare]]);
  const stops = [bare.stop];
  for (const [name, program] of [[THIS], ...positionals.map((other) => other.split('='))]) {
    const server = await startHeadcount(named, 10, directory, program === undefined ? {} : { program });
    servers.set(name ?? '', server);
    stops.push(server.stop);
  }
  for (const path of values.paths.split(',')) {
    for (const server of servers.values()) await warmUp(at(server, path), captured, directory);
    for (const kb of values.kb.split(',').map(Number)) await askAll(servers, path, kb);
  }
  for (const stop of stops) await stop();
}

async function askAll(servers: ReadonlyMap<string, Asked>, path: string, kb: number): Promise<void> {
  const body = kb === CAPTURED ? captured : textOf(updateOfSize(kb * 1_000));
  const title = `${path}, ${kb} KB`;
  const times =
    measured.get(title) ?? new Map([...servers.keys()].map((name): [string, number[]] => [name, []]));
  measured.set(title, times);
  for (let round = 0; round < Number(values.rounds); round++) {
    for (const [name, server] of servers) {
      const url = `${server.url}${path}?timeout=5s`;
      const { cpu, errors } = await ask(
        server.process,
        url,
        body,
        CONNECTIONS,
        Number(values.seconds),
        directory,
      );
      if (errors > 0) throw new Error(`${name} ${title}: ${errors} answers failed`);
      times.get(name)?.push(cpu);
    }
  }
}

function print(title: string, times: ReadonlyMap<string, readonly number[]>): void {
  console.log(`\n${title}`);
  for (const [name, each] of times) {
    const over = (other: string): string => {
      const ratios = each.map((cpu, round) => cpu / (times.get(other)?.[round] ?? Number.NaN));
      return median(ratios).toFixed(2).padStart(6);
    };
    console.log(
      `  ${name.padEnd(28)} ${median(each).toFixed(0).padStart(6)} us ${over(BARE)} of bare ${over(THIS)} of this`,
    );
  }
}
