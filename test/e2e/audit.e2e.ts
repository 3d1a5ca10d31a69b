/**
 * `headcount audit` as policy tools and Prometheus see it: its metrics, and its reports, checked by the real API server with the CRDs of OpenReports and
 * of the Kubernetes policy working group, and written into the cluster.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parseAllDocuments } from 'yaml';
import { BUILTIN_RUNTIME } from '../../src/cluster/builtin-runtime.ts';
import type { Loose } from '../rules/cases.ts';
import { promtool, reportCrds } from './cluster/binaries.ts';
import { crds } from './cluster/crds.ts';
import { TestCluster } from './cluster/cluster.ts';
import { file, schema } from '../support/cli.ts';
import { PROGRAM } from '../support/program.ts';
import { bind, claim, gpus, multiNode, service, version } from './world.ts';

const KINDS = {
  policyreport: { plural: 'reports', group: 'openreports.io', api: '/apis/openreports.io/v1alpha1' },
  'policyreport-wgpolicyk8s': {
    plural: 'policyreports',
    group: 'wgpolicyk8s.io',
    api: '/apis/wgpolicyk8s.io/v1alpha2',
  },
} as const;
type Format = keyof typeof KINDS;
const FORMATS = Object.keys(KINDS) as Format[];

let cluster: TestCluster;

beforeAll(async () => {
  cluster = await TestCluster.start(version());
  await cluster.must(['create', '-f', '-'], crds());
  const kinds = ['inferenceservices', 'servingruntimes', 'clusterservingruntimes'];
  for (const kind of kinds) await isServed(`${kind}.serving.kserve.io`);
  for (const name of ['kserve', 'team', 'other', 'empty']) await cluster.must(['create', 'namespace', name]);
  await cluster.must(['apply', '-f', '-'], JSON.stringify(BUILTIN_RUNTIME));
  await cluster.must(['create', '-f', '-'], JSON.stringify(claim('team', 'models', 'ReadWriteMany')));
  await bind(cluster, 'team', 'models');
  const services = [
    multiNode('fine'),
    multiNode('mixed', ({ spec }) => {
      spec.predictor.workerSpec.containers[0].resources = gpus(8, 'amd.com/gpu');
      spec.predictor.model.resources = gpus(8);
    }),
    multiNode('unclaimed', ({ metadata }) => (metadata.namespace = 'other')),
  ];
  for (const object of services) await create(object);
});
afterAll(() => cluster?.stop());

async function isServed(kind: string): Promise<void> {
  while ((await cluster.kubectl(['get', kind, '-A'])).code !== 0) await sleep(100);
}

async function create(object: Loose): Promise<void> {
  const { status, body } = await cluster.call('POST', service(object.metadata.namespace), object);
  if (status !== 201) throw new Error(`${object.metadata.name}: ${status} ${JSON.stringify(body)}`);
}

async function audit(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const kubeconfig = cluster.kubeconfig('admin');
  const child = spawn(process.execPath, [PROGRAM, 'audit', '--kubeconfig', kubeconfig, ...args]);
  const text = { out: '', err: '' };
  child.stdout.on('data', (chunk: Buffer) => (text.out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (text.err += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number];
  return { code, ...text };
}

async function report(format: Format, namespace: string, name = 'headcount'): Promise<Loose> {
  const { plural, api } = KINDS[format];
  const { status, body } = await cluster.call('GET', `${api}/namespaces/${namespace}/${plural}/${name}`);
  return status === 200 ? body : null;
}

test('a cluster without the CRDs: what is missing, in one line, and nothing is written', async () => {
  for (const format of FORMATS) {
    const { code, out, err } = await audit('--write', format);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toMatch(
      new RegExp(`^headcount audit: the cluster has no ${KINDS[format].plural} of .*: install the CRD.*\n$`),
    );
  }
});

test('the metrics are what Prometheus reads, and say what the audit found', async () => {
  const { code, out } = await audit('-o', 'metrics');
  expect(code).toBe(1);
  const checked = spawnSync(promtool(), ['check', 'metrics'], { input: out, encoding: 'utf8' });
  expect({ code: checked.status, output: checked.stderr }).toEqual({ code: 0, output: '' });
  const found = JSON.parse((await audit('-o', 'json')).out);
  const sum = (metric: RegExp): number =>
    [...out.matchAll(metric)].reduce((total, [, value]) => total + Number(value), 0);
  expect(sum(/^headcount_audit_services\{.*\} (\d+)$/gm)).toBe(found.summary.services);
  for (const severity of ['deny', 'warn', 'note']) {
    const counted = sum(new RegExp(`^headcount_audit_findings\\{.*severity="${severity}"\\} (\\d+)$`, 'gm'));
    expect([severity, counted]).toEqual([severity, found.summary[severity]]);
  }
});

test("what the configuration and the namespaces' labels say counts as in the webhook", async () => {
  const label = async (...labels: string[]): Promise<string> =>
    cluster.must(['label', '--overwrite', 'namespace', 'team', ...labels]);
  const config = file('audit.json', {
    apiVersion: 'headcount.dev/v1alpha1',
    kind: 'HeadcountConfig',
    enforcement: 'warn',
    namespaces: { labels: true },
  });
  const audited = async (): Promise<{ code: number; document: Loose; mixed: Loose }> => {
    const { code, out, err } = await audit('--config', config, '-o', 'json');
    expect(err).toBe('');
    const document = JSON.parse(out);
    schema('audit.v1.json')(document);
    return { code, document, mixed: document.services.find(({ name }: Loose) => name === 'mixed') };
  };
  const plain = await audited();
  expect(plain).toMatchObject({ code: 0, document: { summary: { deny: 0 } } });
  expect(plain.document.findings).toContainEqual(
    expect.objectContaining({ name: 'mixed', rule: 'gpu-type-mix', severity: 'warn' }),
  );
  await label('headcount.dev/enforce=deny');
  expect((await audited()).code).toBe(1);
  await label('headcount.dev/enforce=off');
  const off = await audited();
  expect(off.mixed.notJudged).toBe(
    'not judged here: the namespace team has the label headcount.dev/enforce: off',
  );
  expect(off.document.findings.filter(({ namespace }: Loose) => namespace === 'team')).toEqual([]);
  await label('headcount.dev/enforce-');
});

describe.each(FORMATS)('%s', (format) => {
  const { plural, group } = KINDS[format];
  const results = (document: Loose): string[] =>
    document.results.map(({ result, rule = '-', severity, resources: [{ name }] }: Loose) =>
      [result, severity, rule, name].join(' '),
    );

  beforeAll(async () => {
    const crd = reportCrds().find((path) => readFileSync(path, 'utf8').includes(`group: ${group}\n`));
    await cluster.must(['create', '-f', String(crd)]);
    await isServed(`${plural}.${group}`);
  });

  test('the documents are valid to the last field, and say what the audit found', async () => {
    const { code, out, err } = await audit('-o', format);
    expect({ code, err }).toEqual({ code: 1, err: '' });
    const strictly = ['apply', '--server-side', '--dry-run=server', '--validate=strict', '-o', 'json'];
    const stored = JSON.parse(await cluster.must([...strictly, '-f', '-'], out)).items as Loose[];
    const documents: Loose[] = parseAllDocuments(out).map((document) => document.toJS());
    // Nothing of them is pruned.
    for (const [index, { apiVersion, kind, summary, results: all }] of documents.entries())
      expect(stored[index]).toMatchObject({ apiVersion, kind, summary, results: all });
    expect(documents.map(({ metadata: { name, namespace } }) => `${namespace}/${name}`)).toEqual([
      'other/headcount',
      'team/headcount',
    ]);
    const [other, team] = documents;
    expect(results(other)).toContain('warn medium storage-claim unclaimed');
    expect(results(team)).toEqual(
      expect.arrayContaining(['fail high gpu-type-mix mixed', 'pass info - fine']),
    );
    expect(team.results[0]).toMatchObject({
      source: 'headcount',
      policy: 'multinode.headcount.dev',
      resources: [
        {
          apiVersion: 'serving.kserve.io/v1beta1',
          kind: 'InferenceService',
          namespace: 'team',
          uid: (await cluster.call('GET', service('team', 'mixed'))).body.metadata.uid,
        },
      ],
      message: expect.stringMatching(/^spec\.predictor\..*: .*amd\.com\/gpu/),
      properties: { field: expect.stringMatching(/^spec\.predictor\./), fix: expect.stringMatching(/./) },
    });
    const found = JSON.parse((await audit('-o', 'json')).out);
    const sum = (key: string): number => documents.reduce((total, { summary }) => total + summary[key], 0);
    expect({ deny: sum('fail'), warn: sum('warn'), note: sum('skip') }).toEqual({
      deny: found.summary.deny,
      warn: found.summary.warn,
      note: found.summary.note,
    });
    for (const { summary, results: all } of documents)
      expect(summary.pass + summary.fail + summary.warn + summary.skip).toBe(all.length);
  });

  test('a schema that is not met is refused: the API server does check', async () => {
    const { out } = await audit('-o', format, '-n', 'team');
    const wrong = out.replace(/result: .?fail.?$/m, 'result: failed');
    expect(wrong).not.toBe(out);
    const { code, err } = await cluster.kubectl(['apply', '--dry-run=server', '-f', '-'], { stdin: wrong });
    expect(code).toBe(1);
    expect(err).toContain('Unsupported value: "failed"');
  });

  test('written, written again, mended, removed', async () => {
    const foreign = { metadata: { name: 'kyverno', namespace: 'empty' } };
    const { out } = await audit('-o', format, '-n', 'team');
    const [one]: Loose[] = parseAllDocuments(out).map((document) => document.toJS());
    for (const [name, labels] of [
      ['kyverno', {}],
      ['headcount', one.metadata.labels],
    ] as const) {
      const stale = { ...one, metadata: { ...foreign.metadata, name, labels } };
      await cluster.must(['create', '-f', '-'], JSON.stringify(stale));
    }

    const first = await audit('--write', format);
    expect({ code: first.code, err: first.err }).toEqual({ code: 0, err: '2 reports written, 1 removed\n' });
    expect(first.out).toMatch(/^planned for .*\n3 services: \d+ denied, .*\n$/);
    expect(await report(format, 'empty')).toBe(null);
    expect(await report(format, 'empty', 'kyverno')).not.toBe(null);
    const written = await report(format, 'team');
    expect(written.results).toEqual(one.results);
    expect(written.metadata.managedFields[0]).toMatchObject({ manager: 'headcount', operation: 'Apply' });

    // The same findings: the object stays as it is.
    await audit('--write', format);
    expect((await report(format, 'team')).metadata.resourceVersion).toBe(written.metadata.resourceVersion);

    await cluster.call('DELETE', service('team', 'mixed'));
    expect((await audit('--write', format, '-n', 'team')).err).toBe('1 report written, 0 removed\n');
    expect((await report(format, 'team')).summary.fail).toBe(0);
    await cluster.call('DELETE', service('other', 'unclaimed'));
    expect((await audit('--write', format)).err).toBe('1 report written, 1 removed\n');
    expect(await report(format, 'other')).toBe(null);

    await create(
      multiNode('mixed', ({ spec }) => {
        spec.predictor.workerSpec.containers[0].resources = gpus(8, 'amd.com/gpu');
        spec.predictor.model.resources = gpus(8);
      }),
    );
    await create(multiNode('unclaimed', ({ metadata }) => (metadata.namespace = 'other')));
    const ours = ['--all-namespaces', '--selector', 'app.kubernetes.io/managed-by=headcount'];
    await cluster.must(['delete', `${plural}.${group}`, ...ours]);
    expect(await report(format, 'team')).toBe(null);
    expect(await report(format, 'empty', 'kyverno')).not.toBe(null);
  });
});
