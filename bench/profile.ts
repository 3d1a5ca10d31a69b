/**
 * Where the time of a request goes: a CPU profile of headcount, bare Fastify and bare node:https under the same load,
 * each sample counted for its innermost frame that belongs to a part.
 * Run: npm run bench:profile
 */
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ask, checkTools } from './measure.ts';
import { startBare, startHeadcount, type Measured } from './servers.ts';
import { prepare } from './setting.ts';

const SECONDS = 4;
/** Rounds before the one that counts: Node compiles code that runs often. */
const WARM_UP = 3;
/** Microseconds between two samples. */
const INTERVAL = 500;

interface Frame {
  readonly functionName: string;
  readonly url: string;
}

interface Profile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: Frame;
    readonly children?: readonly number[];
  }[];
  /** Microseconds, of the clock that process.hrtime reads. */
  readonly startTime: number;
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

/** What the time is for, by the frame that says so; the first that fits. */
const PARTS: readonly (readonly [string, (frame: Frame) => boolean])[] = [
  ['garbage collection', ({ functionName }) => functionName === '(garbage collector)'],
  ['Node outside of JavaScript', ({ functionName }) => functionName === '(program)'],
  ['TLS and sockets: write', ({ functionName }) => /^write(Utf8|Latin1|v|Buffer)/.test(functionName)],
  ['JSON.parse', ({ functionName }) => /^(skim|decodeWhole|_parse)$/.test(functionName)],
  [
    'bounds, keys, unread parts',
    ({ url }) => /src\/(lib\/(scan|plain-json)|server\/review\/skim)\.ts/.test(url),
  ],
  ['answer', ({ url, functionName }) => /src\/server\/review\//.test(url) || functionName === 'stringify'],
  ['decide', ({ url }) => /src\/(admission|rules|mutation|kserve|vllm|cluster|lib)\//.test(url)],
  [
    'log',
    ({ url, functionName }) => /src\/server\/log\.ts|\/pino\//.test(url) || functionName === 'logDecision',
  ],
  ['metrics', ({ url }) => /src\/server\/metrics\.ts|\/prom-client\//.test(url)],
  [
    'admission of load, deadline, body',
    ({ url }) => /src\/server\/(load|deadline|limited|arrivals|body)\.ts/.test(url),
  ],
  [
    'HTTP: Fastify, handlers',
    ({ url }) =>
      /\/(fastify|find-my-way|secure-json-parse)\/|src\/server\/(app|webhook|exchange|answer|http)\.ts|bench\//.test(
        url,
      ),
  ],
  ['HTTP and TLS: Node', ({ url }) => url.startsWith('node:')],
];
const REST = 'everything else';

/** @returns microseconds by part, of the samples from `since` on; idle time is left out */
function partsOf(profile: Profile, since: number): ReadonlyMap<string, number> {
  const frames = new Map(profile.nodes.map(({ id, callFrame }) => [id, callFrame]));
  const parents = new Map(
    profile.nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id])),
  );
  const parts = new Map<string, number>();
  let now = profile.startTime;
  for (const [index, sample] of profile.samples.entries()) {
    const spent = profile.timeDeltas[index] ?? 0;
    now += spent;
    if (now < since || frames.get(sample)?.functionName === '(idle)') continue;
    let part: string | undefined;
    for (let at: number | undefined = sample; at !== undefined && part === undefined; at = parents.get(at)) {
      const frame = frames.get(at) as Frame;
      part = PARTS.find(([, fits]) => fits(frame))?.[0];
    }
    parts.set(part ?? REST, (parts.get(part ?? REST) ?? 0) + spent);
  }
  return parts;
}

async function profiled(
  name: string,
  start: (flags: readonly string[]) => Promise<Measured>,
  path: string,
): Promise<ReadonlyMap<string, number>> {
  const out = join(directory, name);
  const server = await start(['--cpu-prof', `--cpu-prof-dir=${out}`, `--cpu-prof-interval=${INTERVAL}`]);
  const round = (): ReturnType<typeof ask> =>
    ask(server.process, `${server.url}${path}?timeout=5s`, body, 8, SECONDS, directory);
  for (let warm = 0; warm < WARM_UP; warm++) await round();
  const since = Number(process.hrtime.bigint() / 1_000n);
  const { rate } = await round();
  await server.process.end();
  const [file = ''] = readdirSync(out);
  const parts = partsOf(JSON.parse(readFileSync(join(out, file), 'utf8')) as Profile, since);
  return new Map([...parts].map(([part, spent]) => [part, spent / (rate * SECONDS)]));
}

checkTools();
const { directory, body, named } = await prepare();
const headcount = (flags: readonly string[]): Promise<Measured> =>
  startHeadcount(named, 10, directory, { flags, program: 'src/main.ts' });

const columns: readonly (readonly [string, ReadonlyMap<string, number>])[] = [
  ['/validate', await profiled('validate', headcount, '/validate')],
  ['/mutate', await profiled('mutate', headcount, '/mutate')],
  ['Fastify', await profiled('fastify', (flags) => startBare('bare-fastify', flags), '/')],
  ['node:https', await profiled('https', (flags) => startBare('bare-https', flags), '/')],
];
rmSync(directory, { recursive: true });

console.log(`microseconds for each request   ${columns.map(([name]) => name.padStart(10)).join('')}`);
const row = (name: string, of: (parts: ReadonlyMap<string, number>) => number): void =>
  console.log(`${name.padEnd(34)}${columns.map(([, parts]) => of(parts).toFixed(1).padStart(10)).join('')}`);
for (const part of [...PARTS.map(([name]) => name), REST]) row(part, (parts) => parts.get(part) ?? 0);
row('together', (parts) => [...parts.values()].reduce((sum, spent) => sum + spent, 0));
// The stand-ins for the API server still listen.
process.exit();
