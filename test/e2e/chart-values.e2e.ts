/**
 * Every value of the chart, set once and looked at in the objects that the real API server would store, and whole sets
 * of values, rendered twice and validated strictly. `npm run test:e2e -- chart-values -t '<value>'` is about one value.
 * What the settings then do is in chart.e2e.ts; a disruption budget, a spread or a network policy does nothing
 * without controllers and nodes.
 */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { values as listed } from '../../packaging/chart.ts';
import type { Loose } from '../rules/cases.ts';
import { blocksOf, pages } from '../docs/pages.ts';
import { refusedByRestrictedV2 } from './chart-values/openshift.ts';
import type { Find, Rows } from './chart-values/look.ts';
import { PODS } from './chart-values/pods.ts';
import { RELEASE } from './chart-values/release.ts';
import { SETS } from './chart-values/sets.ts';
import { SURROUNDINGS } from './chart-values/surroundings.ts';
import { WEBHOOKS } from './chart-values/webhooks.ts';
import { crds } from './cluster/crds.ts';
import { TestCluster } from './cluster/cluster.ts';
import { NAMESPACE, onChart, rendered, runHelm } from './cluster/release.ts';
import { version } from './world.ts';

let cluster: TestCluster;
/** What was seen, as it goes along. */
const observed: string[] = [];

beforeAll(async () => {
  cluster = await TestCluster.start(version());
  await cluster.must(['create', '-f', '-'], crds());
  await cluster.must(['apply', '-f', join(import.meta.dirname, 'cluster/optional-crds.yaml')]);
  for (const name of ['kserve', 'models', 'redhat-ods-applications', NAMESPACE])
    await cluster.must(['create', 'namespace', name]);
  const kinds = [
    'servingruntimes.serving.kserve.io',
    'certificates.cert-manager.io',
    'issuers.cert-manager.io',
  ];
  kinds.push('servicemonitors.monitoring.coreos.com', 'prometheusrules.monitoring.coreos.com');
  for (const kind of kinds) while ((await cluster.kubectl(['get', kind, '-A'])).code !== 0) await sleep(100);
});
afterAll(async () => {
  console.info(`observed on Kubernetes ${version()}\n${observed.join('\n')}`);
  await cluster?.stop();
});

/** @returns what the API server would store of each rendered object, every field checked */
async function stored(text: string): Promise<readonly Loose[]> {
  const args = ['apply', '--dry-run=server', '--validate=strict', '-o', 'json', '-f', '-'];
  return JSON.parse(await cluster.must(args, text)).items;
}

const ROWS: Rows = { ...RELEASE, ...WEBHOOKS, ...PODS, ...SURROUNDINGS };

describe('sets of values: linted, rendered the same twice, valid to the last field', () => {
  test.each(Object.entries(SETS))('%s', async (name, values) => {
    const first = await rendered(cluster, values);
    expect((await rendered(cluster, values)).text).toBe(first.text);
    const { code, out } = await runHelm(cluster, [
      'lint',
      '--strict',
      'charts/headcount',
      '--namespace',
      NAMESPACE,
      ...Object.entries(values).flatMap(([key, value]) => ['--set-json', `${key}=${JSON.stringify(value)}`]),
    ]);
    expect({ code, out }).toMatchObject({ code: 0 });
    const objects = await stored(first.text);
    expect(objects).toHaveLength(first.documents.length);
    observed.push(`set ${name}: ${objects.length} objects`);
  });
});

describe('the values that the pages show', () => {
  const blocks = pages()
    .flatMap(blocksOf)
    .filter(({ language, kind }) => language === 'yaml' && kind === 'values');
  test.each(blocks.map((block) => [`${block.page}:${block.line}`, block] as const))(
    '%s: valid to the last field',
    async (where, { text }) => {
      const { text: manifests, documents } = await rendered(cluster, parse(text));
      expect(await stored(manifests)).toHaveLength(documents.length);
      observed.push(`page ${where}`);
    },
  );

  test('those for OpenShift make pods for restricted-v2, and the default values do not', async () => {
    const block = blocks.find(({ page, text }) => page === 'docs/platforms.md' && text.includes('runAsUser'));
    const podsOf = async (values: object): Promise<readonly Loose[]> => {
      const { documents } = await rendered(cluster, values);
      const specs = documents.map(({ kind, spec }) => (kind === 'Pod' ? spec : spec?.template?.spec));
      return specs.filter((spec) => spec !== undefined);
    };
    const pods = await podsOf(parse(block?.text ?? ''));
    // Those of the Deployment and of helm test.
    expect(pods).toHaveLength(2);
    expect(pods.flatMap(refusedByRestrictedV2)).toEqual([]);
    const [standard] = await podsOf({});
    expect(refusedByRestrictedV2(standard)).toEqual(['runAsUser 65532', 'fsGroup 65532']);
  });
});

describe('every value does what it says', () => {
  test('there is a row for each', () => {
    expect(Object.keys(ROWS).toSorted()).toEqual(
      listed()
        .map(({ path }) => path.join('.'))
        .toSorted(),
    );
  });

  test.each(Object.entries(ROWS))('%s', async (name, [set, see, as, also = {}]) => {
    const find = await finder(withValue(also, name.split('.'), set));
    expect(see(find)).toEqual(as);
    // A row that holds without the value would tell nothing.
    const without = await finder(also);
    expect(seen(() => see(without))).not.toEqual(as);
    observed.push(name);
  });
});

const finders = new Map<string, Find>();

/** @returns what finds the stored objects of these values */
async function finder(values: object): Promise<Find> {
  const key = JSON.stringify(values);
  const known = finders.get(key);
  if (known !== undefined) return known;
  const objects = await stored((await rendered(cluster, values)).text);
  const find: Find = (kind, suffix = '') =>
    objects.find(
      ({ kind: its, metadata: { name } }) =>
        its === kind && !name.endsWith('-check') && name.endsWith(suffix),
    );
  finders.set(key, find);
  return find;
}

/** Without the value there may be no such object. */
function seen(look: () => unknown): unknown {
  try {
    return look();
  } catch (error) {
    return error;
  }
}

function withValue(object: Loose, [step = '', ...rest]: readonly string[], value: unknown): Loose {
  return { ...object, [step]: rest.length === 0 ? value : withValue(object[step] ?? {}, rest, value) };
}

test.each<[string, object, string]>([
  ['a wrong type', { replicaCount: 'two' }, "at '/replicaCount': got string, want integer"],
  ['an unknown key', { replicas: 2 }, "additional properties 'replicas' not allowed"],
  [
    'an unknown key of the configuration',
    { config: { mutation: { mod: 'off' } } },
    "at '/config/mutation': additional properties 'mod' not allowed",
  ],
  [
    'a mode that is none',
    { certificates: { mode: 'self' } },
    "at '/certificates/mode': value must be one of 'selfManaged', 'certManager', 'existingSecret'",
  ],
  [
    'actions that exclude each other',
    { policy: { validationActions: ['Deny', 'Warn'] } },
    "at '/policy/validationActions': 'not' failed",
  ],
  ['a mode without its Secret', { certificates: { mode: 'existingSecret' } }, 'certificates.existingSecret.'],
])('refused: %s', async (_what, values, message) => {
  await expect(onChart(cluster, ['template'], values)).rejects.toThrow(message);
});
