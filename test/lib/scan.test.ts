/** The bytes of a body, before and beside JSON.parse. */
import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { findUid, hiddenKeys, scan } from '../../src/lib/scan.ts';

const bytes = (text: string): Buffer => Buffer.from(text);
const nested = (depth: number): Buffer => bytes('['.repeat(depth) + ']'.repeat(depth));

function hidden(text: string): string | null {
  const scanned = scan(bytes(text));
  return scanned.refused ?? hiddenKeys(JSON.parse(text), scanned.members);
}

describe('bounds', () => {
  test('depth 100 passes, 101 does not', () => {
    expect(scan(nested(100)).refused).toBeNull();
    expect(scan(nested(101)).refused).toContain('100 levels');
  });

  test('brackets inside strings do not count', () => {
    expect(scan(bytes(JSON.stringify(['['.repeat(200), '\\"{{{'.repeat(50)]))).refused).toBeNull();
  });

  test.each([
    ['list', (count: number) => `[[${Array(count).fill('1').join(',')}]]`],
    [
      'object',
      (count: number) => `{"a":{${Array.from({ length: count }, (_, i) => `"${i}":[1,2]`).join(',')}}}`,
    ],
  ])('16,384 entries of one %s pass, more do not', (_what, text) => {
    expect(scan(bytes(text(16_384))).refused).toBeNull();
    expect(scan(bytes(text(16_385))).refused).toContain('more than 16384 entries');
  });

  test('entries are counted for each list by itself', () => {
    const short = `[${Array(9_000).fill('1').join(',')}]`;
    expect(scan(bytes(`[${short},${short},[${short},${short}]]`)).refused).toBeNull();
  });

  test('500,000 tokens pass, more do not', () => {
    const nestedLists = (count: number): Buffer =>
      bytes(`[${Array.from({ length: 20 }, () => `[${'[1,1],'.repeat(count / 20)}1]`).join(',')}]`);
    expect(scan(nestedLists(160_000)).refused).toBeNull();
    expect(scan(nestedLists(170_000)).refused).toContain('500000 JSON tokens');
  });
});

describe('keys that JSON.parse hides', () => {
  test.each([
    ['a duplicate', '{"a":1,"a":2}', 'same key twice'],
    ['a duplicate in other letters', '{"a":1,"\\u0061":2}', 'same key twice'],
    ['a duplicate deep in a list', '[[{"x":[{"b":{},"b":{}}]}]]', 'same key twice'],
    ['__proto__', '{"a":{"__proto__":{"b":1}}}', '__proto__'],
    ['__proto__ in escapes', '{"\\u005f_proto__":1}', '__proto__'],
  ])('%s', (_name, text, expected) => expect(hidden(text)).toContain(expected));

  test('the same key in two objects is fine, and so are colons in strings', () => {
    expect(hidden('{"a":{"b":"::\\":"},"c":[{"b":1},{"b":2}]}')).toBeNull();
  });

  test('no JSON value is refused that has neither', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), (value) => {
        const text = JSON.stringify(value);
        const expected = text.includes('"__proto__":') ? expect.stringContaining('__proto__') : null;
        expect(hidden(text)).toEqual(expected);
      }),
      { numRuns: 300 },
    );
  });
});

describe('request.uid without reading the body', () => {
  test.each([
    ['first', '{"kind":"AdmissionReview","request":{"uid":"u-1","object":{}}}', 'u-1'],
    ['with white space', '{ "request" : {\n "uid" : "u-1" } }', 'u-1'],
    ['after an object', '{"request":{"kind":{"uid":"no"},"uid":"u-1"}}', 'u-1'],
    ['after a list', '{"request":{"a":[{"uid":"no"}],"uid":"u-1"}}', 'u-1'],
    ['cut short behind it', '{"request":{"uid":"u-1","object":{"a":[[[', 'u-1'],
    ['with escapes', '{"request":{"\\u0075id":"u\\u002d1"}}', 'u-1'],
    ['cut short in it', '{"request":{"uid":"u-', null],
    ['not a string', '{"request":{"uid":7}}', null],
    ['empty', '{"request":{"uid":""}}', null],
    ['elsewhere', '{"response":{"uid":"no"},"uid":"no","request":[{"uid":"no"}]}', null],
    ['as a value', '{"request":{"name":"uid","x":"no"}}', null],
    ['in the object', '{"request":{"object":{"uid":"no"}}}', null],
    ['no JSON at all', '\u0000\u0001]]]}}"', null],
    ['far behind', `{"request":{"a":"${'x'.repeat(40_960)}","uid":"far"}}`, 'far'],
    ['behind what is too deep', `{"request":{"a":${'['.repeat(500)}${']'.repeat(500)},"uid":"far"}}`, 'far'],
  ])('%s', (_name, text, expected) => expect(findUid(bytes(text))).toBe(expected));
});
