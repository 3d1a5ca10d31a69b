/** What the commands say where a cluster would not judge, warn instead of deny, or write less. */
import { describe, expect, test } from '@jest/globals';
import { assess } from '../../../src/admission/assess-as-enforced.ts';
import { REPORT_KINDS } from '../../../src/cli/audit/report-kinds.ts';
import { reportsOf } from '../../../src/cli/audit/reports.ts';
import { minimalRuntime, type Loose } from '../../rules/cases.ts';
import { file, headcount, json, schema } from '../../support/cli.ts';
import { clusterOf, configOf } from '../../support/helpers.ts';
import { deniedCaseTwo as service } from '../../support/denied-service.ts';

let files = 0;
const input = (labels: object = {}): string =>
  file(`input-${++files}.json`, {
    apiVersion: 'v1',
    kind: 'List',
    items: [
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'team', labels } },
      minimalRuntime(),
      service(),
    ],
  });
const settings = (given: object): string =>
  file(`config-${++files}.json`, {
    apiVersion: 'headcount.dev/v1alpha1',
    kind: 'HeadcountConfig',
    ...given,
  });

const NOT_JUDGED: readonly (readonly [string, string, string])[] = [
  [
    'not judged here: the configuration says enforcement: off',
    settings({ enforcement: 'off' }),
    input({ 'headcount.dev/enforce': 'deny' }),
  ],
  [
    'not judged here: the configuration exempts the namespace team',
    settings({ namespaces: { exempt: ['team'] } }),
    input(),
  ],
  [
    'not judged here: the namespace team has the label headcount.dev/enforce: off',
    settings({ namespaces: { labels: true } }),
    input({ 'headcount.dev/enforce': 'off' }),
  ],
];

describe.each(NOT_JUDGED)('%s', (why, config, manifest) => {
  const withConfig = ['--config', config, manifest];

  test.each(['text', 'mermaid', 'svg'])('plan -o %s shows the service as it is written', async (format) => {
    const { code, out } = await headcount(['plan', '-o', format, ...withConfig]);
    expect(code).toBe(0);
    expect(out).toContain(why);
    expect(out).toContain('TP 16 x PP 1');
    expect(out).not.toContain('head-replicas');
  });

  test('as data', async () => {
    const document = await json(['plan', ...withConfig]);
    schema('plan.v1.json')(document);
    expect(document.services).toMatchObject([
      { notJudged: why, tensorParallelSize: 16, pipelineParallelSize: 1, normalized: null, findings: [] },
    ]);
  });

  test('plan --before compares with it as it is written', async () => {
    const { out } = await headcount(['plan', '--before', manifest, ...withConfig]);
    expect(out).toContain('unchanged');
  });

  test('lint has no finding, says so, and skips every test of JUnit', async () => {
    const { code, out } = await headcount(['lint', ...withConfig]);
    expect(code).toBe(0);
    expect(out).toMatch(/ 0 denied, 0 warnings, 0 notes, [12] not judged\n$/);
    expect(out).toContain(why);
    const document = await json(['lint', ...withConfig]);
    schema('lint.v1.json')(document);
    expect(document).toMatchObject({ findings: [], summary: { notJudged: expect.any(Number) } });
    const { out: xml } = await headcount(['lint', '-o', 'junit', ...withConfig]);
    const ofService = xml.split('\n').filter((line) => line.includes('InferenceService team/llm'));
    expect(ofService.length).toBeGreaterThan(10);
    expect(xml.split(`<skipped>${why}</skipped>`).length - 1).toBeGreaterThanOrEqual(ofService.length);
  });

  test('render writes nothing into it, and says why', async () => {
    const { code, out, err } = await headcount(['render', ...withConfig]);
    expect(code).toBe(0);
    expect(err).toContain(`team/llm: ${why}\n`);
    expect(JSON.parse(out).items).toContainEqual(service());
  });
});

test('enforcement: warn lowers denials, also for the exit code', async () => {
  const config = settings({ enforcement: 'warn' });
  const { code, out } = await headcount(['lint', '--config', config, input()]);
  expect(out).toMatch(/ warn head-replicas /);
  expect(code).toBe(0);
  expect((await headcount(['lint', '--strict', '--config', config, input()])).code).toBe(1);
  const labelled = settings({ enforcement: 'warn', namespaces: { labels: true } });
  expect((await headcount(['lint', '--config', labelled, input()])).code).toBe(0);
  expect(
    (await headcount(['lint', '--config', labelled, input({ 'headcount.dev/enforce': 'deny' })])).code,
  ).toBe(1);
});

test("a namespace's mutation mode: sizes that headcount would not rewrite are planned as they are", async () => {
  const manifest = input({ 'headcount.dev/mutation': 'off' });
  const [ignored] = (await json(['plan', '--config', settings({}), manifest])).services;
  expect(ignored).toMatchObject({ tensorParallelSize: 8, pipelineParallelSize: 2 });
  const config = settings({ namespaces: { labels: true } });
  const [honoured] = (await json(['plan', '--config', config, manifest])).services;
  expect(honoured).toMatchObject({ tensorParallelSize: 16, pipelineParallelSize: 1, normalized: null });
  expect(honoured.notJudged).toBeUndefined();
});

test('runtimes are judged as enforced in their namespace; those of the cluster by the configuration', async () => {
  const runtime = { ...minimalRuntime(), kind: 'ServingRuntime' };
  runtime.spec.workerSpec.containers = [];
  const own = { ...runtime, metadata: { ...runtime.metadata, namespace: 'team' } };
  const { namespace: _namespace, ...metadata } = runtime.metadata;
  const shared = { ...runtime, kind: 'ClusterServingRuntime', metadata };
  const config = settings({ namespaces: { exempt: ['team'] } });
  const findings = async (object: object): Promise<Loose> =>
    (await json(['lint', '--config', config, file('runtime.json', object)])).findings;
  expect(await findings(own)).toEqual([]);
  expect(await findings(shared)).toContainEqual(
    expect.objectContaining({ rule: 'worker-container', severity: 'deny' }),
  );
});

test('a report of an audit skips what is not judged', async () => {
  const config = configOf({ enforcement: 'off' });
  const assessment = await assess(service(), clusterOf([minimalRuntime()]), config, 'validate');
  const [report] = reportsOf([assessment], REPORT_KINDS.policyreport);
  expect(report).toMatchObject({
    summary: { pass: 0, fail: 0, warn: 0, skip: 1, error: 0 },
    results: [{ result: 'skip', message: 'not judged here: the configuration says enforcement: off' }],
  });
});
