/**
 * Runs the commands of docs/ci.md, of the action and of the pre-commit hook, in a checkout like the reader's. npx is one
 * that runs the sources: test/e2e/package.e2e.ts has the real one, with the package.
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { load } from 'js-yaml';
import { XmlDocument } from 'libxml2-wasm';
import { file, ROOT, scratch } from '../support/cli.ts';
import { flowchart } from '../support/mermaid.ts';
import type { Loose } from '../rules/cases.ts';

const PAGE = readFileSync(join(ROOT, 'docs/ci.md'), 'utf8');
const PACKAGE: Loose = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
const [short, workflow, gitlab, precommit]: Loose[] = [
  ...PAGE.matchAll(/^```yaml other: .*\n([^]*?)^```$/gm),
].map(([, text = '']) => load(text));
const HOOKS = load(readFileSync(join(ROOT, '.pre-commit-hooks.yaml'), 'utf8')) as Loose[];

function onPath(name: string, script: string): void {
  chmodSync(file(`bin/${name}`, `#!/bin/sh\n${script}\n`), 0o755);
}
onPath('headcount', `exec '${process.execPath}' '${join(ROOT, 'src/main.ts')}' "$@"`);
onPath(
  'npx',
  `[ "$1 $2" = "--yes headcount@${PACKAGE.version}" ] && shift 2 && exec headcount "$@"
[ "$1 $2 $3" = "--yes --package headcount@${PACKAGE.version}" ] && shift 4 && exec headcount "$@"
echo "npx $*: not what is published" >&2; exit 2`,
);
onPath('node', `exec '${process.execPath}' "$@"`);

/** A checkout with good manifests, or with one that is denied, and the base that it is compared with. */
function checkout(name: string, manifests: readonly string[]): string {
  const directory = join(scratch, name);
  for (const [folder, names] of [
    ['manifests', manifests],
    ['base/manifests', ['guide-case-1']],
  ] as const) {
    mkdirSync(join(directory, folder), { recursive: true });
    for (const manifest of names) {
      cpSync(join(ROOT, `demo/manifests/${manifest}.yaml`), join(directory, folder, `${manifest}.yaml`));
    }
  }
  return directory;
}

function shell(
  command: string,
  directory: string,
  env: Readonly<Record<string, string>> = {},
): { status: number | null; stdout: string } {
  return spawnSync('bash', ['-e', '-c', command], {
    cwd: directory,
    encoding: 'utf8',
    env: {
      PATH: `${join(scratch, 'bin')}:${process.env['PATH']}`,
      GITHUB_STEP_SUMMARY: join(directory, 'summary.md'),
      ...env,
    },
  });
}

const ACTION = load(readFileSync(join(ROOT, 'action.yml'), 'utf8')) as Loose;
const OWN = `headcount-dev/headcount@v${PACKAGE.version}`;

/** Runs the action's own step, as a workflow's step with these inputs would. */
function action(given: Loose, directory: string): { status: number | null; stdout: string } {
  const inputs = Object.fromEntries(
    Object.entries<Loose>(ACTION.inputs).map(([name, { default: standard }]) => [
      `\${{ inputs.${name} }}`,
      given[name] ?? standard,
    ]),
  );
  const { run, env } = ACTION.runs.steps.find(({ name }: Loose) => name === 'Lint');
  const variables = Object.entries(env).map(([name, value]) => [name, inputs[String(value)]]);
  return shell(run, directory, { GITHUB_ACTION_PATH: ROOT, ...Object.fromEntries(variables) });
}

const steps: Loose[] = workflow.jobs.manifests.steps;
const step = (name: string): string => steps.find((one) => one.name === name)?.run;

describe.each([
  ['good manifests', ['guide-case-1', 'guide-case-2'], 0],
  ['a denied one', ['guide-case-1', 'too-few-gpus'], 1],
] as const)('%s', (what, manifests, code) => {
  const directory = checkout(what, manifests);

  test('GitHub: annotations, SARIF, and the plan in the summary', async () => {
    for (const { uses, with: given } of [short[0], steps.find((one) => one.uses === OWN)]) {
      expect(uses).toBe(OWN);
      const { status, stdout } = action(given, directory);
      expect(status).toBe(code);
      expect(/^::error /m.test(stdout)).toBe(code === 1);
    }
    const sarif: Loose = JSON.parse(readFileSync(join(directory, ACTION.inputs.sarif.default), 'utf8'));
    expect(sarif.runs[0].results.some(({ level }: Loose) => level === 'error')).toBe(code === 1);
    // Two directories, and arguments.
    const both = { paths: 'manifests base/manifests', args: '--disable gpu-capacity --kserve-version 0.19' };
    expect(action(both, directory).status).toBe(0);

    expect(shell(step('Plan'), directory).status).toBe(0);
    const summary = readFileSync(join(directory, 'summary.md'), 'utf8');
    const [, text = '', diagram = ''] = /^```\n([^]*?)^```\n```mermaid\n([^]*?)^```$/m.exec(summary) ?? [];
    expect(text).toContain('default/case-1   TP 8 x PP 2 = 16 GPUs on 2 pods');
    expect(text).toContain('unchanged: 16 GPUs, no roll-out');
    expect((await flowchart(diagram)).map(({ title }) => title)).toContain('default/case-1');
  });

  test('JUnit', () => {
    for (const command of gitlab.headcount.script) expect(shell(command, directory).status).toBe(code);
    const report = readFileSync(join(directory, gitlab.headcount.artifacts.reports.junit), 'utf8');
    expect(XmlDocument.fromString(report).root.attr('failures')?.value === '0').toBe(code === 0);
  });

  test('pre-commit', () => {
    const [{ hooks }] = precommit.repos;
    for (const { id, args } of hooks) {
      const hook = HOOKS.find((one) => one.id === id);
      const [program, ...words] = hook.entry.split(' ');
      expect(Object.keys(PACKAGE.bin)).toContain(program);
      expect(hook.pass_filenames).toBe(false);
      expect(hook.language).toBe('system');
      const run = (given: readonly string[]): number | null =>
        shell([program, ...words, ...given].join(' '), directory).status;
      expect(run(hook.args)).toBe(code);
      // --strict: the guide's case 2 is warned of.
      expect(run(args)).toBe(1);
    }
  });

  test('render --check', () => {
    const [, command = ''] = /^```sh not-run.*\n(.*)\n```$/m.exec(PAGE) ?? [];
    expect(command).not.toBe('');
    expect(shell(command, directory)).toMatchObject({
      status: 1,
      stdout: expect.stringContaining('guide-case-1'),
    });
  });
});

test('the programs of the package are bundled from sources that start with Node', () => {
  for (const path of Object.values(PACKAGE.bin) as string[]) {
    const source = path.replace(/^dist\/bundle/, 'src').replace(/\.js$/, '.ts');
    expect([source, existsSync(join(ROOT, source))]).toEqual([source, true]);
    expect(readFileSync(join(ROOT, source), 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/);
  }
});

test('the action uploads what it writes, and only where that is asked for', () => {
  const upload = ACTION.runs.steps.at(-1);
  expect(upload).toMatchObject({
    uses: expect.stringMatching(/^github\/codeql-action\/upload-sarif@[0-9a-f]{40}$/),
    if: "always() && inputs.upload == 'true'",
    with: { sarif_file: '${{ inputs.sarif }}' },
  });
});
