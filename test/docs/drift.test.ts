/**
 * README, help and published schemas against the program, both ways: what they name is there, and what is there is
 * named.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import {
  choicesOf,
  COMMANDS,
  file,
  headcount,
  json,
  optionsOf,
  ROOT,
  schema,
  SERVICE,
} from '../support/cli.ts';
import { blocksOf, pages, read } from './pages.ts';
import { MANIFESTS } from '../support/manifests.ts';
import { modelNamed, MODELS } from '../support/models.ts';
import { minimalService, type Loose } from '../rules/cases.ts';

const README = readFileSync(join(ROOT, 'README.md'), 'utf8');
const NAMES = COMMANDS.map((command) => command.name());

/** The code that people copy: every block, and what the README and docs/ci.md have in their lines. */
const CODE = [
  ...pages().flatMap((page) => blocksOf(page).map(({ text }) => text)),
  ...['README.md', 'docs/ci.md'].flatMap((page) =>
    [
      ...read(page)
        .replaceAll(/^( *)```[^]*?^\1```$/gm, '')
        .matchAll(/`([^`\n]+)`/g),
    ].map(([, span = '']) => span),
  ),
];
const CALL =
  /(?:^|\$ |run: +|- |kubectl |--silent |npx --yes )headcount(?:@[\d.]+)? (?:-- )?([a-z]+)(.*?)(?: \| .*)?$/gm;
const CALLS = CODE.flatMap((code) => [...code.matchAll(CALL)]);

describe('the pages', () => {
  test('name every command', () => {
    const called = CALLS.map(([, name]) => name);
    const told = CODE.map((code) => code.split(' ')[0]);
    const silent = ['help', 'version'];
    expect(NAMES.filter((name) => ![...called, ...told, ...silent].includes(name))).toEqual([]);
  });

  test('name no command that is not there', () => {
    expect(CALLS.length).toBeGreaterThan(15);
    for (const [text, name = ''] of CALLS) expect([text, NAMES.includes(name)]).toEqual([text, true]);
  });

  /** A line that runs a command gives it options that it has, and choices that it takes. */
  test('give commands options that they have', () => {
    let options = 0;
    for (const [line, name = '', rest = ''] of CALLS) {
      for (const [, long = ''] of rest.matchAll(/(?:^| )--([a-z-]+)/g)) {
        options++;
        expect([line, Object.keys(optionsOf(name))]).toEqual([line, expect.arrayContaining([long])]);
      }
      for (const [, format = ''] of rest.matchAll(/-o ([a-z]+)/g)) {
        expect(choicesOf(name, 'output')).toContain(format);
      }
    }
    expect(options).toBeGreaterThan(8);
  });

  test.each(['plan', 'lint'])('name every format of %s in its row of the README, and no other', (name) => {
    const [, formats = ''] = new RegExp(`^\\| \`${name}\` \\|[^|]*: ([a-z, ]+)[;|]`, 'm').exec(README) ?? [];
    expect(formats.trim().split(', ')).toEqual(choicesOf(name, 'output'));
  });
});

const OPTIONS_WITH_CHOICES = NAMES.flatMap((name) =>
  Object.keys(optionsOf(name))
    .filter((option) => choicesOf(name, option).length > 0)
    .map((option) => [name, option] as const),
);

test.each(OPTIONS_WITH_CHOICES)('help of %s names every choice of --%s', async (name, option) => {
  const { out } = await headcount(['help', name]);
  // A long description goes on in the lines below.
  const [lines = ''] = new RegExp(`^ .*--${option}\\b.*(?:\n {10,}.*)*`, 'm').exec(out) ?? [];
  for (const choice of choicesOf(name, option)) expect(lines).toContain(`"${choice}"`);
});

/** Where something can be in a document: `a.b[].c`; also of what may be null or absent. */
function places(node: Loose, root: Loose = node, path = ''): string[] {
  const target = node.$ref === undefined ? node : root.definitions[node.$ref.split('/').at(-1)];
  const own = Object.entries<Loose>(target.properties ?? {}).flatMap(([key, value]) => {
    const below = path === '' ? key : `${path}.${key}`;
    return [below, ...places(value, root, below)];
  });
  const items = target.items === undefined ? [] : places(target.items, root, `${path}[]`);
  const either = [...(target.anyOf ?? []), ...(target.oneOf ?? [])];
  return [...own, ...items, ...either.flatMap((one: Loose) => places(one, root, path))];
}

function placesIn(value: Loose, path = ''): string[] {
  if (Array.isArray(value)) return value.flatMap((item) => placesIn(item, `${path}[]`));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, below]) => {
    const here = path === '' ? key : `${path}.${key}`;
    return [here, ...placesIn(below, here)];
  });
}

/** A head of 4 GPUs beside a worker of 8. */
function uneven(service: Loose): Loose {
  const { model, workerSpec } = service.spec.predictor;
  for (const part of ['requests', 'limits']) model.resources[part]['nvidia.com/gpu'] = '4';
  model.runtime = 'kserve-huggingfaceserver-multinode';
  Object.assign(workerSpec, { tensorParallelSize: 4, pipelineParallelSize: 3 });
  return service;
}

describe('the published schemas', () => {
  for (const { name, text } of MANIFESTS) file(`all/${name}`, text);
  const all = file('all/none.yaml', '').replace(/\/none\.yaml$/, '');
  const configs = MODELS.map(({ name, config }) => file(`${name}.config.json`, config));
  const off = file('off.json', {
    apiVersion: 'headcount.dev/v1alpha1',
    kind: 'HeadcountConfig',
    enforcement: 'off',
  });
  const before = file('before.json', { apiVersion: 'v1', kind: 'List', items: [] });

  const room = file(
    'room.yaml',
    `${read('demo/nodes.yaml')}---
apiVersion: v1
kind: ResourceQuota
metadata: { name: one-pod, namespace: team }
spec: { hard: { pods: '1' } }
`,
  );

  const smallHead = file('small-head.json', uneven(minimalService()));
  /** Pairs of a node for the head and one for the worker: with the head on the larger one, the worker has none. */
  const pairs = (count: number): string =>
    file(`${count}-pairs.json`, {
      apiVersion: 'v1',
      kind: 'NodeList',
      items: Array.from({ length: 2 * count }, (_, index) => ({
        metadata: { name: `node-${index}` },
        status: {
          allocatable: { cpu: '8', memory: '16Gi', pods: '9', 'nvidia.com/gpu': index % 2 === 0 ? '4' : '8' },
        },
      })),
    });

  /** Documents that have, among them, all that there is. audit needs a cluster: the end-to-end suite has it. */
  const DOCUMENTS: Readonly<Record<string, () => Promise<Loose[]>>> = {
    'plan.v1.json': async () => [
      // On standard error: which services are there twice.
      JSON.parse((await headcount(['plan', all, '-o', 'json'])).out),
      await json(['plan', SERVICE, '--before', SERVICE]),
      await json(['plan', SERVICE, '--before', before]),
      await json(['plan', before, '--before', SERVICE]),
      await json(['plan', SERVICE, room, '--fit']),
      await json(['plan', smallHead, pairs(1), '--fit']),
      await json(['plan', smallHead, pairs(2), '--fit']),
      JSON.parse((await headcount(['plan', 'nowhere.yaml', '-o', 'json'])).out),
      JSON.parse((await headcount(['plan', SERVICE, '--before', 'nowhere.yaml', '-o', 'json'])).out),
      await json(['plan', SERVICE, '--config', off]),
    ],
    'lint.v1.json': async () => [await json(['lint', all]), await json(['lint', SERVICE, '--config', off])],
    'suggest.v1.json': async () => {
      const node = ['--gpus-per-node=8', '--gpu-memory=80Gi', '-o', 'json'];
      // On standard error: that the workers are deleted.
      const on = ['--kserve-version=0.20', ...node];
      return Promise.all(
        configs.flatMap((config) =>
          [node, on].map(async (options) =>
            JSON.parse((await headcount(['suggest', '--model-config', config, ...options])).out),
          ),
        ),
      );
    },
  };

  test('are those of the commands that write JSON, audit apart', () => {
    expect(
      readdirSync(join(ROOT, 'schemas'))
        .filter((name) => name !== 'audit.v1.json')
        .toSorted(),
    ).toEqual(Object.keys(DOCUMENTS).toSorted());
    // What policy writes are Kubernetes' own objects.
    const withJson = NAMES.filter((name) => name !== 'policy' && choicesOf(name, 'output').includes('json'));
    expect(withJson.map((name) => `${name}.v1.json`).toSorted()).toEqual(
      readdirSync(join(ROOT, 'schemas')).toSorted(),
    );
  });

  test.each(Object.keys(DOCUMENTS))(
    '%s: every document is valid, and every property is met',
    async (name) => {
      const documents = (await DOCUMENTS[name]?.()) ?? [];
      documents.forEach(schema(name));
      const met = new Set(documents.flatMap((document) => placesIn(document)));
      const published = places(JSON.parse(readFileSync(join(ROOT, 'schemas', name), 'utf8')));
      expect(published.length).toBeGreaterThan(10);
      expect([...new Set(published)].filter((place) => !met.has(place))).toEqual([]);
    },
  );
});

test('models of the tests are named once', () => {
  expect(modelNamed('DeepSeek-V3').config.kv_lora_rank).toBe(512);
  expect(new Set(MODELS.map(({ name }) => name)).size).toBe(MODELS.length);
});
