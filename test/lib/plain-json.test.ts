/** What is stepped over without JSON.parse is JSON, has no key twice, and ends where it ends. */
import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { afterValue, ODD } from '../../src/lib/plain-json.ts';

const after = (text: string): number => afterValue(new TextEncoder().encode(text), 0);

test.each([
  ['an object', '{"a":[1,20,0],"ab":{"c":null,"d":true,"e":false},"f":{}}'],
  [
    'keys of managedFields',
    String.raw`{".":{},"k:{\"name\":\"A\"}":{},"k:{\"name\":\"AB\"}":{},"v:\"f\"":{}}`,
  ],
  ['a text', String.raw`"\n \u003c é"`],
])('%s is stepped over', (_what, text) => {
  expect(after(`${text},`)).toBe(new TextEncoder().encode(text).length);
});

test.each([
  ['no value', ''],
  ['a key twice', '{"a":1,"a":3}'],
  ['keys out of order', '{"a":1,"b":2,"a":3}'],
  ['a backslash in a key', String.raw`{"a\\b":1}`],
  ['a key in two forms', String.raw`{"a":1,"\u0061":2}`],
  ['__proto__', '{"__proto__":{}}'],
  ['a key that is not ASCII', '{"é":1}'],
  ['a leading zero', '{"a":01}'],
  ['a fraction', '{"a":1.5}'],
  ['a negative number', '{"a":-1}'],
  ['white space', '{"a": 1}'],
  ['a comma at the end', '[1,]'],
  ['no comma', '[1 2]'],
  ['an open text', '"abc'],
  ['a control character', '"a\u0000b"'],
  ['no such escape', String.raw`"\x"`],
  ['a short escape', String.raw`"\u12"`],
  ['half a word', 'nul'],
  ['depth', '['.repeat(31) + ']'.repeat(31)],
  ['very many entries', `[${'1,'.repeat(20_000)}1]`],
  ['very many keys', `{${Array.from({ length: 5_000 }, (_, index) => `"k${index + 10_000}":1`).join(',')}}`],
])('%s is odd', (_what, text) => {
  expect(after(text)).toBe(ODD);
});

test('what is stepped over is what JSON.parse reads', () => {
  const piece = fc.constantFrom('{', '}', '[', ']', ',', ':', '"a"', '"b"', '1', '0', 'null', '"', '\\', 'x');
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      const text = pieces.join('');
      const end = after(text);
      if (end !== ODD) expect(() => JSON.parse(text.slice(0, end)) as unknown).not.toThrow();
    }),
    { numRuns: 5_000 },
  );
});
