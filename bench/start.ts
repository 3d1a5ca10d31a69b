/**
 * Cold start and memory of the bundle, with the compile cache as the image has it, beside those of the sources: the
 * same command, started in turn, so that changes of the machine's speed affect all alike. The ratio counts.
 *
 *   npm run bench:start -- [--rounds N]
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { bundle } from '../packaging/bundle.ts';
import { median } from './measure.ts';

const ROOT = join(import.meta.dirname, '..');
const { values } = parseArgs({ options: { rounds: { type: 'string', default: '7' } } });
const rounds = Number(values.rounds);
const directory = mkdtempSync(join(tmpdir(), 'headcount-start-'));

interface Program {
  readonly name: string;
  readonly file: string;
  readonly env: Readonly<Record<string, string>>;
}

interface Task {
  readonly name: string;
  readonly args: readonly string[];
  /** The output that shows that it is ready; null: it is ready when it has ended. */
  readonly says: string | null;
}

/** Milliseconds until it is ready, and MB of resident memory then; for a command that ends, the peak. */
interface Start {
  readonly time: number;
  readonly memory: number;
}

const BUNDLE = join(directory, 'dist/bundle');
const PROGRAMS: readonly Program[] = [
  { name: 'source', file: join(ROOT, 'src/main.ts'), env: {} },
  { name: 'bundle', file: join(BUNDLE, 'main.js'), env: {} },
  {
    name: 'bundle, cached',
    file: join(BUNDLE, 'main.js'),
    env: { NODE_COMPILE_CACHE: join(directory, 'cache') },
  },
];
const TASKS: readonly Task[] = [
  {
    name: 'serve, to the first line of its log',
    args: ['serve', '--offline', '--host', '127.0.0.1', '--port', '0', '--ops-port', '0'],
    says: 'serving https',
  },
  { name: 'plan, to its end', args: ['plan', join(ROOT, 'demo/manifests/guide-case-1.yaml')], says: null },
];

async function start({ file, env }: Program, { args, says }: Task): Promise<Start> {
  const began = process.hrtime.bigint();
  const since = (): number => Number(process.hrtime.bigint() - began) / 1e6;
  const report = join(directory, 'memory');
  const watch = says === null ? [`--import=data:text/javascript,${encodeURIComponent(peak(report))}`] : [];
  const child = spawn(process.execPath, [...watch, file, ...args], {
    env: { PATH: process.env['PATH'], ...env },
  });
  const ended = once(child, 'close') as Promise<[number | null]>;
  let text = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
  if (says === null) {
    const [code] = await ended;
    if (code !== 0) throw new Error(`${file} ended with ${code}: ${text}`);
    return { time: since(), memory: Number(readFileSync(report, 'utf8')) / 1_024 };
  }
  while (!text.includes(says)) {
    if (child.exitCode !== null) throw new Error(`${file} ended: ${text}`);
    await Promise.race([once(child.stderr, 'data'), once(child.stdout, 'data'), ended]);
  }
  const time = since();
  const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
  // Node writes the compile cache when the process ends by itself.
  child.kill('SIGTERM');
  await ended;
  return { time, memory: Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) / 1_024 };
}

function peak(report: string): string {
  return `import { writeFileSync } from 'node:fs'; process.on('exit', () => writeFileSync(${JSON.stringify(report)}, String(process.resourceUsage().maxRSS)));`;
}

try {
  if (!existsSync('/proc/self/status')) throw new Error('memory is read from /proc: Linux is needed');
  await bundle(BUNDLE);
  // The program reads its version from it.
  copyFileSync(join(ROOT, 'package.json'), join(directory, 'package.json'));
  console.log(`Median of ${rounds} starts (Node ${process.version}); the ratio is to the sources\n`);
  console.log(
    `${'program'.padEnd(18)}${'ms'.padStart(8)}${'ratio'.padStart(8)}${'MB'.padStart(8)}${'ratio'.padStart(8)}`,
  );
  for (const task of TASKS) {
    const figures = new Map<Program, Start[]>(PROGRAMS.map((program) => [program, []]));
    // The first of each warms files and cache, and is not counted.
    for (let round = 0; round <= rounds; round++) {
      for (const program of PROGRAMS) {
        const figure = await start(program, task);
        if (round > 0) figures.get(program)?.push(figure);
      }
    }
    console.log(`\n${task.name}`);
    const medians = PROGRAMS.map((program) => {
      const all = figures.get(program) ?? [];
      return { time: median(all.map(({ time }) => time)), memory: median(all.map(({ memory }) => memory)) };
    });
    for (const [index, { time, memory }] of medians.entries()) {
      const [base] = medians;
      const ratio = (value: number, to: number | undefined): string =>
        (value / (to ?? Number.NaN)).toFixed(2).padStart(8);
      console.log(
        `${PROGRAMS[index]?.name.padEnd(18)}${time.toFixed(0).padStart(8)}${ratio(time, base?.time)}` +
          `${memory.toFixed(0).padStart(8)}${ratio(memory, base?.memory)}`,
      );
    }
  }
} finally {
  rmSync(directory, { recursive: true });
}
