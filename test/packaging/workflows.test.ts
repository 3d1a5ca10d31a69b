/**
 * The workflows: pinned, with no rights but those that each job states, and their shell steps run here with programs in
 * place of docker, cosign, helm, npm and gh that write down how they were called.
 */
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { load } from 'js-yaml';
import type { Loose } from '../rules/cases.ts';

const ROOT = join(import.meta.dirname, '../..');
const WORKFLOWS = join(ROOT, '.github/workflows');
const FILES = [...readdirSync(WORKFLOWS).map((name) => join('.github/workflows', name)), 'action.yml'];
const PACKAGE: Loose = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
const TAG = `v${PACKAGE.version}`;
const DIGEST = `sha256:${'0'.repeat(64)}`;

const scratch = mkdtempSync(join(tmpdir(), 'headcount-workflows-'));
afterAll(() => rmSync(scratch, { recursive: true }));

const text = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
const jobsOf = (path: string): Record<string, Loose> => (load(text(path)) as Loose).jobs;

test.each(FILES)('%s: every action is pinned by its hash, beside its version', (path) => {
  const uses = [...text(path).matchAll(/uses: (.*)$/gm)].map(([, used = '']) => used);
  expect(uses.length).toBeGreaterThan(0);
  for (const used of uses.filter((one) => !one.startsWith('./')))
    expect(used).toMatch(/^[\w-]+\/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
});

test('one hash for each action, in all files', () => {
  const all = FILES.flatMap((path) => [...text(path).matchAll(/uses: ([^@\s]+)@(\S+)/g)]);
  const hashes = Map.groupBy(all, ([, name]) => name);
  for (const [name, found] of hashes)
    expect([name, new Set(found.map(([, , hash]) => hash)).size]).toEqual([name, 1]);
});

describe.each(FILES.filter((path) => path !== 'action.yml'))('%s', (path) => {
  test('has no right by itself, and each job says which it needs', () => {
    expect((load(text(path)) as Loose).permissions).toEqual({});
    for (const [name, job] of Object.entries(jobsOf(path)))
      expect([name, Object.keys(job.permissions ?? {}).length]).not.toEqual([name, 0]);
  });

  test('runs scripts that are there', () => {
    const scripts = [...text(path).matchAll(/npm run ([\w:]+)/g)].map(([, name = '']) => name);
    for (const name of scripts) expect(PACKAGE.scripts).toHaveProperty([name]);
    for (const [, file = ''] of text(path).matchAll(/ (\.ci\/\w+)/g))
      expect(existsSync(join(ROOT, file))).toBe(true);
  });
});

/** Programs that write down their arguments; some answer. */
const STAND_INS: Readonly<Record<string, string>> = {
  docker: `echo '{"containerimage.digest": "${DIGEST}"}' > image.json`,
  jq: `exec '${process.execPath}' --print 'JSON.parse(require("fs").readFileSync(process.argv[2], "utf8"))[process.argv[1].slice(2, -1)]' "$2" "$3"`,
  helm: `[ "$1" = push ] && { echo "Pushed: $2"; echo "Digest: ${DIGEST}"; }; exit 0`,
  cosign: '',
  npm: '',
  gh: '',
};

/** Runs the shell steps of a job as GitHub does. @returns how the programs were called */
function callsOf(job: string): readonly string[] {
  const directory = join(scratch, job);
  const bin = join(directory, 'bin');
  mkdirSync(bin, { recursive: true });
  for (const [name, answer] of Object.entries(STAND_INS)) {
    const log = name === 'jq' ? '' : `echo "${name} $*" >> '${directory}/calls'`;
    writeFileSync(join(bin, name), `#!/bin/sh\n${log}\n${answer}\n`);
    chmodSync(join(bin, name), 0o755);
  }
  const { env = {} } = load(text('.github/workflows/release.yml')) as Loose;
  for (const { run } of jobsOf('.github/workflows/release.yml')[job].steps) {
    if (run === undefined) continue;
    const { status, stderr } = spawnSync('bash', ['--noprofile', '--norc', '-eo', 'pipefail', '-c', run], {
      cwd: directory,
      encoding: 'utf8',
      env: {
        PATH: `${bin}:${process.env['PATH']}`,
        GITHUB_REF_NAME: TAG,
        GITHUB_REPOSITORY: 'headcount-dev/headcount',
        GITHUB_SERVER_URL: 'https://github.com',
        GITHUB_SHA: 'abc',
        ...env,
      },
    });
    expect({ run, status, stderr }).toEqual({ run, status: 0, stderr: '' });
  }
  return readFileSync(join(directory, 'calls'), 'utf8').trimEnd().split('\n');
}

const ARCHIVE = `headcount-${PACKAGE.version}.tgz`;

test.each<[string, readonly string[]]>([
  ['files', [`npm ci --no-audit --no-fund`, `npm run release:files -- ${TAG}`]],
  [
    'image',
    [
      'docker buildx build --push --platform linux/amd64,linux/arm64 --sbom=true --provenance=mode=max ' +
        '--metadata-file image.json --label org.opencontainers.image.source=https://github.com/headcount-dev/headcount ' +
        `--label org.opencontainers.image.revision=abc --tag ghcr.io/headcount-dev/headcount:${PACKAGE.version} .`,
      `cosign sign --yes ghcr.io/headcount-dev/headcount@${DIGEST}`,
    ],
  ],
  [
    'chart',
    [
      'helm package chart/headcount --destination packed',
      `helm push packed/${ARCHIVE} oci://ghcr.io/headcount-dev/charts`,
      `cosign sign --yes ghcr.io/headcount-dev/charts/headcount@${DIGEST}`,
    ],
  ],
  ['npm', [`npm publish ./${ARCHIVE}`]],
  [
    'github',
    [
      `cosign sign-blob --yes --bundle ${ARCHIVE}.sigstore.json ${ARCHIVE}`,
      `gh release create ${TAG} --repo headcount-dev/headcount --verify-tag --title ${TAG} --notes-file notes.md ` +
        `${ARCHIVE} ${ARCHIVE}.sigstore.json headcount.yaml headcount.cdx.json`,
    ],
  ],
])('a tag, the job %s', (job, calls) => {
  expect(callsOf(job)).toEqual(calls);
});

test('nothing is published before all of .ci/run and the image', () => {
  const jobs = jobsOf('.github/workflows/release.yml');
  expect(jobs['ci'].uses).toBe('./.github/workflows/ci.yml');
  const needs = (job: string): readonly string[] => [jobs[job].needs ?? []].flat();
  for (const job of Object.keys(jobs).filter((name) => name !== 'ci')) {
    const before = new Set(needs(job));
    for (const one of before) for (const more of needs(one)) before.add(more);
    expect([job, [...before]]).toEqual([job, expect.arrayContaining(['ci'])]);
  }
});

test('who writes what', () => {
  const jobs = Object.entries(jobsOf('.github/workflows/release.yml'));
  const writers = jobs.map(([name, { permissions }]) => [
    name,
    Object.entries(permissions).flatMap(([scope, level]) => (level === 'write' ? [scope] : [])),
  ]);
  expect(Object.fromEntries(writers)).toEqual({
    ci: [],
    files: [],
    image: ['packages', 'id-token'],
    chart: ['packages', 'id-token'],
    npm: ['id-token'],
    github: ['contents', 'id-token'],
  });
});
