/** The threat model names a test for each threat: Jest finds it under this title, and it is not skipped. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { titlesOf } from './titles.ts';

const ROOT = join(import.meta.dirname, '../..');
const PAGE = readFileSync(join(ROOT, 'docs/security.md'), 'utf8');
/** What the configurations of Jest run. */
const IS_RUN = /^test\/(?:.*\.test|e2e\/.*\.e2e|page\/.*\.page)\.ts$/;

/** Rows of the tables whose last column names a test. */
const THREATS = PAGE.split(/^\| threat .*$/m)
  .slice(1)
  .flatMap((part) => part.split('\n\n')[0]?.split('\n').slice(2) ?? [])
  .map((row) => row.split(' | '));

test('every threat has its answer and its test', () => {
  expect(THREATS.length).toBeGreaterThanOrEqual(25);
  for (const cells of THREATS) expect(cells).toHaveLength(3);
});

test.each(THREATS.map(([threat = '', , last = '']) => ({ threat: threat.slice(2), last })))(
  '$threat',
  ({ last }) => {
    const [, file = '', name = ''] = /^`([^`]+)` "(.+)" \|$/.exec(last) ?? [];
    expect(file).toMatch(IS_RUN);
    const found = titlesOf(join(ROOT, file)).find(({ text }) => text.startsWith(name));
    expect(found).toEqual({ text: expect.stringContaining(name), skipped: false });
  },
);
