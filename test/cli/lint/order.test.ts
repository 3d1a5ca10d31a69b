/** How findings stand in the report for people: by lines and severity, and the same note once. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { file, headcount, json, ROOT, scratch } from '../../support/cli.ts';
import { MANIFESTS } from '../../support/manifests.ts';
import type { Loose } from '../../rules/cases.ts';

const MANIFEST = readFileSync(join(ROOT, 'demo/manifests/guide-case-1.yaml'), 'utf8');
const GRAVITY = ['deny', 'warn', 'note'];

test('findings stand in the order of lines, then severity', async () => {
  let several = 0;
  for (const { name, text } of MANIFESTS) {
    const { findings } = await json(['lint', file(`order/${name}`, text)]);
    const objects = Map.groupBy(findings as Loose[], ({ namespace, name: of }) => `${namespace}/${of}`);
    for (const found of objects.values()) {
      const keys = found.map(({ line, severity }) => line * 10 + GRAVITY.indexOf(severity));
      expect(keys).toEqual(keys.toSorted((a, b) => a - b));
      if (keys.length > 2) several++;
    }
  }
  expect(several).toBeGreaterThan(5);
});

test('the same note about several services is one line, which names the others', async () => {
  for (const name of ['a', 'b', 'c'])
    file(`notes/${name}.yaml`, MANIFEST.replace(/name: \S+/, `name: ${name}`));
  const folder = join(scratch, 'notes');
  const { findings } = await json(['lint', folder]);
  const notes = findings.filter(({ severity }: Loose) => severity === 'note');
  const { out } = await headcount(['lint', folder]);
  const shown = out.split('\n').filter((line) => / note /.test(line));
  expect(notes.length).toBe(3 * shown.length);
  expect(out).toMatch(/also: \S*b\.yaml:\d+:\d+, \S*c\.yaml:\d+:\d+$/m);
  const plan = await headcount(['plan', folder]);
  expect(plan.out.split('\n').filter((line) => line.startsWith('note ')).length).toBe(shown.length);
  expect(plan.out).toMatch(/^ {2}also: default\/b, default\/c$/m);
});

test('of many places the first are named, the others counted', async () => {
  for (let index = 10; index < 30; index++) {
    file(`crowd/${index}.yaml`, MANIFEST.replace(/name: \S+/, `name: s-${index}`));
  }
  const { out } = await headcount(['lint', join(scratch, 'crowd')]);
  expect(out).toMatch(/also: \S+11\.yaml:\d+:\d+, (\S+, ){2}\S+14\.yaml:\d+:\d+ and 15 more$/m);
});

test('RawDeployment: what is said is true of a file that nobody has touched', async () => {
  const path = file(
    'raw.yaml',
    MANIFEST.replace('deploymentMode: Standard', 'deploymentMode: RawDeployment'),
  );
  const { findings } = await json(['lint', path]);
  const [found] = findings.filter(({ rule }: Loose) => rule === 'deployment-mode');
  expect(found.message).toBe('the deployment mode RawDeployment is stored as Standard, its new name');
});

test('JUnit: model-config is skipped since no model was given, not since it is off', async () => {
  const { out } = await headcount(['lint', 'demo/manifests/guide-case-1.yaml', '-o', 'junit']);
  expect(out).toMatch(/name="model-config">\n<skipped>no model was given \(--model-config\)<\/skipped>/);
  expect(out).not.toContain('the rule is off');
});
