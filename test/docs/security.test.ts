/** The threat model names a test for each threat: those tests exist, under these names. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';

const ROOT = join(import.meta.dirname, '../..');
const PAGE = readFileSync(join(ROOT, 'docs/security.md'), 'utf8');

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
    expect(existsSync(join(ROOT, file))).toBe(true);
    const source = readFileSync(join(ROOT, file), 'utf8');
    // As an argument of test, test.each or describe: behind a quote.
    expect(["'", '"', '`'].some((quote) => source.includes(`${quote}${name}`))).toBe(true);
  },
);
