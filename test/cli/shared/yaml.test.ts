/** YAML as kubectl reads it, and the position of every field. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { readDocuments, type YamlDocument } from '../../../src/cli/shared/yaml.ts';

/** Pairs of a scalar as written and the value that kubectl 1.32 printed for it (`label --local -o json`). */
const SCALARS = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../fixtures/yaml-scalars.json'), 'utf8'),
) as readonly (readonly [string, unknown])[];

function documentsOf(text: string): readonly YamlDocument[] {
  const { documents, error } = readDocuments(text, 'a.yaml');
  if (error !== null) throw new Error(error.text);
  return documents;
}

function valueOf(text: string): unknown {
  return documentsOf(text)[0]?.value;
}

describe('values', () => {
  test.each(SCALARS)('%s', (text, value) => {
    expect(valueOf(`a: ${text}\n`)).toEqual({ a: value });
  });

  test.each<[string, string, unknown]>([
    ['an empty value is null', 'a:\n', { a: null }],
    ['a block is a string', 'a: |\n  yes\n', { a: 'yes\n' }],
    ['a key n is false', 'n: 1', { false: 1 }],
    ['a number is a string as a key', '{5: a, 0777: b}', { 5: 'a', 511: 'b' }],
    ['the last of two equal keys wins', 'a: 1\nb: 0\na: 2', { a: 2, b: 0 }],
    ['the last of two equal keys wins in JSON', '{"a": 1, "a": 2}', { a: 2 }],
    ['an alias is a copy', 'a: &x {k: 1}\nb: *x', { a: { k: 1 }, b: { k: 1 } }],
    [
      'a merge gives way to what follows',
      'b: &b {k: 1, l: 1}\na: {<<: *b, k: 2}',
      { b: { k: 1, l: 1 }, a: { k: 2, l: 1 } },
    ],
    ['a merge wins over what stands before', 'b: &b {k: 1}\na: {k: 2, <<: *b}', { b: { k: 1 }, a: { k: 1 } }],
    ['of several merged maps the first wins', 'a: {<<: [{k: 1}, {k: 2}]}', { a: { k: 1 } }],
    ['Windows line ends', 'a: 1\r\nb: |\r\n  x\r\n  y\r\n', { a: 1, b: 'x\ny\n' }],
    ['a byte order mark', '\uFEFFa: yes', { a: true }],
    ['a byte order mark before JSON', '\uFEFF{"a": "yes"}', { a: 'yes' }],
    ['JSON with tabs and escapes', '{\n\t"a": "b\\/\\u0041",\n\t"c": [1e2]}', { a: 'b/A', c: [100] }],
  ])('%s', (_what, text, value) => {
    expect(valueOf(text)).toEqual(value);
  });

  test('a key __proto__ is a key', () => {
    expect(Object.keys(valueOf('a: 1\n__proto__: {b: 1}') as object)).toEqual(['a', '__proto__']);
  });

  test('several documents, empty ones left out', () => {
    expect(documentsOf('---\na: 1\n---\n---\n# nothing\n---\nb: 2\n...\n').map(({ value }) => value)).toEqual(
      [{ a: 1 }, { b: 2 }],
    );
    expect(documentsOf('')).toEqual([]);
  });
});

describe('refused, with the place', () => {
  const bomb = ['a0: &a0 [1,1,1,1,1,1,1,1,1,1]']
    .concat(Array.from({ length: 9 }, (_, i) => `a${i + 1}: &a${i + 1} [${`*a${i},`.repeat(10)}]`))
    .join('\n');
  test.each<[string, string, RegExp]>([
    ['a flow list without an end', 'a: 1\nb: [1', /^a\.yaml:2:\d+: .*]/],
    ['a tab for an indent', 'a:\n\tb: 1', /^a\.yaml:2:1: /],
    ['an infinity', 'a: 1\nb: -.INF', /^a\.yaml:2:4: JSON has no number for -\.INF$/],
    ['not a number', 'a: .nan', /^a\.yaml:1:4: JSON has no number/],
    ['an alias of nothing', 'a: *b', /unknown anchor "b"/],
    ['an alias within its anchor', 'a: &a [*a]', /"a" contains itself/],
    ['aliases of aliases of aliases', bomb, /more than 100000 values/],
    ['null as a key', '{~: 1}', /^a\.yaml:1:2: a key has to be/],
    ['a list as a key', '? [a]\n: 1', /a key has to be/],
    ['a merge of a number', '<<: 5', /takes a map/],
    ['a tag that does not fit', 'a: !!int x', /"x" is no int/],
    ['binary that is no base64', 'a: !!binary "a?"', /^a\.yaml:1:13: this !!binary is no base64$/],
    ['deep nesting', `a: ${'['.repeat(101)}${']'.repeat(101)}`, /nested more than 100 levels/],
    ['nesting beyond the stack', '['.repeat(200_000), /nested too deeply/],
  ])('%s', (_what, text, error) => {
    expect(readDocuments(text, 'a.yaml').error?.text).toMatch(error);
  });
});

describe('positions', () => {
  const TEXT = `# first line
metadata:
  annotations:
    serving.kserve.io/autoscalerClass: none
spec:
  predictor:
    model: &model
      env:
        - name: A
          value: b
        - {name: B, value: c}
      resources: {requests: {nvidia.com/gpu: 8}}
    again: *model
    merged:
      <<: *model
      own: 1
    twice: 1
    twice: 2
`;
  test.each<[string, number, number]>([
    ['metadata.annotations[serving.kserve.io/autoscalerClass]', 4, 5],
    ['spec.predictor', 6, 3],
    ['spec.predictor.model.env[0]', 9, 11],
    ['spec.predictor.model.env[1].value', 11, 21],
    ['spec.predictor.model.resources.requests[nvidia.com/gpu]', 12, 30],
    ['spec.predictor.again.env[0].name', 9, 11],
    ['spec.predictor.merged.own', 16, 7],
    ['spec.predictor.merged.env', 8, 7],
    ['spec.predictor.twice', 18, 5],
    ['spec.predictor.minReplicas', 6, 3],
    ['spec.predictor.model.env[7].name', 8, 7],
    ['metadata.name', 2, 1],
    ['status', 2, 1],
    ['', 2, 1],
  ])('%s', (field, line, column) => {
    expect(documentsOf(TEXT)[0]?.place(field)).toMatchObject({ line, column });
  });

  test('the second document of a file with Windows line ends', () => {
    const [, second] = documentsOf('a: 1\r\n---\r\nb:\r\n  c: 1\r\n');
    expect(second?.place('b.c')).toEqual({ line: 4, column: 3, endColumn: 4, source: '  c: 1' });
  });

  test.each<[string, string, string, string]>([
    ['a key', 'a : 1', 'a', 'a'],
    ['a key in quotes: with them', '"a" : 1', 'a', '"a"'],
    ['a key behind a byte order mark', '\uFEFFa: 1', 'a', 'a'],
    ['a key behind a byte order mark, in JSON', '\uFEFF{"a": 1}', 'a', '"a"'],
    ['a block item: its first key', '- &x name: b', '[0]', 'name'],
    ['an item of an item', '- - - b: 1', '[0][0]', 'b'],
    ['a flow item: all of it', '- [{name: b, c: 1 }]', '[0][0]', '{name: b, c: 1 }'],
    ['an alias: not its anchor', 'b: &b {}\na: [ *b ]', 'a[0]', '*b'],
    ['several lines: what is on the first', 'a: ["one\n  two"]', 'a[0]', '"one'],
    ['nothing', 'a:\n  -', 'a[0]', ''],
    ['a key with dots and brackets', '{b: {"c[0].d": {"]": 1}}}', 'b[c[0].d][]]', '"]"'],
    ['a name without brackets', '{a.b: 1, a: {b: 2}}', 'a.b', 'b'],
    ['a key that begins as another', '{"b].c": 1, b: {c: 2}}', '[b].c]', '"b].c"'],
  ])('the token of %s', (_what, text, field, token) => {
    const { line, column, endColumn, source } = documentsOf(text)[0]?.place(field) ?? {};
    expect(source).toBe(text.replace('\uFEFF', '').split('\n')[(line ?? 0) - 1]);
    expect(source?.slice((column ?? 0) - 1, (endColumn ?? 0) - 1)).toBe(token);
  });
});
