/** Our reading of quantities against Go's: the fixture is what k8s.io/apimachinery printed (test/tools/go). */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { parseQuantity, wholeNumber } from '../../src/lib/quantity.ts';

const table: readonly { given: unknown; nano: string | null }[] = JSON.parse(
  readFileSync(join(import.meta.dirname, '../fixtures/quantities.json'), 'utf8'),
);

/** What Go's parser takes but the pattern in KServe's CRD refuses, so that it never gets stored. */
const REFUSED_BY_THE_CRD: readonly unknown[] = ['.', ' 8', '8 ', 'e1', null];

test.each(table)('$given', ({ given, nano }) => {
  const expected = REFUSED_BY_THE_CRD.includes(given) ? null : nano;
  expect(parseQuantity(given)?.nano.toString() ?? null).toBe(expected);
});

test.each([
  ['8', 8],
  ['8000m', 8],
  [8, 8],
  ['0', 0],
  ['1k', 1000],
  ['1.5', null],
  ['-1', null],
  ['100000000000000000000', null],
])('%s as a whole number', (given, count) => {
  expect(wholeNumber(parseQuantity(given))).toBe(count);
});

test('a very long quantity costs no time', () => {
  expect(parseQuantity('9'.repeat(1_000_000))).toBeNull();
  expect(parseQuantity('1e999999999')).toBeNull();
});
