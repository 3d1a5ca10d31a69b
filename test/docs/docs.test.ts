/**
 * The pages say what is so: every command that they show is run and prints what they show, every manifest gets
 * the verdict that they claim, every link leads somewhere. What needs a cluster is run by the end-to-end suite.
 */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Ajv } from 'ajv';
import { parse, parseAllDocuments } from 'yaml';
import { generatedPages } from '../../packaging/docs.ts';
import { loadConfig } from '../../src/config/load.ts';
import { RULE_IDS } from '../../src/rules/index.ts';
import { layoutOnRay } from '../../src/kserve/plan.ts';
import { json } from '../support/cli.ts';
import { anchorsOf, blocksOf, linksOf, pages, read, ROOT, type Block } from './pages.ts';
import { isShown, Shell, stepsOf, writeInto } from './shell.ts';

const all = pages();
/** The rules' examples are fragments: explain.test.ts completes and runs them. */
const blocks = all.filter((page) => !page.startsWith('docs/rules/')).flatMap(blocksOf);
const named = (some: readonly Block[]): readonly (readonly [string, Block])[] =>
  some.map((block) => [`${block.page}:${block.line}`, block]);

const KINDS: Readonly<Record<string, RegExp>> = {
  console: /^(cluster)?$/,
  sh: /^(|cluster|ci|not-run: .+)$/,
  yaml: /^(accepted|refused: [a-z -]+|config|values|other: .+)$/,
  mermaid: /^$/,
  json: /^$/,
  text: /^$/,
};

test.each(named(blocks))('%s is of a kind that is held', (_where, { language, kind }) => {
  expect(Object.keys(KINDS)).toContain(language);
  expect(kind).toMatch(KINDS[language] as RegExp);
});

describe('in a shell', () => {
  let shell: Shell;
  beforeAll(() => {
    shell = new Shell();
  });
  afterAll(() => shell.remove());

  const local = blocks.filter(({ language, kind }) => ['console', 'sh'].includes(language) && kind === '');
  const steps = local.flatMap((block) => stepsOf(block).map((step) => ({ ...step, page: block.page })));
  test.each(steps.map((step) => [`${step.page}: ${step.command}`, step] as const))(
    '%s',
    async (_name, step) => {
      const { code, text } = await shell.run(step.command);
      expect(code).toBeLessThan(2);
      if (step.shown === null) expect([code, text]).toEqual([0, expect.any(String)]);
      else if (!writeInto(step.page, step, text)) {
        if (!isShown(step.shown, text)) expect(text).toBe(step.shown);
      }
    },
  );
});

const ci = readFileSync(join(ROOT, '.ci/run'), 'utf8');
test.each(named(blocks.filter(({ kind }) => kind === 'ci')))('%s is run by .ci/run', (_where, { text }) => {
  for (const command of text.trim().split(/\n| && /)) {
    expect(ci.replaceAll(/ --silent| --no-audit| --no-fund/g, '')).toContain(command.replace(/ +#.*/, ''));
  }
});

describe('manifests', () => {
  const yaml = blocks.filter(({ language }) => language === 'yaml');
  const of = (kind: RegExp): readonly (readonly [string, Block])[] =>
    named(yaml.filter((block) => kind.test(block.kind)));

  test.each(of(/^(accepted|refused)/))('%s', async (_where, { kind, text }) => {
    const { findings } = await json(['lint', '-'], text);
    const found: readonly { readonly severity: string; readonly rule: string }[] = findings;
    const denied = found.filter(({ severity }) => severity === 'deny').map(({ rule }) => rule);
    expect(new Set(denied)).toEqual(new Set(kind.match(/[a-z-]+/g)?.slice(1)));
  });

  test.each(of(/^config$/))('%s', (_where, { text }) => {
    expect(() => loadConfig(text, 'the page', RULE_IDS)).not.toThrow();
  });

  const schema = JSON.parse(readFileSync(join(ROOT, 'charts/headcount/values.schema.json'), 'utf8'));
  const isValues = new Ajv({ strict: false }).compile(schema);
  test.each(of(/^values$/))('%s', (_where, { text }) => {
    expect([isValues(parse(text)), isValues.errors]).toEqual([true, null]);
  });

  test.each(of(/^other/))('%s', (_where, { text }) => {
    expect(parseAllDocuments(text).flatMap(({ errors }) => errors)).toEqual([]);
  });
});

const ownLinks = (page: string): readonly string[] =>
  linksOf(page).filter((target) => !/^https?:/.test(target));

test.each(all.filter((page) => ownLinks(page).length > 0))('the links of %s', (page) => {
  for (const target of ownLinks(page)) {
    const [path = '', anchor] = target.split('#');
    const file = path === '' ? page : normalize(join(dirname(page), path));
    expect([target, existsSync(join(ROOT, file))]).toEqual([target, true]);
    if (anchor !== undefined)
      expect([target, [...anchorsOf(file)]]).toEqual([target, expect.arrayContaining([anchor])]);
  }
});

test('every page is reached from the README', () => {
  const reached = new Set(['README.md']);
  for (const page of reached) {
    for (const target of linksOf(page)) {
      const file = normalize(join(dirname(page), target.split('#')[0] ?? ''));
      if (file.endsWith('.md') && existsSync(join(ROOT, file))) reached.add(file);
    }
  }
  expect(all.filter((page) => !reached.has(page))).toEqual([]);
});

test('the picture of the first page is that of the plan beside it', async () => {
  const { text } = blocks.find(
    (block) => block.page === 'README.md' && /headcount -- plan /.test(block.text),
  ) as Block;
  const shell = new Shell();
  const command = /^\$ (.*-- plan .*)$/m.exec(text)?.[1] ?? '';
  const picture = /!\[[^\]]*\]\((docs\/[^)]+\.svg)\)/.exec(read('README.md'))?.[1] ?? '';
  const printed = await shell.run(`${command} -o svg`);
  shell.remove();
  expect(printed.text).toBe(read(picture));
});

const worked = [...read('docs/kserve.md').matchAll(/^\| (\d+) \| (.+) \|$/gm)].map(([, tp = '', rest = '']) =>
  [tp, ...rest.split(' | ')].map((cell) => cell.trim()),
);
/** A size that is not stated is 1; a GPU count that is not stated, or stated as a limit only, is 0. */
const stated = (cell: string | undefined, absent: number): number =>
  /^\d+$/.test(cell ?? '') ? Number(cell) : absent;

test('the worked table of docs/kserve.md has rows of every case', () =>
  expect(worked.length).toBeGreaterThan(10));

test.each(worked)('docs/kserve.md: TP %s PP %s H %s W %s', (...[tp, pp, h, w, total, pods, head, worker]) => {
  const required = stated(tp, 1) * stated(pp, 1);
  const layout = layoutOnRay(required, stated(h, 0), stated(w, 0));
  expect(required).toBe(stated(total, 0));
  const enough = layout.head + layout.worker * (layout.nodes - 1) >= required;
  const shown = [layout.nodes, layout.head, layout.nodes > 1 ? layout.worker : '-'].map(String);
  expect([pods, head, worker]).toEqual(enough ? shown : ['-', '-', '-']);
});

test('every alert of the chart has a section that says what to do, and no other has', () => {
  const rule = read('charts/headcount/templates/prometheusrule.yaml');
  const alerts = [...rule.matchAll(/- alert: (\w+)/g)].map(([, name = '']) => name);
  const sections = [...read('docs/operating.md').matchAll(/^### (Headcount\w+)$/gm)];
  expect(sections.map(([, name]) => name)).toEqual(alerts);
});

test.each(Object.entries(await generatedPages()))('%s is up to date: npm run docs:generate', (page, text) => {
  expect(read(page)).toBe(text);
});
