/**
 * Do the fidelity tests notice a wrong planner? Each mutant is one small fault in src/kserve and src/mutation, put into a
 * copy of the repository in which test/kserve/fidelity, test/kserve/observed and test/cli/plan/heads are run with a fixed seed.
 * A mutant that they pass has survived, and is a hole in them. Run by `npm run mutants`; takes minutes. With the argument
 * `judge` it is test/e2e/judge.e2e.ts that has to notice: KServe's own packages on random services.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

interface Mutant {
  readonly file: 'src/kserve/plan.ts' | 'src/kserve/gpus.ts' | 'src/kserve/gpu-types.ts';
  /** Stands exactly once in the file. */
  readonly from: string;
  readonly to: string;
}

const plan = (from: string, to: string): Mutant => ({ file: 'src/kserve/plan.ts', from, to });
const gpus = (from: string, to: string): Mutant => ({ file: 'src/kserve/gpus.ts', from, to });
const types = (from: string, to: string): Mutant => ({ file: 'src/kserve/gpu-types.ts', from, to });

const MUTANTS: readonly Mutant[] = [
  plan('head >= total ? 1 :', 'head > total ? 1 :'),
  plan('head >= total ? 1 :', 'false ? 1 :'),
  plan('Math.ceil(total / worker)', 'Math.floor(total / worker)'),
  plan('head: total, worker: 0 }', 'head: head > 0 ? head : total, worker: 0 }'),
  plan('head: total, worker: 0 }', 'head: total, worker }'),
  plan('total - worker * (nodes - 1)', 'worker'),
  plan('total - head + 1, head, worker: 1', 'total - head, head, worker: 1'),
  plan('total - head + 1, head, worker: 1', 'total - head + 1, head, worker: head'),
  plan('nodes: total, head: 1', 'nodes: total + 1, head: 1'),
  plan(
    'nodes: pipelineParallelSize, head: tensorParallelSize',
    'nodes: tensorParallelSize, head: pipelineParallelSize',
  ),
  plan("backend === 'mp'", 'false'),
  plan('ofService?.given === undefined ? ofRuntime', 'ofRuntime?.given !== undefined ? ofRuntime'),
  plan('if (setting?.given === undefined) return 1;', 'if (setting?.given === undefined) return 2;'),
  plan('tensorParallelSize * pipelineParallelSize', 'tensorParallelSize + pipelineParallelSize'),
  plan('available: layout.head + workers * layout.worker', 'available: layout.nodes * layout.worker'),
  plan('allocated: heads * layout.head + workers', 'allocated: layout.head + workers'),
  plan('workers > 0 ? layout.worker : 0', 'layout.worker'),
  plan('const workers = layout.nodes - 1;', 'const workers = layout.nodes;'),
  types("['nvidia.com/gpu', 'amd.com/gpu',", "['amd.com/gpu', 'nvidia.com/gpu',"),
  gpus("DEFAULT_GPU_TYPE = 'nvidia.com/gpu'", "DEFAULT_GPU_TYPE = 'amd.com/gpu'"),
  gpus('this.#over.get(name) ?? this.#base.get(name)', 'this.#base.get(name) ?? this.#over.get(name)'),
  gpus('const entry = container.requests.get(type);', 'const entry = container.limits.get(type);'),
  gpus('possible.find((count) => count > 0) ?? 0', 'possible.find((count) => count > 0) ?? 1'),
  gpus('(container.requests.get(type)?.count ?? 0) > 0', '(container.requests.get(type)?.count ?? 0) >= 0'),
  gpus('(container.limits.get(type)?.count ?? 0) > 0 ||', ''),
  gpus('container.requests.has(type) || container.limits.has(type)', 'container.requests.has(type)'),
  types('[...new Set([...counted, ...listed])]', 'counted'),
];

const ROOT = join(import.meta.dirname, '../..');
const JUDGED = process.argv[2] === 'judge';
const TESTS = JUDGED
  ? ['e2e/judge.e2e', '--config', 'jest.e2e.config.mjs']
  : ['kserve/fidelity', 'kserve/observed', 'cli/plan/heads'];
const PAIRS = JUDGED ? '1500' : '2500';
/** Far above what a run takes, for a mutant that makes a loop endless. */
const LIMIT_MS = JUDGED ? 300_000 : 60_000;

const copy = mkdtempSync(join(tmpdir(), 'headcount-mutants-'));
try {
  for (const name of [
    'src',
    'test',
    'schemas',
    'package.json',
    'tsconfig.json',
    'jest.config.mjs',
    'jest.e2e.config.mjs',
  ]) {
    cpSync(join(ROOT, name), join(copy, name), { recursive: true });
  }
  symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
  process.exitCode = main();
} finally {
  rmSync(copy, { recursive: true, force: true });
}

function main(): number {
  const clean = testsPass();
  if (!clean.pass) {
    console.error(`the tests fail without any mutant:\n${clean.output}`);
    return 2;
  }
  let survived = 0;
  for (const mutant of MUTANTS) {
    const original = readFileSync(join(copy, mutant.file), 'utf8');
    if (original.split(mutant.from).length !== 2) {
      console.error(`not exactly once in ${mutant.file}: ${mutant.from}`);
      return 2;
    }
    // A function, for a replacement text may hold $ signs.
    writeFileSync(
      join(copy, mutant.file),
      original.replace(mutant.from, () => mutant.to),
    );
    const { pass } = testsPass();
    writeFileSync(join(copy, mutant.file), original);
    if (pass) survived++;
    console.log(
      `${pass ? 'SURVIVED' : 'killed  '}  ${mutant.file}: ${mutant.from}  →  ${mutant.to || '(nothing)'}`,
    );
  }
  console.log(`${MUTANTS.length - survived} mutants killed, ${survived} survived`);
  return survived === 0 ? 0 : 1;
}

function testsPass(): { readonly pass: boolean; readonly output: string } {
  const { status, stderr } = spawnSync(
    process.execPath,
    ['--experimental-vm-modules', 'node_modules/jest/bin/jest.js', ...TESTS, '--bail'],
    {
      cwd: copy,
      encoding: 'utf8',
      timeout: LIMIT_MS,
      env: {
        ...process.env,
        HEADCOUNT_RUNS: PAIRS,
        HEADCOUNT_SEED: '1',
        HEADCOUNT_KSERVE: '0.19.0',
        HEADCOUNT_KSERVE_DIR: process.env['HEADCOUNT_KSERVE_DIR'] ?? join(ROOT, '../shared/kserve'),
        HEADCOUNT_REVIEWS_DIR: process.env['HEADCOUNT_REVIEWS_DIR'] ?? join(ROOT, '../shared/reviews'),
      },
    },
  );
  return { pass: status === 0, output: stderr };
}
