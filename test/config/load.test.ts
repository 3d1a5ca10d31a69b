/** The configuration file. */
import { describe, expect, test } from '@jest/globals';
import { ConfigError, loadConfig } from '../../src/config/load.ts';
import { DEFAULTS } from '../../src/config/config.ts';
import { configSchema } from '../../src/config/schema.ts';
import { RULE_IDS } from '../../src/rules/index.ts';

const HEAD = 'apiVersion: headcount.dev/v1alpha1\nkind: HeadcountConfig\n';
const load = (text: string): unknown => loadConfig(text, 'headcount.yaml', ['gpu-idle', 'canary']);

function refusal(text: string): string {
  try {
    load(text);
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return (error as Error).message;
  }
  return 'accepted';
}

test('an empty configuration is the defaults', () => expect(load(HEAD)).toEqual(DEFAULTS));

test('a given key replaces its default, and only that', () => {
  expect(
    load(`${HEAD}rules: {gpu-idle: off}\nmutation: {mode: fill}\nstorage: {protocols: [pvc, oci]}`),
  ).toEqual({
    ...DEFAULTS,
    rules: { 'gpu-idle': 'off' },
    mutation: { ...DEFAULTS.mutation, mode: 'fill' },
    storage: { ...DEFAULTS.storage, protocols: ['pvc', 'oci'] },
  });
});

test('it is frozen all through, the defaults are not', () => {
  const config = loadConfig(HEAD, 'f', RULE_IDS);
  expect(Object.isFrozen(config.gpus.notGpus)).toBe(true);
  expect(config.rules).not.toBe(DEFAULTS.rules);
});

describe('refusals are one line with the file, the path and what it may be', () => {
  test.each([
    ['nothing', '', 'must be a mapping'],
    ['a list', '- a', 'must be a mapping'],
    ['no kind', 'apiVersion: headcount.dev/v1alpha1', 'kind is missing'],
    [
      'another version',
      HEAD.replace('alpha1', ''),
      'apiVersion is "headcount.dev/v1": must be headcount.dev/v1alpha1',
    ],
    [
      'an unknown section',
      `${HEAD}mutations: {}`,
      'unknown key mutations, did you mean mutation?: use one of apiVersion, kind, rules',
    ],
    [
      'an unknown key',
      `${HEAD}mutation: {mod: full}`,
      'unknown key mutation.mod, did you mean mode?: use one of mode,',
    ],
    [
      'an unknown rule',
      `${HEAD}rules: {gpu-idel: off}`,
      'unknown key rules.gpu-idel, did you mean gpu-idle?: use one of gpu-idle, canary',
    ],
    [
      'another level',
      `${HEAD}rules: {canary: no}`,
      'rules.canary is "no": must be one of default, deny, warn, off',
    ],
    ['a boolean level', `${HEAD}rules: {canary: false}`, 'rules.canary is false: must be one of'],
    ['a wrong type', `${HEAD}gpus: {maxTotal: many}`, 'gpus.maxTotal is "many": must be integer'],
    ['below the least', `${HEAD}gpus: {maxTotal: 0}`, 'gpus.maxTotal is 0: must be >= 1'],
    ['an empty list', `${HEAD}storage: {protocols: []}`, 'storage.protocols is []'],
    [
      'a bad list entry',
      `${HEAD}storage: {protocols: [s3]}`,
      'storage.protocols.0 is "s3": must be one of pvc, oci',
    ],
    ['a page that is no URL', `${HEAD}docsUrl: wiki`, 'docsUrl is "wiki": must match pattern'],
    ['broken YAML', `${HEAD}rules: {`, 'not YAML'],
    ['a key given twice', `${HEAD}denyAt: both\ndenyAt: both`, 'not YAML'],
  ])('%s', (_name, text, expected) => {
    const message = refusal(text);
    expect(message).toContain('headcount.yaml: ');
    expect(message).toContain(expected);
    expect(message).not.toContain('\n');
  });

  test('several problems are reported at once', () => {
    expect(refusal(`${HEAD}denyAt: never\nlookupFailure: maybe`)).toMatch(/denyAt.*; lookupFailure/);
  });
});

/** The keys of nested objects, such as `gpus.maxTotal`. */
function keysOf(value: unknown, path: readonly string[] = []): readonly string[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [path.join('.')];
  return Object.entries(value).flatMap(([key, inner]) => keysOf(inner, [...path, key]));
}

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
}

function keysOfSchema({ properties }: Schema, path: readonly string[] = []): readonly string[] {
  if (properties === undefined) return [path.join('.')];
  return Object.entries(properties).flatMap(([key, inner]) => keysOfSchema(inner, [...path, key]));
}

const KEYS = keysOf(DEFAULTS);

test('every key has a default and a schema', () => {
  const [, , ...schema] = keysOfSchema(configSchema([]));
  expect(KEYS.length).toBeGreaterThan(10);
  expect(schema.toSorted()).toEqual(KEYS.toSorted());
});

test.each(KEYS)('%s of another type is refused with its path', (key) => {
  const text = key.split('.').reduceRight((inner, part) => `{${part}: ${inner}}`, '{another: type}');
  expect(refusal(`${HEAD}${text.slice(1, -1)}\n`)).toContain(key);
});
