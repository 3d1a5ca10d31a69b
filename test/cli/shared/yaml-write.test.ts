/** Strings as we write them, to everyone who reads YAML. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { CORE_SCHEMA, load, YAML11_SCHEMA } from 'js-yaml';
import { readDocuments } from '../../../src/cli/shared/yaml.ts';
import { blockYaml, flowYaml, PLAIN_STYLE, stringYaml } from '../../../src/cli/shared/yaml-write.ts';

type Table = readonly (readonly [string, unknown])[];

function fixture(name: string): Table {
  return JSON.parse(readFileSync(join(import.meta.dirname, '../../fixtures', name), 'utf8'));
}

/** What kubectl takes for a number, a boolean and the like where it has no quotes. */
const SCALARS = fixture('yaml-scalars.json');
/** Strings as they are written, and what sigs.k8s.io/yaml read there (test/tools/go/yamlvalues). */
const WRITTEN = fixture('yaml-strings.json') as readonly (readonly [string, string])[];

const STYLES = [PLAIN_STYLE, { ...PLAIN_STYLE, quote: "'" }, { ...PLAIN_STYLE, quoteAll: true }] as const;

test('there are enough of them', () => {
  expect(SCALARS.length).toBeGreaterThanOrEqual(30);
  expect(WRITTEN.length).toBeGreaterThanOrEqual(100);
});

test.each(WRITTEN)('%s is what kubectl reads as %j', (written, value) => {
  expect(STYLES.map((style) => stringYaml(value, style))).toContain(written);
});

describe('a string stays a string', () => {
  const strings = [...SCALARS.map(([text]) => text), ...WRITTEN.map(([, value]) => value)];
  test.each([...new Set(strings)])('%j', (text) => {
    const value = { [text]: [text, { key: text }] };
    for (const style of STYLES) {
      const literal = blockYaml(value, style, (key) => key === 'key');
      for (const written of [blockYaml(value, style), literal, flowYaml(value, style)]) {
        for (const schema of [CORE_SCHEMA, YAML11_SCHEMA]) expect(load(written, { schema })).toEqual(value);
        expect(readDocuments(written, 'a.yaml').documents?.[0]?.value).toEqual(value);
      }
    }
  });

  test('every one of them has been read by Go in each of the two styles', () => {
    const read = new Set(WRITTEN.map(([written]) => written));
    for (const text of strings) {
      expect(read).toContain(stringYaml(text, STYLES[0]));
      expect(read).toContain(stringYaml(text, STYLES[1]));
    }
  });
});

test('a text is written line by line where that is asked, and where every reader reads it so', () => {
  const texts = ['a: 1\n  # b\n', 'off', 'a\n\n b ', ' a\nb', '', 'a\u0085b', 'a\r\nb', 'a\tb\n \n'];
  const value = { texts: texts.map((expression) => ({ expression })) };
  const written = blockYaml(value, PLAIN_STYLE, (key) => key === 'expression');
  for (const schema of [CORE_SCHEMA, YAML11_SCHEMA]) expect(load(written, { schema })).toEqual(value);
  expect(readDocuments(written, 'a.yaml').documents?.[0]?.value).toEqual(value);
  expect(written.match(/expression: \|/g)).toHaveLength(3);
});

test('half a surrogate pair has no place in YAML', () => {
  expect(stringYaml('a\uD800', PLAIN_STYLE)).toBe('"a\uFFFD"');
});
