/** Reports of an audit; a real API server checks them and stores them in test/e2e/audit.e2e.ts. */
import { describe, expect, test } from '@jest/globals';
import { assess } from '../../../src/admission/assess-as-enforced.ts';
import { REPORT_KINDS } from '../../../src/cli/audit/report-kinds.ts';
import { reportsOf } from '../../../src/cli/audit/reports.ts';
import { writeReports, type Report } from '../../../src/cluster/reports.ts';
import { ApiError } from '../../../src/cluster/answer.ts';
import type { Api } from '../../../src/cluster/api.ts';
import { clusterOf, configOf } from '../../support/helpers.ts';
import { minimalRuntime, minimalService, type Loose } from '../../rules/cases.ts';

const KIND = REPORT_KINDS.policyreport;
const RUNTIME = { ...minimalRuntime(), kind: 'ClusterServingRuntime', metadata: { name: 'rt' } };

async function reportsFor(services: readonly Loose[]): Promise<readonly Loose[]> {
  const config = configOf({ rules: { 'vllm-args': 'off' } });
  const assessments = services.map((service) => assess(service, clusterOf([RUNTIME]), config, 'validate'));
  return reportsOf(await Promise.all(assessments), KIND);
}

function named(name: string, namespace: string, change: (service: Loose) => void = () => {}): Loose {
  const object = minimalService();
  Object.assign(object.metadata, { name, namespace });
  change(object);
  return object;
}

const denied = ({ spec }: Loose): void => {
  spec.predictor.minReplicas = 2;
};

test('one for each namespace, the gravest first, each service with its own result', async () => {
  const [first, second, ...more] = await reportsFor([
    named('a', 'one'),
    named('b', 'two', denied),
    named('c', 'one', denied),
  ]);
  expect(more).toEqual([]);
  const shown = ({ results }: Loose): string[] =>
    results.map(({ result, rule, resources: [{ name }] }: Loose) => `${result} ${rule} ${name}`);
  expect(shown(first)).toEqual(['fail head-replicas c', 'pass undefined a']);
  expect(shown(second)).toEqual(['fail head-replicas b']);
  expect(first.summary).toEqual({ pass: 1, fail: 1, warn: 0, skip: 0, error: 0 });
  expect(first.results[1]).toMatchObject({
    message: expect.stringMatching(/^TP \d+ x PP \d+ = \d+ GPUs on \d+ pods \(ray, runtime /),
    properties: { pods: expect.stringMatching(/^\d+$/), gpus: expect.stringMatching(/^\d+$/) },
  });
});

test('the same findings make the same report: no time, no order of chance', async () => {
  const services = [named('a', 'one'), named('c', 'one', denied)];
  expect(await reportsFor(services)).toEqual(await reportsFor(services));
  expect(JSON.stringify(await reportsFor(services))).not.toMatch(/timestamp|\d{4}-\d{2}-\d{2}/);
});

test('more than an object holds: the summary counts all, the gravest stay, and the rest is counted', async () => {
  const many = Array.from({ length: 1_500 }, (_, index) => named(`fine-${index}`, 'one'));
  const [report] = await reportsFor([...many, named('last', 'one', denied)]);
  expect(report.summary).toMatchObject({ pass: 1_500, fail: 1 });
  const { length } = report.results;
  expect(length).toBeLessThan(1_501);
  expect(report.results[0].resources[0].name).toBe('last');
  expect(report.metadata.annotations).toEqual({ 'headcount.dev/results-left-out': String(1_501 - length) });
  expect(JSON.stringify(report).length).toBeLessThan(1024 ** 2);
});

test('text of a tenant: on one line, bounded', async () => {
  const [{ results }] = await reportsFor([
    named('a', 'one', ({ spec }) => {
      spec.predictor.model.storageUri = `hf://${'\u202e\n'.repeat(5_000)}`;
    }),
  ]);
  const { message } = results.find(({ rule }: Loose) => rule === 'storage-uri');
  expect(message).not.toMatch(/[\n\u202e]/u);
  expect(Buffer.byteLength(message)).toBeLessThanOrEqual(1024);
});

describe('written', () => {
  const report = (namespace: string): Report => ({
    ...KIND,
    metadata: { name: 'headcount', namespace },
  });
  const stored = (namespace: string, labels: object): object => ({ metadata: { namespace, labels } });
  const OURS = { 'app.kubernetes.io/managed-by': 'headcount' };

  /** An API server that answers some paths with an error. */
  function api(
    there: readonly object[],
    errors: Readonly<Record<string, number>>,
  ): { api: Api; asked: string[] } {
    const asked: string[] = [];
    const answer = async (verb: string, path: string): Promise<unknown> => {
      const [, namespace = ''] = /namespaces\/([^/]+)/.exec(path) ?? [];
      asked.push(`${verb} ${namespace}`);
      const status = errors[namespace];
      if (status !== undefined) throw new ApiError(status, 'no');
      return {};
    };
    const fake = {
      apply: (path: string) => answer('apply', path),
      delete: (path: string) => answer('delete', path),
      async *pages() {
        yield { items: there, version: '1' };
      },
    };
    return { api: fake as unknown as Api, asked };
  }

  test('one that fails does not stop the others, and a namespace that is gone is no failure', async () => {
    const { api: server, asked } = api([stored('old', OURS), stored('gone-too', OURS)], {
      denied: 403,
      gone: 404,
      'gone-too': 404,
    });
    const reports = ['denied', 'gone', 'fine'].map(report);
    expect(await writeReports(server, KIND, reports, null)).toEqual({
      written: 1,
      removed: 1,
      failures: ['namespace denied: no'],
    });
    expect(asked).toEqual(['apply denied', 'apply gone', 'apply fine', 'delete old', 'delete gone-too']);
  });

  test('a report of that name which is not ours stays', async () => {
    const { api: server, asked } = api(
      [stored('theirs', {}), stored('nobodys', { ...OURS, [Object.keys(OURS)[0] ?? '']: 'helm' })],
      {},
    );
    expect(await writeReports(server, KIND, [], null)).toMatchObject({ removed: 0 });
    expect(asked).toEqual([]);
  });
});
