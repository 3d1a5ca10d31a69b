/**
 * The rules' pages: each says what its rule does, and the rule does what the page says. A page, the README's
 * row and the rule's table name the same severities; the example draws a finding, and what is written instead
 * does not; every way to turn the rule off works.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parse, parseAllDocuments, stringify } from 'yaml';
import { assessRuntimeChange } from '../../src/admission/assess-runtime-change.ts';
import { assessService, atOnce } from '../../src/admission/assess.ts';
import { catalogueOf } from '../../src/cluster/catalogue.ts';
import { DEFAULTS, type Config } from '../../src/config/config.ts';
import { RULES } from '../../src/rules/index.ts';
import { readModel } from '../../src/vllm/facts.ts';
import type { Finding, Severity } from '../../src/rules/rule.ts';
import { file, headcount, json, ROOT } from '../support/cli.ts';
import { modelNamed } from '../support/models.ts';
import { minimalService, type Loose, type RuleCases } from './cases.ts';

const PAGES = join(ROOT, 'docs/rules');
const README = readFileSync(join(ROOT, 'README.md'), 'utf8');
const LETTERS: Readonly<Record<Severity, string>> = { deny: 'D', warn: 'W', note: 'N' };
const HEADINGS = { Refused: 'deny', 'Warned of': 'warn' } as const;

/** What the examples leave out: case 1 of the guide, without GPU counts, and a claim for it. */
function base(): Loose {
  const service = minimalService();
  delete service.metadata.namespace;
  delete service.spec.predictor.model.resources;
  delete service.spec.predictor.workerSpec.containers;
  service.spec.predictor.model.runtime = 'kserve-huggingfaceserver-multinode';
  return service;
}

const CLAIM = {
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { name: 'models' },
  spec: { accessModes: ['ReadWriteMany'] },
};

/** Maps are merged, everything else is replaced. */
function merged(below: Loose, above: Loose): Loose {
  const isMap = (value: Loose): boolean =>
    typeof value === 'object' && value !== null && !Array.isArray(value);
  if (!isMap(below) || !isMap(above)) return above;
  const both = Object.keys(above).map((key) => [key, merged(below[key], above[key])]);
  return { ...below, ...Object.fromEntries(both) };
}

/** The objects of an example: a fragment without a kind is one of the service. */
function worldOf(example: string): { service: Loose; others: Loose[] } {
  const objects: Loose[] = parseAllDocuments(example).map((document) => document.toJS());
  const service = objects.filter(({ kind }) => kind === undefined).reduce(merged, base());
  return { service, others: [CLAIM, ...objects.filter(({ kind }) => kind !== undefined)] };
}

/** The model of the page of model-config; the other pages say nothing of one. */
const { config: MODEL } = modelNamed('Qwen2-7B-Instruct');

function configFor(id: string): Config {
  const facts = readModel(MODEL);
  if ('missing' in facts) throw new Error(facts.missing);
  // The page of kserve-release is about an older one.
  if (id === 'kserve-release') return { ...DEFAULTS, kserve: { version: '0.17' } };
  return id === 'model-config' ? { ...DEFAULTS, model: { facts, gpuMemory: null } } : DEFAULTS;
}

/** Findings of a runtime that took the place of one with other GPUs, where a service runs on that. */
async function findingsOfChange(runtime: Loose): Promise<readonly Finding[]> {
  const stored = structuredClone(runtime);
  stored.metadata.name = 'vllm-multinode';
  stored.spec.workerSpec.containers[0].resources.requests = { 'nvidia.com/gpu': '8' };
  const service = minimalService();
  service.spec.predictor.model.runtime = stored.metadata.name;
  const isChange = runtime.metadata.name === stored.metadata.name;
  return assessRuntimeChange(
    runtime,
    isChange ? stored : null,
    catalogueOf([stored, service, CLAIM], 'complete'),
    DEFAULTS,
    atOnce,
  );
}

/** Findings of a create, and of an update that brings the example. */
async function findingsOf(id: string, example: string): Promise<readonly Finding[]> {
  if (id === 'runtime-change') return findingsOfChange(parse(example));
  const { service, others } = worldOf(example);
  const cluster = catalogueOf(others, 'complete');
  const policy = { enforce: 'deny', mutationMode: 'full' } as const;
  const found: Finding[] = [];
  for (const oldObject of [null, base()]) {
    const subject = { object: service, oldObject, name: '', namespace: '' };
    found.push(...(await assessService(subject, 'mutate', policy, cluster, configFor(id))).findings);
  }
  return found;
}

const page = (id: string): string => readFileSync(join(PAGES, `${id}.md`), 'utf8');

const examples = (id: string): readonly (readonly [heading: string, example: string])[] =>
  [...page(id).matchAll(/^## (.+)\n[^`]*?```yaml\n([^]*?)```$/gm)].map(
    ([, heading = '', example = '']) => [heading, example] as const,
  );

test('there is a page for every rule, and for nothing else', () => {
  expect(readdirSync(PAGES).toSorted()).toEqual(RULES.map(({ id }) => `${id}.md`).toSorted());
});

describe.each(RULES.map(({ id, summary }) => [id, summary] as const))('%s', (id, summary) => {
  test('the page begins with id and summary', () => {
    const [title, , first] = page(id).split('\n');
    expect(title).toBe(`# ${id}`);
    expect(first?.replaceAll('`', '')).toBe(`${summary}.`);
  });

  // One page is about braces.
  test('the page has no braces, which SARIF doubles', () => {
    expect(/[{}]/.test(page(id))).toBe(id === 'template');
  });

  test('page, README and table name the same severities', async () => {
    const bullets = [...page(id).matchAll(/^- (Denied|Warned of|Noted): /gm)].map(([, word = '']) =>
      word.charAt(0),
    );
    const row = new RegExp(`^\\| \\[\`${id}\`\\]\\(docs/rules/${id}\\.md\\) \\| ([DWN ]+) \\|`, 'm').exec(
      README,
    );
    expect(row?.[1]?.split(' ')).toEqual(bullets);
    const { cases } = (await import(`./${id}.cases.ts`)) as { cases: RuleCases };
    const severities = [...(cases.service ?? []), ...(cases.runtime ?? [])]
      .flatMap(({ expect: expected }) => expected ?? [])
      .map(({ severity }) => LETTERS[severity]);
    expect([...new Set(severities)].toSorted()).toEqual(bullets.toSorted());
  });

  test('the example draws a finding of the rule, and what to write instead draws none', async () => {
    const [[heading, bad] = ['', ''], [instead, good] = ['', '']] = examples(id);
    expect([Object.keys(HEADINGS).includes(heading), instead]).toEqual([true, 'Instead']);
    const severity = HEADINGS[heading as keyof typeof HEADINGS];
    const bySeverity = async (example: string): Promise<string[]> =>
      (await findingsOf(id, example)).filter(({ rule }) => rule === id).map((finding) => finding.severity);
    expect(await bySeverity(bad)).toContain(severity);
    expect(await bySeverity(good)).toEqual([]);
    // An example is about one thing.
    const denials = (await findingsOf(id, bad)).filter((finding) => finding.severity === 'deny');
    expect(denials.filter(({ rule }) => rule !== id)).toEqual([]);
    expect((await findingsOf(id, good)).filter((finding) => finding.severity === 'deny')).toEqual([]);
  });

  test('explain shows the page, and every way that it names turns the rule off', async () => {
    const { code, out, err } = await headcount(['explain', id]);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    // A link to another page leads nowhere in a terminal.
    expect(out.startsWith(page(id).replaceAll(/\[([^\]\n]+)\]\(\.[^)\n]*\)/g, '$1'))).toBe(true);
    const [, disable = '', rules = '', annotation = ''] =
      /`headcount lint (.+)`[^]*`(rules: .+?)`[^]*`(headcount\.dev.+?)`/.exec(out) ?? [];

    const { service, others } = worldOf(examples(id)[0]?.[1] ?? '');
    const model = id === 'model-config' ? ['--model-config', file('config.json', MODEL)] : [];
    const release = id === 'kserve-release' ? ['--kserve-version', '0.17'] : [];
    const lint = async (...options: readonly string[]): Promise<Loose[]> => {
      const input = file(
        'example.yaml',
        [service, ...others].map((object) => stringify(object)).join('---\n'),
      );
      const { findings } = await json([
        'lint',
        input,
        '--catalog',
        file('claim.json', CLAIM),
        ...model,
        ...release,
        ...options,
      ]);
      return findings.filter(({ rule }: Loose) => rule === id);
    };
    // Updates, which lint does not see.
    expect((await lint()).length > 0).toBe(id !== 'rollout' && id !== 'runtime-change');
    expect(await lint(...disable.split(' '))).toEqual([]);
    const config = `apiVersion: headcount.dev/v1alpha1\nkind: HeadcountConfig\n${rules}\n`;
    expect(await lint('--config', file('off.yaml', config))).toEqual([]);
    const [key = '', value = ''] = annotation.split(': ');
    service.metadata.annotations[key] = value;
    expect((await lint()).every(({ suppressed }) => suppressed)).toBe(true);
  });
});

test('without a rule: all of them, in their order', async () => {
  const { code, out } = await headcount(['explain']);
  expect(code).toBe(0);
  expect(
    out
      .trimEnd()
      .split('\n')
      .map((line) => line.split(/ {2,}/)),
  ).toEqual(RULES.map(({ id, summary }) => [id, summary]));
});

test('several rules: their pages', async () => {
  const { out } = await headcount(['explain', 'canary', 'runtime']);
  expect(out.match(/^# .*/gm)).toEqual(['# canary', '# runtime']);
});

test('what lint offers to read can be read', async () => {
  const { out } = await headcount(['lint', 'demo/manifests/seven-mistakes.yaml']);
  const [, more = ''] = /^more: headcount (explain .*)$/m.exec(out) ?? [];
  expect((await headcount(more.split(' '))).code).toBe(0);
});
