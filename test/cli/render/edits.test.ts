/** Editing YAML and JSON in place: small documents before and after, byte by byte. */
import { describe, expect, test } from '@jest/globals';
import { rewritten } from '../../../src/cli/render/rewrite.ts';
import { readDocuments } from '../../../src/cli/shared/yaml.ts';

function valueOf(text: string): unknown {
  return readDocuments(text, 'a.yaml').documents?.[0]?.value;
}

type Row = readonly [what: string, before: string, value: unknown, after: string];

function rows(title: string, table: readonly Row[]): void {
  describe(title, () => {
    test.each(table)('%s', (_what, before, value, after) => {
      const text = rewritten(before, 'a.yaml', [value]);
      expect(text).toBe(after);
      expect(valueOf(text)).toEqual(value);
      expect(rewritten(text, 'a.yaml', [value])).toBe(text);
    });
  });
}

rows('block style', [
  [
    'a key goes behind the last one',
    'a: 1\nb: 2 # two\n\n# end\n',
    { a: 1, b: 2, c: 3 },
    'a: 1\nb: 2 # two\nc: 3\n\n# end\n',
  ],
  [
    'a map and a list',
    'a: {}\n',
    { a: { b: { c: ['8', { d: 1 }] } } },
    'a:\n  b:\n    c:\n      - "8"\n      - d: 1\n',
  ],
  [
    'the indent of the file',
    'a:\n    b:\n    - 1\n',
    { a: { b: [1], c: [2], d: { e: 3 } } },
    'a:\n    b:\n    - 1\n    c:\n    - 2\n    d:\n        e: 3\n',
  ],
  ['the quotes of the file', "a: 'x y'\n", { a: 'x y', b: '8' }, "a: 'x y'\nb: '8'\n"],
  ['a value keeps its quotes', 'a: "x" # why\n', { a: 'y' }, 'a: "y" # why\n'],
  ['a value that needs quotes gets them', 'a: x\n', { a: 'on' }, 'a: "on"\n'],
  ['no line end at the end', 'a: 1', { a: 1, b: 2 }, 'a: 1\nb: 2'],
  ['the line ends of Windows', 'a: {}\r\nb: 1\r\n', { a: { c: 1 }, b: 1 }, 'a:\r\n  c: 1\r\nb: 1\r\n'],
  [
    'an empty value',
    'a: # none\nb: ~ # none\nc:\n',
    { a: { x: 1 }, b: [1], c: 5 },
    'a: # none\n  x: 1\nb: # none\n  - 1\nc: 5\n',
  ],
  ['a list without an indent', 'a:\n- 1 # one\n# two\n', { a: [1, 2] }, 'a:\n- 1 # one\n- 2\n# two\n'],
  [
    'items between brackets get such neighbours',
    'a:\n  - { name: x }\n',
    { a: [{ name: 'x' }, { name: 'z', v: '8' }] },
    'a:\n  - { name: x }\n  - { name: z, v: "8" }\n',
  ],
  ['wide dashes', '-   a: 1\n', [{ a: 1, b: 2 }], '-   a: 1\n    b: 2\n'],
  [
    'an empty item',
    '-\n- {} # c\n- {}\n',
    [{ a: 1, b: 2 }, { a: 1 }, { a: 1 }],
    '- a: 1\n  b: 2\n- # c\n  a: 1\n- a: 1\n',
  ],
  [
    'behind a text in block style',
    'a: |\n  x\n\nb: 1\n',
    { a: 'x\n', b: 1, c: 2 },
    'a: |\n  x\n\nb: 1\nc: 2\n',
  ],
  [
    'behind a last text in block style',
    'a:\n  b: |\n    x\n\nc: 1\n',
    { a: { b: 'x\n', d: 1 }, c: 1 },
    'a:\n  b: |\n    x\n  d: 1\n\nc: 1\n',
  ],
  [
    'behind a text that keeps its empty lines',
    'a:\n  b: |+\n    x\n\nc: 1\n',
    { a: { b: 'x\n\n', d: 1 }, c: 1 },
    'a:\n  b: |+\n    x\n\n  d: 1\nc: 1\n',
  ],
  ['behind a text over several lines', 'a: "x\n  y"\n', { a: 'x y', b: 1 }, 'a: "x\n  y"\nb: 1\n'],
  ['explicit keys', '? a\n: 7\n', { a: 8, b: 1 }, '? a\n: 8\nb: 1\n'],
  ['tags and anchors stay', 'a: !!map &x {}\n', { a: { b: 1 } }, 'a: !!map &x\n  b: 1\n'],
  ['the last of two equal keys counts', 'a: 1\na: 2\n', { a: 3 }, 'a: 1\na: 3\n'],
  ['a document between others', '# x\n---\na: 1\n...\n', { a: 1, b: 2 }, '# x\n---\na: 1\nb: 2\n...\n'],
]);

rows('taken out', [
  [
    'a pair, its comment stays',
    'a: 1\nb: 2 # two\n# three\nc: 3\n',
    { a: 1, c: 3 },
    'a: 1\n# two\n# three\nc: 3\n',
  ],
  ['both of two equal keys', 'a: 1\nb: 2\na: 3\n', { b: 2 }, 'b: 2\n'],
  [
    'items of a list',
    'a:\n  - name: p\n    v: 1 # one\n  - name: q\n  - name: r\n',
    { a: [{ name: 'q' }] },
    'a:\n  # one\n  - name: q\n',
  ],
  ['all that a map holds', 'a:\n  b: 1 # one\nc: 2\n', { a: {}, c: 2 }, 'a:\n  {} # one\nc: 2\n'],
  ['between brackets', '{a: 1, b: 2, c: 3, d: [1, 2]}\n', { b: 2, d: [1] }, '{b: 2, d: [1]}\n'],
  ['and another put in', 'a: 1\nb: 2\n', { a: 1, c: 3 }, 'a: 1\nc: 3\n'],
]);

rows('between brackets', [
  ['on one line', 'a: {b: 1}\n', { a: { b: 1, c: { d: ['8'] } } }, 'a: {b: 1, c: {d: ["8"]}}\n'],
  ['padded', 'a: { b: 1 }\n', { a: { b: 1, c: { d: 1 } } }, 'a: { b: 1, c: { d: 1 } }\n'],
  [
    'on lines of their own',
    'a: {\n    b: 1, # one\n    c: 2\n  }\n',
    { a: { b: 1, c: 2, d: 3 } },
    'a: {\n    b: 1, # one\n    c: 2,\n    d: 3\n  }\n',
  ],
  ['a last comma', 'a: [1, 2, ]\n', { a: [1, 2, 3] }, 'a: [1, 2, 3, ]\n'],
  ['an empty value', '{a: , b}\n', { a: { c: 1 }, b: [1] }, '{a: {c: 1} , b: [1]}\n'],
]);

rows('JSON', [
  ['on one line', '{"a":{"b":[]}}', { a: { b: [{ c: '8' }], d: 1 } }, '{"a":{"b":[{"c":"8"}],"d":1}}'],
  ['on one line with spaces', '{"a": [1]}\n', { a: [1, { b: 'yes' }] }, '{"a": [1, {"b": "yes"}]}\n'],
  [
    'with tabs',
    '{\n\t"a": 1,\n\t"b": {}\n}\n',
    { a: 1, b: { c: 1 }, d: [1] },
    '{\n\t"a": 1,\n\t"b": {\n\t\t"c": 1\n\t},\n\t"d": [\n\t\t1\n\t]\n}\n',
  ],
  ['in YAML', '---\n{"a": 1}\n', { a: 1, b: 'x' }, '---\n{"a": 1, "b": "x"}\n'],
  ['behind a byte order mark', '\uFEFF{"a":1}', { a: 1, b: 2 }, '\uFEFF{"a":1,"b":2}'],
]);

rows('anchors', [
  [
    'an alias follows its anchor',
    'a: &x {b: 1}\nc: *x\n',
    { a: { b: 1, d: 2 }, c: { b: 1, d: 2 } },
    'a: &x {b: 1, d: 2}\nc: *x\n',
  ],
  [
    'an alias that differs becomes a copy',
    'a: &x {b: 1}\nc: *x # c\n',
    { a: { b: 1 }, c: { b: 1, d: 2 } },
    'a: &x {b: 1}\nc: # c\n  b: 1\n  d: 2\n',
  ],
  [
    'an alias keeps its value where the anchor changes',
    'a: &x {b: 1}\nc: [*x]\n',
    { a: { b: 2 }, c: [{ b: 1 }] },
    'a: &x {b: 2}\nc: [{b: 1}]\n',
  ],
  [
    'an alias in an alias',
    'a: &x [&y {b: 1}]\nc: *x\nd: *y\n',
    { a: [{ b: 1 }], c: [{ b: 2 }], d: { b: 1 } },
    'a: &x [&y {b: 1}]\nc:\n  - b: 2\nd: *y\n',
  ],
  [
    'a merge is overridden behind it',
    'a: &x {b: {c: 1}}\nd:\n  <<: *x\n  e: 1\n',
    { a: { b: { c: 1 } }, d: { b: { c: 2 }, e: 1 } },
    'a: &x {b: {c: 1}}\nd:\n  <<: *x\n  e: 1\n  b:\n    c: 2\n',
  ],
  [
    'a merge behind the key wins over it',
    'd:\n  b: 1\n  <<: {b: 2}\n',
    { d: { b: 3 } },
    'd:\n  b: 1\n  <<: {b: 2}\n  b: 3\n',
  ],
]);

describe('refused in one line', () => {
  test.each<readonly [string, string, unknown]>([
    ['a merged key that has to go', 'a: &x {b: 1}\nc:\n  <<: *x\n', { a: { b: 1 }, c: {} }],
    ['a merge that would bring in more', 'a: &x {b: 1}\nc:\n  <<: *x\n', { a: { b: 1, d: 1 }, c: { b: 1 } }],
    ['a new first item', '- 1\n', [0, 1]],
    ['a pair on the line of its dash', '- a: 1\n  b: 2\n', [{ b: 2 }]],
    ['an anchor that goes while it is needed', 'a: &x 1\nb: *x\n', { b: 1 }],
  ])('%s', (_what, text, value) => {
    expect(() => rewritten(text, 'a.yaml', [value])).toThrow(
      /^a\.yaml: can't be rewritten in place: [^\n]+$/,
    );
  });
});
