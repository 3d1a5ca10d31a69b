/** What a release is made from: one version everywhere, the changelog as data, and a licence for all that is bundled. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { bundle, NOTICES } from '../../packaging/bundle.ts';
import { changesOf, sections } from '../../packaging/release/changelog.ts';
import { releasedSection } from '../../packaging/release/files.ts';
import { thirdParties } from '../../packaging/third-party.ts';

const ROOT = join(import.meta.dirname, '../..');
const scratch = mkdtempSync(join(tmpdir(), 'headcount-release-'));
afterAll(() => rmSync(scratch, { recursive: true }));
const text = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
const { version } = JSON.parse(text('package.json')) as { version: string };

test.each<[string, RegExp]>([
  ['package-lock.json', /^ {2}"version": "(.+)"/m],
  ['charts/headcount/Chart.yaml', /^version: (.+)$/m],
  ['charts/headcount/Chart.yaml', /^appVersion: (.+)$/m],
  ['charts/headcount/Chart.yaml', /image: ghcr\.io\/headcount-dev\/headcount:(.+)$/m],
  ['Dockerfile', /image\.version="(.+)"/],
  ['docs/ci.md', /headcount-dev\/headcount@v([\d.]+)/],
  ['docs/ci.md', /headcount@([\d.]+)/],
  ['docs/ci.md', /rev: v([\d.]+)/],
  ['README.md', /headcount-([\d.]+)\.tgz/],
])('%s has the version of package.json: %s', (path, pattern) => {
  const all = [...text(path).matchAll(new RegExp(pattern, 'gm'))].map(([, found]) => found);
  expect([path, new Set(all)]).toEqual([path, new Set([version])]);
});

test('the package brings no other, and runs nothing when it is installed', () => {
  const { dependencies, optionalDependencies, peerDependencies, scripts } = JSON.parse(text('package.json'));
  expect({ dependencies, optionalDependencies, peerDependencies }).toEqual({});
  for (const name of ['preinstall', 'install', 'postinstall', 'prepare'])
    expect(scripts).not.toHaveProperty(name);
});

test('base images are pinned by digest, beside their tag', () => {
  const images = [...text('Dockerfile').matchAll(/^FROM (\S+)/gm)].map(([, image]) => image);
  expect(images).toHaveLength(2);
  for (const image of images) expect(image).toMatch(/^[\w./-]+:[\w.-]+@sha256:[0-9a-f]{64}$/);
});

describe('the changelog', () => {
  const CHANGELOG = `# Changelog

## 1.1.0 - 2026-11-26

### Added

- One thing, over
  two lines.
- Another.

### Fixed

- A third.

## 1.0.0 - 2026-01-01

- before kinds
`;
  const all = sections(CHANGELOG);

  test('sections and their changes', () => {
    expect(all.map(({ title }) => title)).toEqual(['1.1.0 - 2026-11-26', '1.0.0 - 2026-01-01']);
    expect(all.slice(0, 1).flatMap(changesOf)).toEqual([
      { kind: 'added', text: 'One thing, over two lines.' },
      { kind: 'added', text: 'Another.' },
      { kind: 'fixed', text: 'A third.' },
    ]);
    expect(all[0]?.text).toMatch(/^### Added\n[^]*third\.$/);
  });

  test('a tag: its own section, and no other', () => {
    expect(releasedSection('v1.0.0', '1.0.0', all).title).toBe('1.0.0 - 2026-01-01');
    expect(() => releasedSection('v1.0.0', '1.1.0', all)).toThrow(
      'the tag is v1.0.0, and the version of package.json is 1.1.0',
    );
    expect(() => releasedSection('v2.0.0', '2.0.0', all)).toThrow(
      'CHANGELOG.md has no section for 2.0.0: rename Unreleased to "2.0.0 - YYYY-MM-DD"',
    );
  });

  test('a rehearsal: the newest, and ours has one', () => {
    expect(releasedSection(null, '2.0.0', all).title).toBe('1.1.0 - 2026-11-26');
    expect(changesOf(releasedSection(null, version)).length).toBeGreaterThan(3);
  });
});

describe('licences', () => {
  test('the bundle has the text of each package in it', async () => {
    const metafile = await bundle(join(scratch, 'bundle'));
    const notices = readFileSync(join(scratch, 'bundle', NOTICES), 'utf8');
    const packages = thirdParties(metafile);
    expect(packages.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['@kubernetes/client-node', 'ajv', 'commander', 'fastify', 'pino', 'yaml']),
    );
    for (const { name, version: its, license, texts } of packages) {
      expect(notices).toContain(`\n${name} ${its} (${license})\n`);
      for (const one of texts) expect(notices).toContain(one);
    }
  });

  test('a package without one is not bundled', () => {
    const folder = join(scratch, 'node_modules/@of/nobody');
    mkdirSync(folder, { recursive: true });
    writeFileSync(
      join(folder, 'package.json'),
      '{"name": "@of/nobody", "version": "1.0.0", "license": "MIT"}',
    );
    const path = join(relative(ROOT, folder), 'index.js');
    const of = (bytesInOutput: number): Parameters<typeof thirdParties>[0] => ({
      outputs: { 'main.js': { bytes: 1, inputs: { [path]: { bytesInOutput } }, imports: [], exports: [] } },
    });
    expect(() => thirdParties(of(1))).toThrow(
      '@of/nobody 1.0.0 would be in the bundle, and has no licence text to ship beside it',
    );
    expect(thirdParties(of(0))).toEqual([]);
    writeFileSync(join(folder, 'LICENSE.md'), 'Do what you like.\n');
    expect(thirdParties(of(1))).toMatchObject([{ texts: ['Do what you like.'] }]);
  });
});
