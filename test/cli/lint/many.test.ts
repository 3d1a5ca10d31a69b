/** lint of directories with thousands of files: one file in memory at a time, and a line that says how far it is. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { run } from '../../../src/cli/program/run.ts';
import { file, headcount, json, ROOT, scratch } from '../../support/cli.ts';

const MANIFEST = readFileSync(join(ROOT, 'demo/manifests/guide-case-1.yaml'), 'utf8');
const named = (name: string): string => MANIFEST.replace('name: case-1', `name: ${name}`);

test('3,000 files in a heap in which they would not fit all at once', () => {
  const filler = `# ${'x'.repeat(20_000)}\n`;
  for (let index = 0; index < 3_000; index++) file(`many/s-${index}.yaml`, filler + named(`s-${index}`));
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--max-old-space-size=40', join(ROOT, 'src/main.ts'), 'lint', join(scratch, 'many')],
    { encoding: 'utf8', maxBuffer: 1e9 },
  );
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(stdout).toContain('3000 services in 3000 files: 0 denied');
});

const RUNTIME = `apiVersion: serving.kserve.io/v1alpha1
kind: ClusterServingRuntime
metadata: {name: kserve-huggingfaceserver-multinode}
spec: {disabled: true}
`;

test.each([
  ['in a file that comes later', RUNTIME],
  ['spelled with an escape', RUNTIME.replace('ClusterServingRuntime', '"ClusterServing\\x52untime"')],
  ['in a list', `apiVersion: v1\nkind: List\nitems:\n${RUNTIME.replaceAll(/^/gm, '  ').replace('  ', '- ')}`],
])('what a service needs is found %s', async (_where, runtime) => {
  const folder = `around-${_where.replaceAll(' ', '-')}`;
  file(`${folder}/a.yaml`, named('first'));
  file(`${folder}/z.yaml`, runtime);
  const { findings } = await json(['lint', join(scratch, folder)]);
  expect(
    findings.map(({ rule, severity }: { rule: string; severity: string }) => `${severity} ${rule}`),
  ).toContain('deny runtime');
});

test('standard input beside files', async () => {
  const { findings, summary } = await json(['lint', '-', file('beside.yaml', named('beside'))], RUNTIME);
  expect(summary.files).toBe(2);
  expect(findings).toContainEqual(expect.objectContaining({ name: 'beside', rule: 'runtime' }));
});

test('progress on a terminal, taken away at the end; nowhere else', async () => {
  for (let index = 0; index < 200; index++) file(`some/s-${index}.yaml`, named(`s-${index}`));
  const argv = ['lint', join(scratch, 'some'), '-o', 'json'];
  let err = '';
  await run(argv, {
    stdin: process.stdin,
    stdout: { write: () => true },
    stderr: { write: (text: string) => (err += text), isTTY: true },
    env: {},
  });
  const takenAway = '\r\u001B[K';
  expect(err.endsWith(takenAway)).toBe(true);
  expect(err.slice(0, -takenAway.length)).toMatch(/^(\r\d+ of 200 files \.\.\.)+$/);
  expect((await headcount(argv)).err).toBe('');
});
