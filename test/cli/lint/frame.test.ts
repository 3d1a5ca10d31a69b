/** The line of a finding with carets under its token. */
import { expect, test } from '@jest/globals';
import { frameOf } from '../../../src/cli/lint/frame.ts';

function framed(source: string, token: string, line = 7): readonly string[] {
  const column = source.indexOf(token) + 1;
  return frameOf({ line, column, endColumn: column + token.length, source }, (carets) => `<${carets}>`);
}

test.each<[string, string, string, readonly string[]]>([
  ['a key', '  minReplicas: 2', 'minReplicas', ['  7 |   minReplicas: 2', '    |   <^^^^^^^^^^^>']],
  ['tabs, one column each', '\t\t"a":\t1', '"a"', ['  7 |   "a": 1', '    |   <^^^>']],
  ['nothing: one caret', '  -', '', ['  7 |   -', '    | <^>']],
  ['an emoji, one column of two units', '{😀: 1, b: 2}', 'b', ['  7 | {😀: 1, b: 2}', '    |        <^>']],
  [
    'a terminal sequence, made visible',
    '{"\u001B[31m": 1, b: 2}',
    'b',
    ['  7 | {"\\u{1b}[31m": 1, b: 2}', `    | ${' '.repeat(18)}<^>`],
  ],
  ['an empty line: no frame', '', '', []],
])('%s', (_what, source, token, lines) => {
  expect(framed(source, token)).toEqual(lines);
});

test('a long line: what is around the token', () => {
  const [line = '', carets = ''] = framed(`${'a'.repeat(500)}TOKEN${'b'.repeat(500)}`, 'TOKEN');
  expect(line).toBe(`  7 | ...${'a'.repeat(30)}TOKEN${'b'.repeat(65)}...`);
  expect(carets).toBe(`    |    ${' '.repeat(30)}<^^^^^>`);
});

test('a token longer than the frame', () => {
  const [line = '', carets = ''] = framed(`{${'a'.repeat(500)}}`, 'a'.repeat(500));
  expect(line).toBe(`  7 | {${'a'.repeat(99)}...`);
  expect(carets).toBe(`    |  <${'^'.repeat(99)}>`);
});

test('the gutter is as wide as the number of the line', () => {
  expect(framed('a: 1', 'a', 1234)).toEqual(['  1234 | a: 1', '       | <^>']);
});
