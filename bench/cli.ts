/**
 * The command line as whole processes, from the bundle: how long `plan` of one file takes beside `node -e 0`, in
 * turns, so that changes of the machine's speed affect both alike; and how many files a second `lint` reads from a directory,
 * with the memory it takes for 1,000 and for 5,000 files. Run: npm run bench:cli -- [--rounds N]
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { bundle, BUNDLE } from '../packaging/bundle.ts';
import { median } from './measure.ts';

const ROOT = join(import.meta.dirname, '..');
const PROGRAM = join(BUNDLE, 'main.js');
const MANIFEST = join(ROOT, 'demo/manifests/guide-case-1.yaml');
const CATALOGUE = join(ROOT, 'demo/catalog');
const ROUNDS = 25;
const { values } = parseArgs({ options: { rounds: { type: 'string', default: '5' } } });
const LINT_ROUNDS = Number(values.rounds);

/** Makes a process print its peak memory in KB when it ends. */
const TELL_MEMORY =
  'process.on("exit",()=>require("node:fs").writeSync(2,"PEAK "+process.resourceUsage().maxRSS+"\\n"))';

interface Run {
  readonly milliseconds: number;
  /** Megabytes; NaN where it was not asked for. */
  readonly peak: number;
}

async function run(args: readonly string[]): Promise<Run> {
  const start = performance.now();
  const child = spawn(process.execPath, args, { cwd: ROOT, stdio: ['ignore', 'ignore', 'pipe'] });
  let text = '';
  child.stderr.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number];
  const milliseconds = performance.now() - start;
  if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}: ${text}`);
  return { milliseconds, peak: Number(/PEAK (\d+)/.exec(text)?.[1]) / 1_024 };
}

async function plan(): Promise<void> {
  const [nothing, one]: [number[], number[]] = [[], []];
  for (let round = 0; round < ROUNDS; round++) {
    nothing.push((await run(['-e', '0'])).milliseconds);
    one.push((await run([PROGRAM, 'plan', MANIFEST, '--catalog', CATALOGUE])).milliseconds);
  }
  console.log(`plan of one file, median of ${ROUNDS} (whole process, in turns with node -e 0)`);
  console.log(`  node -e 0       ${median(nothing).toFixed(0).padStart(6)} ms`);
  console.log(`  headcount plan  ${median(one).toFixed(0).padStart(6)} ms`);
}

async function lint(directory: string, format: string): Promise<void> {
  const figures: { files: number; perSecond: number; peak: number }[] = [];
  for (const files of [1_000, 5_000]) {
    const runs: Run[] = [];
    const path = join(directory, String(files));
    const command = [PROGRAM, 'lint', path, '--catalog', CATALOGUE, '-o', format];
    for (let round = 0; round < LINT_ROUNDS; round++) {
      runs.push(
        await run([
          '--import',
          `data:text/javascript,import{createRequire}from"node:module";const require=createRequire("file:///");${TELL_MEMORY}`,
          ...command,
        ]),
      );
    }
    const seconds = median(runs.map(({ milliseconds }) => milliseconds)) / 1_000;
    figures.push({ files, perSecond: files / seconds, peak: median(runs.map(({ peak }) => peak)) });
  }
  for (const { files, perSecond, peak } of figures) {
    console.log(
      `  ${format.padEnd(7)}${files.toLocaleString('en-US').padStart(6)} files` +
        `${perSecond.toFixed(0).padStart(8)} files/s${peak.toFixed(0).padStart(6)} MB at the peak`,
    );
  }
}

function writeManifests(directory: string): void {
  const text = readFileSync(MANIFEST, 'utf8');
  for (const files of [1_000, 5_000]) {
    const path = join(directory, String(files));
    mkdirSync(path);
    for (let index = 0; index < files; index++) {
      writeFileSync(join(path, `s-${index}.yaml`), text.replace(/name: case-1/, `name: s-${index}`));
    }
  }
}

await bundle();
const directory = mkdtempSync(join(tmpdir(), 'headcount-bench-'));
try {
  writeManifests(directory);
  await plan();
  console.log(`\nlint of a directory, median of ${LINT_ROUNDS}`);
  for (const format of ['text', 'json', 'sarif', 'github', 'junit']) await lint(directory, format);
  console.log('\nTargets: plan <= 150 ms; lint >= 2,000 files/s, with flat memory.');
} finally {
  rmSync(directory, { recursive: true });
}
