/**
 * The parts of `headcount policy` that can be checked without an API server: its output, the effect of the configuration,
 * and the files that are generated from it. test/e2e/policy.e2e.ts checks that CEL and TypeScript agree.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { parseAllDocuments } from 'yaml';
import { policyPage, policyTemplate } from '../../packaging/policy.ts';
import { DEFAULTS, type Config } from '../../src/config/config.ts';
import { conditions, policyObjects } from '../../src/cel/objects/policies.ts';
import { CEL_RULES } from '../../src/cel/rules/index.ts';
import { RULE_IDS } from '../../src/rules/index.ts';
import { file, headcount } from '../support/cli.ts';
import type { Loose } from '../rules/cases.ts';

const ROOT = join(import.meta.dirname, '../..');
const text = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
const objects = (config: Partial<Config> = {}): readonly Loose[] => policyObjects({ ...DEFAULTS, ...config });
/** kubectl reads YAML 1.1, in which off is false; other tools read 1.2. */
function readByKubectl(yaml: string): readonly Loose[] {
  const [old, current] = (['1.1', '1.2'] as const).map((version) =>
    parseAllDocuments(yaml, { version }).map((document) => document.toJS()),
  );
  expect(old).toEqual(current);
  return old ?? [];
}
const CONFIG = { apiVersion: 'headcount.dev/v1alpha1', kind: 'HeadcountConfig' };
const printed = async (config: object): Promise<readonly Loose[]> =>
  readByKubectl(
    (await headcount(['policy', '--config', file('printed.yaml', { ...CONFIG, ...config })])).out,
  );
const summary = (config: Partial<Config>): readonly string[] => objects(config).map(lineOf);
const lineOf = ({ kind, metadata, spec }: Loose): string =>
  [
    kind.replace('ValidatingAdmission', ''),
    metadata.name,
    ...(spec.validations ?? spec.validationActions).map((one: Loose) => one.message?.split(':')[0] ?? one),
    ...(spec.matchResources?.resourceRules ?? []).map(({ scope }: Loose) => scope),
    ...(spec.matchResources?.namespaceSelector.matchExpressions ?? []).map(
      ({ key, operator, values }: Loose) => `${key} ${operator} ${values.join()}`,
    ),
  ].join(' ');

test("the chart's template and the table of docs/policy.md are up to date (npm run chart:generate)", () => {
  expect(text('charts/headcount/templates/policy.yaml')).toBe(policyTemplate());
  expect(text('docs/policy.md')).toBe(policyPage());
});

test('every rule denies something, or says what it leaves to headcount; none is there twice', () => {
  expect(CEL_RULES.map(({ id }) => id)).toEqual(RULE_IDS);
  for (const { id, covers, services, runtimes, left } of CEL_RULES) {
    const denies = services !== undefined || runtimes !== undefined;
    expect([id, denies]).toEqual([id, covers !== undefined]);
    expect([id, denies || left.length > 0]).toEqual([id, true]);
  }
});

test('it is asked about what the webhook configurations call judged', () => {
  const bare = (cel: string): string => cel.replaceAll(/\s+/g, '');
  const webhooks = bare(text('charts/headcount/templates/_webhooks.tpl'));
  for (const { expression } of [...conditions('services'), ...conditions('runtimes')])
    expect(webhooks).toContain(bare(expression));
});

test('YAML and JSON say the same, each expression unquoted', async () => {
  const yaml = await headcount(['policy']);
  const json = await headcount(['policy', '-o', 'json']);
  expect([yaml.code, json.code]).toEqual([0, 0]);
  const { kind, items } = JSON.parse(json.out);
  expect(kind).toBe('List');
  expect(items).toEqual(objects());
  expect(readByKubectl(yaml.out)).toEqual(items);
  expect(yaml.out).not.toMatch(/xpression: ["']/);
  // The chart's template would take it for its own.
  expect(yaml.out).not.toContain('{{');
});

test('levels, exempt namespaces and labels', () => {
  const all = [
    'parallel-size-env',
    'parallel-size',
    'gpu-resource',
    'gpu-type-mix',
    'runtime',
    'worker-container',
    'reserved-env',
  ];
  const [services = '', bound, runtimes] = summary({});
  expect(services).toMatch(/^Policy multinode\.headcount\.dev parallel-size-env parallel-size .* canary$/);
  expect(bound).toBe('PolicyBinding multinode.headcount.dev Deny');
  expect(runtimes).toBe(`Policy runtimes.multinode.headcount.dev ${all.join(' ')}`);

  const levels = Object.fromEntries(RULE_IDS.map((id) => [id, 'off' as const]));
  expect(summary({ rules: levels })).toEqual([]);
  expect(summary({ rules: { ...levels, canary: 'deny', 'parallel-size': 'warn' } })).toEqual([
    'Policy multinode.headcount.dev canary',
    'PolicyBinding multinode.headcount.dev Deny',
    'Policy warn.multinode.headcount.dev parallel-size',
    'PolicyBinding warn.multinode.headcount.dev Warn',
    'Policy warn.runtimes.multinode.headcount.dev parallel-size',
    'PolicyBinding warn.runtimes.multinode.headcount.dev Warn',
  ]);
  const exempt = 'kubernetes.io/metadata.name NotIn a,b';
  expect(
    summary({
      rules: { ...levels, canary: 'deny', 'head-replicas': 'warn' },
      namespaces: { labels: true, exempt: ['a', 'b'] },
    }).filter((line) => line.startsWith('PolicyBinding')),
  ).toEqual([
    `PolicyBinding multinode.headcount.dev Deny ${exempt} headcount.dev/enforce NotIn warn,off`,
    `PolicyBinding lowered.multinode.headcount.dev Warn Namespaced ${exempt} headcount.dev/enforce In warn`,
    `PolicyBinding warn.multinode.headcount.dev Warn ${exempt} headcount.dev/enforce NotIn off`,
  ]);
});

test.each<[string, object, readonly string[]]>([
  ['deny', {}, ['multinode.headcount.dev Deny']],
  ['warn', {}, ['multinode.headcount.dev Warn']],
  ['off', {}, []],
  [
    'deny',
    { labels: true },
    [
      'multinode.headcount.dev Deny headcount.dev/enforce NotIn warn,off',
      'lowered.multinode.headcount.dev Warn Namespaced headcount.dev/enforce In warn',
    ],
  ],
  [
    'warn',
    { labels: true },
    [
      'multinode.headcount.dev Deny Namespaced headcount.dev/enforce In deny',
      'lowered.multinode.headcount.dev Warn headcount.dev/enforce NotIn deny,off',
    ],
  ],
  [
    'off',
    { labels: true },
    [
      'multinode.headcount.dev Deny Namespaced headcount.dev/enforce In deny',
      'lowered.multinode.headcount.dev Warn Namespaced headcount.dev/enforce In warn',
    ],
  ],
])('enforcement: %s with namespaces %j', async (enforcement, namespaces, expected) => {
  const found = await printed({ enforcement, namespaces });
  const bindings = found.filter(({ kind }) => kind.endsWith('Binding')).map(lineOf);
  // The same for services and for runtimes.
  expect(bindings.slice(0, bindings.length / 2)).toEqual(expected.map((line) => `PolicyBinding ${line}`));
  expect(bindings.slice(bindings.length / 2).map((line) => line.replace('runtimes.', ''))).toEqual(
    bindings.slice(0, bindings.length / 2),
  );
  expect(found.length - bindings.length).toBe(expected.length > 0 ? 2 : 0);
});

test('rules at warn are off where nothing is enforced', async () => {
  const rules = { ...Object.fromEntries(RULE_IDS.map((id) => [id, 'off'])), canary: 'warn' };
  expect((await printed({ rules, enforcement: 'warn' })).map(lineOf)).toEqual([
    'Policy warn.multinode.headcount.dev canary',
    'PolicyBinding warn.multinode.headcount.dev Warn',
  ]);
  expect((await printed({ rules, enforcement: 'off', namespaces: { labels: true } })).map(lineOf)[1]).toBe(
    'PolicyBinding warn.multinode.headcount.dev Warn Namespaced headcount.dev/enforce In deny,warn',
  );
});

test('where there is no policy, the command says how an earlier one is taken back', async () => {
  const { code, out, err } = await headcount([
    'policy',
    '--config',
    file('off.yaml', { ...CONFIG, enforcement: 'off' }),
  ]);
  expect({ code, out }).toEqual({ code: 0, out: '' });
  expect(err).toMatch(/kubectl delete .* multinode\.headcount\.dev runtimes\.multinode\.headcount\.dev\n$/);
});

test('exceptions that hold are in the policy of services that denies, and nowhere else', async () => {
  const some = { rules: ['canary', 'merge'], namespaces: ['lab'], reason: 'x', until: '2999-01-31' };
  const found = await printed({
    rules: { 'parallel-size': 'warn' },
    exceptions: [
      some,
      { ...some, rules: ['canary'], names: ['a.b', 'llama-*'] },
      { ...some, until: '2020-01-31' },
    ],
  });
  const excepted = found.map(({ metadata, spec }) => [
    metadata.name,
    spec.variables?.find(({ name }: Loose) => name === 'excepted')?.expression,
  ]);
  expect(excepted.filter(([, expression]) => expression !== undefined)).toEqual([
    [
      'multinode.headcount.dev',
      `[] +
(request.namespace in ["lab"] ? ["canary","merge"] : []) +
(request.namespace in ["lab"] && [variables.metadata[?'name'].orValue(dyn(null))].exists(n, type(n) == string && n.matches("^(a[.]b|llama-.*)$")) ? ["canary"] : [])`,
    ],
    ['warn.multinode.headcount.dev', '[]'],
  ]);
});

test('the configuration is read, and refused where it is wrong', async () => {
  const config = { ...CONFIG, gpus: { maxTotal: 64 } };
  const { out } = await headcount(['policy', '--config', file('config.yaml', config)]);
  expect(out).toMatch(/- name: maxTotal\n +expression: \|-\n +64\n/);
  const wrong = await headcount([
    'policy',
    '--config',
    file('wrong.yaml', { ...config, gpus: { maxTotal: 0 } }),
  ]);
  expect(wrong).toMatchObject({ code: 2, out: '' });
  expect(wrong.err).toMatch(/^headcount policy: .*gpus\.maxTotal is 0/);
});
