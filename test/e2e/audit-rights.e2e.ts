/**
 * The CronJob of `audit.enabled`, by its rights: its container runs with a token of its service account, in a cluster where
 * each thing that it may read matters for what it reports. Every right that is taken away changes what comes out.
 */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { BUILTIN_RUNTIME } from '../../src/cluster/builtin-runtime.ts';
import type { Loose } from '../rules/cases.ts';
import { reportCrds } from './cluster/binaries.ts';
import { crds } from './cluster/crds.ts';
import { TestCluster } from './cluster/cluster.ts';
import { NAMESPACE, onChart, runContainer } from './cluster/release.ts';
import { bind, claim, multiNode, version } from './world.ts';

const ROLES = '/apis/rbac.authorization.k8s.io/v1';
const REPORTS = '/apis/openreports.io/v1alpha1';
const NAME = 'headcount-audit';
const ACCOUNT = `system:serviceaccount:${NAMESPACE}:${NAME}`;
/** More than headcount holds of a namespace: the last are read when a service names one. */
const LARGE = { count: 40, characters: 60_000 };

let cluster: TestCluster;

beforeAll(async () => {
  cluster = await TestCluster.start(version());
  await cluster.must(['create', '-f', '-'], crds());
  for (const path of reportCrds()) await cluster.must(['create', '-f', path]);
  for (const kind of [
    'inferenceservices.serving.kserve.io',
    'servingruntimes.serving.kserve.io',
    'clusterservingruntimes.serving.kserve.io',
    'reports.openreports.io',
    'policyreports.wgpolicyk8s.io',
  ])
    while ((await cluster.kubectl(['get', kind, '-A'])).code !== 0) await sleep(100);
  for (const name of ['kserve', 'team', 'empty', NAMESPACE])
    await cluster.must(['create', 'namespace', name]);
  const objects = [
    BUILTIN_RUNTIME,
    ...Array.from({ length: LARGE.count }, (_, index) => largeRuntime(index)),
    claim('team', 'models', 'ReadWriteMany'),
    KSERVE_CONFIG,
    KSERVE_CONTROLLER,
    multiNode('fine'),
    multiNode('of-a-large-runtime', ({ spec }) => (spec.predictor.model.runtime = 'large-9')),
  ];
  for (const object of objects) await cluster.must(['create', '-f', '-'], JSON.stringify(object));
  await bind(cluster, 'team', 'models');
  await onChart(cluster, ['install'], { audit: { enabled: true } });
});
afterAll(() => cluster?.stop());

const KSERVE_CONFIG = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'inferenceservice-config', namespace: 'kserve' },
  data: {},
};
const KSERVE_CONTROLLER = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'kserve-controller-manager', namespace: 'kserve' },
  spec: {
    selector: { matchLabels: { app: 'kserve' } },
    template: {
      metadata: { labels: { app: 'kserve' } },
      spec: { containers: [{ name: 'manager', image: 'kserve/kserve-controller:v0.17.0' }] },
    },
  },
};

function largeRuntime(index: number): Loose {
  const object: Loose = structuredClone(BUILTIN_RUNTIME);
  object.kind = 'ServingRuntime';
  object.metadata = { name: `large-${index}`, namespace: 'team' };
  object.spec.containers[0].args = ['x'.repeat(LARGE.characters)];
  return object;
}

async function must(method: string, path: string, body?: unknown): Promise<Loose> {
  const answer = await cluster.call(method, path, body);
  if (answer.status >= 300) throw new Error(`${method} ${path}: ${JSON.stringify(answer.body)}`);
  return answer.body;
}

/** Runs the CronJob's container where one report is stale, and none is of today. @returns all that came of it */
async function outcome(): Promise<{ code: number | null; lines: string[]; reports: Loose[] }> {
  await cluster.must(['delete', 'reports.openreports.io', '--all', '-A']);
  await must('POST', `${REPORTS}/namespaces/empty/reports`, {
    apiVersion: 'openreports.io/v1alpha1',
    kind: 'Report',
    metadata: {
      name: 'headcount',
      namespace: 'empty',
      labels: { 'app.kubernetes.io/managed-by': 'headcount' },
    },
  });
  const job = await must('GET', `/apis/batch/v1/namespaces/${NAMESPACE}/cronjobs/${NAME}`);
  const config = await must('GET', `/api/v1/namespaces/${NAMESPACE}/configmaps/headcount`);
  const container = await runContainer(cluster, job.spec.jobTemplate.spec.template.spec, {
    '/etc/headcount/config/config.yaml': config.data['config.yaml'],
  });
  const code = await container.done;
  const { items } = await must('GET', `${REPORTS}/reports`);
  return {
    code,
    lines: container.output().trimEnd().split('\n').toSorted(),
    reports: items.map(({ metadata: { namespace }, summary, results }: Loose) => ({
      namespace,
      summary,
      results,
    })),
  };
}

interface Right {
  readonly path: string;
  readonly namespace: string;
  readonly role: Loose;
  readonly rule: Loose;
  readonly resource: string;
  readonly verb: string;
}

async function rights(): Promise<readonly Right[]> {
  const roles = [
    { path: `${ROLES}/clusterroles/${NAME}`, namespace: 'team' },
    { path: `${ROLES}/namespaces/kserve/roles/${NAME}`, namespace: 'kserve' },
  ];
  const all = roles.map(async ({ path, namespace }) => {
    const role = await must('GET', path);
    return role.rules.flatMap((rule: Loose) =>
      rule.resources.flatMap((resource: string) =>
        rule.verbs.map((verb: string) => ({ path, namespace, role, rule, resource, verb })),
      ),
    );
  });
  return (await Promise.all(all)).flat();
}

/** A role's rules without one verb on one resource. */
function without({ role, rule, resource, verb }: Right): Loose {
  const rules = role.rules.flatMap((one: Loose) =>
    one === rule
      ? one.resources.map((name: string) => ({
          ...one,
          resources: [name],
          verbs: one.verbs.filter((its: string) => name !== resource || its !== verb),
        }))
      : [one],
  );
  const left = rules.filter(({ verbs }: Loose) => verbs.length > 0);
  return { ...role, metadata: { name: NAME, namespace: role.metadata.namespace }, rules: left };
}

async function mayDo(verb: string, group: string, resource: string, namespace: string, name = '') {
  const { status } = await must('POST', '/apis/authorization.k8s.io/v1/subjectaccessreviews', {
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SubjectAccessReview',
    spec: { user: ACCOUNT, resourceAttributes: { verb, group, resource, namespace, name } },
  });
  return status.allowed as boolean;
}

/** The API server learns of a changed role within moments. */
async function put({ path, namespace, rule, resource, verb }: Right, role: Loose, allowed: boolean) {
  await must('PUT', path, role);
  const [group, name] = [rule.apiGroups[0], rule.resourceNames?.[0]];
  while ((await mayDo(verb, group, resource, namespace, name)) !== allowed) await sleep(20);
}

test('its rights are enough, each is needed, and there are no others', async () => {
  const whole = await outcome();
  expect(whole.code).toBe(0);
  expect(whole.lines).toEqual([
    '1 report written, 1 removed',
    expect.stringMatching(/^2 services: 0 denied, /),
    'planned for KServe 0.17, as the cluster has it',
  ]);
  expect(whole.reports).toEqual([
    { namespace: 'team', summary: expect.objectContaining({ pass: 2, fail: 0 }), results: expect.anything() },
  ]);

  const all = await rights();
  const seen: string[] = [];
  for (const right of all) {
    const what = `${right.verb} ${right.resource}`;
    await put(right, without(right), false);
    const { code, lines, reports } = await outcome();
    expect([what, { code, lines, reports }]).not.toEqual([what, whole]);
    await put(
      right,
      { ...right.role, metadata: { name: NAME, namespace: right.role.metadata.namespace } },
      true,
    );
    seen.push(`${what}: ${code} ${lines.find((line) => !whole.lines.includes(line)) ?? 'another report'}`);
  }
  expect(await outcome()).toEqual(whole);
  expect(all.length).toBe(12);
  console.info(`without one right the audit of a cluster ends otherwise\n${seen.join('\n')}`);

  const refused = await Promise.all([
    mayDo('patch', 'openreports.io', 'reports', 'team', 'kyverno'),
    mayDo('list', 'openreports.io', 'reports', ''),
    mayDo('update', 'openreports.io', 'reports', 'team', 'headcount'),
    mayDo('deletecollection', 'openreports.io', 'reports', 'team', 'headcount'),
    mayDo('watch', 'serving.kserve.io', 'inferenceservices', ''),
    mayDo('patch', 'serving.kserve.io', 'inferenceservices', 'team', 'fine'),
    mayDo('get', '', 'secrets', NAMESPACE, 'headcount-certificates'),
    mayDo('list', '', 'configmaps', 'kserve'),
  ]);
  expect(refused).not.toContain(true);
});

test('PolicyReports of the policy working group: the same with the value that says so', async () => {
  await onChart(cluster, ['upgrade', '--force-conflicts'], {
    audit: { enabled: true, reports: 'policyreport-wgpolicyk8s' },
  });
  const job = await must('GET', `/apis/batch/v1/namespaces/${NAMESPACE}/cronjobs/${NAME}`);
  while (await mayDo('patch', 'openreports.io', 'reports', 'team', 'headcount')) await sleep(20);
  const container = await runContainer(cluster, job.spec.jobTemplate.spec.template.spec, {
    '/etc/headcount/config/config.yaml': 'apiVersion: headcount.dev/v1alpha1\nkind: HeadcountConfig\n',
  });
  expect([await container.done, container.output()]).toEqual([
    0,
    expect.stringContaining('1 report written, 0 removed\n'),
  ]);
  const { items } = await must('GET', '/apis/wgpolicyk8s.io/v1alpha2/policyreports');
  expect(items.map(({ metadata: { namespace } }: Loose) => namespace)).toEqual(['team']);
});
