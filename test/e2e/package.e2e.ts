/**
 * What a release publishes for the command line, as its users get it: the npm package, run by npx in an empty directory
 * without a registry, and its archive, installed by the real krew and run by the real kubectl; the chart and the workflows.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Ajv } from 'ajv';
import { load } from 'js-yaml';
import { parse } from 'yaml';
import { makeFiles } from '../../packaging/release/files.ts';
import { pack } from '../../packaging/release/package.ts';
import type { Loose } from '../rules/cases.ts';
import { actionlint, binaries, helm, krew } from './cluster/binaries.ts';
import { version } from './world.ts';

const ROOT = join(import.meta.dirname, '../..');
const scratch = mkdtempSync(join(tmpdir(), 'headcount-release-'));
const release = join(scratch, 'release');
const manifests = join(ROOT, 'demo/manifests');
const { version: packageVersion } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
const archive = join(release, `headcount-${packageVersion}.tgz`);

beforeAll(async () => makeFiles(null, release));
afterAll(() => rmSync(scratch, { recursive: true }));

interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command in a new and empty directory. */
function inEmptyDirectory(
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Outcome {
  const cwd = mkdtempSync(join(scratch, 'empty-'));
  return spawnSync(command, args, { cwd, encoding: 'utf8', env: { HOME: cwd, ...env } });
}

/** A PATH on which `node` is this one. */
function pathWith(node: string): string {
  const bin = mkdtempSync(join(scratch, 'bin-'));
  symlinkSync(node, join(bin, 'node'));
  return `${bin}:${process.env['PATH']}`;
}

/** npm with a cache of its own, and without a registry. */
function npx(node: string, args: readonly string[]): Outcome {
  return inEmptyDirectory('npx', ['--yes', '--offline', '--package', archive, ...args], {
    PATH: pathWith(node),
    npm_config_update_notifier: 'false',
  });
}

const [older] = spawnSync('which', ['-a', 'node'], { encoding: 'utf8' })
  .stdout.split('\n')
  .filter((path) => path !== '' && !path.includes('node_modules'))
  .filter(
    (path) => Number.parseInt(spawnSync(path, ['--version'], { encoding: 'utf8' }).stdout.slice(1)) < 22,
  );

describe('npx', () => {
  test('lint of a good manifest and of a denied one', () => {
    const fine = npx(process.execPath, ['headcount', 'lint', join(manifests, 'guide-case-1.yaml')]);
    expect(fine).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('1 service in 1 file: 0 denied'),
    });
    const denied = npx(process.execPath, ['headcount', 'lint', join(manifests, 'too-few-gpus.yaml')]);
    expect(denied).toMatchObject({ status: 1, stdout: expect.stringContaining('deny gpu-capacity') });
  });

  test('the pages of the rules, the version, and a command that loads the client of the cluster', () => {
    const explained = npx(process.execPath, ['headcount', 'explain', 'gpu-capacity']);
    expect(explained.stdout).toMatch(/^# gpu-capacity\n/);
    expect(npx(process.execPath, ['headcount', 'version']).stdout).toBe(`headcount ${packageVersion}\n`);
    const audit = npx(process.execPath, ['headcount', 'audit']);
    expect(audit).toMatchObject({ status: 2, stderr: expect.stringContaining('no cluster: ') });
  });

  (older === undefined ? test.skip : test)(
    `an older Node (${older ?? 'skipped: there is none below 22 on this machine'}): one line, 2`,
    () => {
      const { status, stdout, stderr } = npx(String(older), ['headcount', 'lint', manifests]);
      expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
      const own = stderr.split('\n').filter((line) => !line.startsWith('npm '));
      expect(own).toEqual([
        expect.stringMatching(/^headcount needs Node 22 or later, and this is Node \d+/),
        '',
      ]);
    },
  );
});

test("the action's step, with the real npx: annotations, SARIF, and the exit code of lint", () => {
  const { runs, inputs } = load(readFileSync(join(ROOT, 'action.yml'), 'utf8')) as Loose;
  const { run, env } = runs.steps.find(({ name }: Loose) => name === 'Lint');
  const sarif = join(scratch, 'action.sarif');
  const given: Loose = { paths: join(manifests, 'too-few-gpus.yaml'), package: archive, sarif };
  const variables = Object.entries<string>(env).map(([name, value]) => {
    const input = /^\$\{\{ inputs\.(\w+) \}\}$/.exec(value)?.[1] ?? '';
    return [name, given[input] ?? inputs[input].default];
  });
  const { status, stdout, stderr } = inEmptyDirectory('bash', ['-eo', 'pipefail', '-c', run], {
    ...Object.fromEntries(variables),
    GITHUB_ACTION_PATH: ROOT,
    PATH: pathWith(process.execPath),
    npm_config_offline: 'true',
  });
  expect({ status, stderr }).toEqual({ status: 1, stderr: '' });
  expect(stdout).toMatch(/^::error title=headcount gpu-capacity,file=.*too-few-gpus\.yaml,line=18,/m);
  expect(JSON.parse(readFileSync(sarif, 'utf8')).runs[0].results).toContainEqual(
    expect.objectContaining({ ruleId: 'gpu-capacity', level: 'error' }),
  );
});

describe('krew', () => {
  const root = join(scratch, 'krew');
  const bin = join(root, 'bin');
  const manifest = (): Loose => parse(readFileSync(join(release, 'headcount.yaml'), 'utf8'));

  /** The real krew, with the archive as it would have been downloaded. */
  function install(from: string): Outcome {
    const args = ['install', `--manifest=${join(release, 'headcount.yaml')}`, `--archive=${from}`];
    return inEmptyDirectory(krew(), args, { KREW_ROOT: root, PATH: String(process.env['PATH']) });
  }

  test('installs the archive that the manifest names, and no other', () => {
    const { spec } = manifest();
    expect(basename(spec.platforms[0].uri)).toBe(basename(archive));
    expect(spec.version).toBe(`v${packageVersion}`);
    // The index of krew takes no longer one.
    expect(spec.shortDescription.length).toBeLessThanOrEqual(50);
    const other = join(scratch, 'other.tgz');
    writeFileSync(other, readFileSync(archive).subarray(0, -1));
    expect(install(other)).toMatchObject({ status: 1, stderr: expect.stringContaining('checksum') });
    expect(install(archive)).toMatchObject({
      status: 0,
      stderr: expect.stringContaining('Installed plugin: headcount'),
    });
    for (const name of ['LICENSE', 'dist/bundle/THIRD_PARTY_NOTICES.txt'])
      expect(existsSync(join(root, 'store/headcount', spec.version, name))).toBe(true);
  });

  test('kubectl headcount, in an empty directory', () => {
    const { kubectl } = binaries(version());
    const run = (...args: string[]): Outcome =>
      inEmptyDirectory(kubectl, args, { PATH: `${bin}:${pathWith(process.execPath)}` });
    expect(run('plugin', 'list').stdout).toContain(join(bin, 'kubectl-headcount'));
    expect(run('headcount', 'lint', join(manifests, 'too-few-gpus.yaml'))).toMatchObject({
      status: 1,
      stdout: expect.stringContaining('deny gpu-capacity'),
      stderr: '',
    });
    expect(run('headcount', 'plan', '--nonsense').stderr).toBe(
      "kubectl headcount plan: unknown option '--nonsense' (see kubectl headcount plan --help)\n",
    );
  });
});

describe('the chart', () => {
  const run = (...args: string[]): Outcome =>
    spawnSync(helm(), args, {
      cwd: release,
      encoding: 'utf8',
      env: { HOME: scratch, PATH: process.env['PATH'] },
    });

  test('helm lint --strict and helm package', () => {
    expect(run('lint', '--strict', 'chart/headcount')).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('0 chart(s) failed'),
    });
    expect(run('package', 'chart/headcount', '--destination', 'packed')).toMatchObject({ status: 0 });
    const packed = run('show', 'chart', `packed/headcount-${packageVersion}.tgz`);
    const { annotations, version: its } = load(packed.stdout) as Loose;
    expect(its).toBe(packageVersion);
    const changes = parse(annotations['artifacthub.io/changes']) as Loose[];
    expect(changes.length).toBeGreaterThan(3);
    for (const { kind, description } of changes)
      expect([['added', 'changed', 'deprecated', 'removed', 'fixed', 'security'], description]).toEqual([
        expect.arrayContaining([kind]),
        expect.stringMatching(/^\S.*\S$/),
      ]);
    for (const key of ['artifacthub.io/images', 'artifacthub.io/links'])
      expect(Array.isArray(parse(annotations[key]))).toBe(true);
  });
});

test('actionlint finds nothing in the workflows, and a mistake when there is one', () => {
  const check = (cwd: string): Outcome => spawnSync(actionlint(), ['-no-color'], { cwd, encoding: 'utf8' });
  expect(check(ROOT)).toMatchObject({ status: 0, stdout: '' });
  const wrong = join(scratch, 'wrong');
  cpSync(join(ROOT, '.github/workflows'), join(wrong, '.github/workflows'), { recursive: true });
  const action = readFileSync(join(ROOT, 'action.yml'), 'utf8').replace('  args:\n', '  arguments:\n');
  writeFileSync(join(wrong, 'action.yml'), action);
  spawnSync('git', ['init', '--quiet', wrong]);
  expect(check(wrong)).toMatchObject({ status: 1, stdout: expect.stringContaining('"args" is not defined') });
});

test('packed again, it is the same to the last byte', async () => {
  const again = mkdtempSync(join(scratch, 'again-'));
  expect(readFileSync(join(again, (await pack(again)).archive)).equals(readFileSync(archive))).toBe(true);
});

test('the bill of materials names what is in the bundle, and no tool', () => {
  const bom = JSON.parse(readFileSync(join(release, 'headcount.cdx.json'), 'utf8'));
  const names = bom.components.map(({ name }: Loose) => name);
  expect(names).toEqual(expect.arrayContaining(['fastify', 'commander', '@kubernetes/client-node', 'yaml']));
  for (const tool of ['jest', 'esbuild', 'typescript', 'node']) expect(names).not.toContain(tool);
  expect(
    new Ajv({ strict: false }).validate({ required: ['bomFormat', 'specVersion', 'components'] }, bom),
  ).toBe(true);
});
