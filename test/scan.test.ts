/** The bytes of a body, before and beside JSON.parse. */
import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { findUid, hiddenKeys, scan } from '../src/admission/scan.ts';

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

  test('500,000 tokens pass, more do not', () => {
    expect(scan(bytes(`[${'1,'.repeat(499_998)}1]`)).refused).toBeNull();
    expect(scan(bytes(`[${'1,'.repeat(500_000)}1]`)).refused).toContain('500000 JSON tokens');
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
    ['past 4 KiB', `{"request":{"a":"${'x'.repeat(4096)}","uid":"far"}}`, null],
  ])('%s', (_name, text, expected) => expect(findUid(bytes(text))).toBe(expected));
});
