/**
 * The API server's quota admission judges the forecast, pod by pod: quotas of all scopes over the pods of a plan.
 * HEADCOUNT_E2E_FULL=1 tries 400 random cases; HEADCOUNT_SEED=S HEADCOUNT_RUNS=1 repeats the one of seed S.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readAmounts, shown } from '../../src/fit/amounts.ts';
import type { Request } from '../../src/fit/forecast.ts';
import type { QuotaEnd } from '../../src/fit/quota.ts';
import { quotaCase, type QuotaCase } from '../fit/quota-cases.ts';
import { fitOf, stockOf } from '../fit/placing.ts';
import type { Loose } from '../rules/cases.ts';
import { TestCluster } from './cluster/cluster.ts';
import { version } from './world.ts';

const FULL = process.env['HEADCOUNT_E2E_FULL'] === '1';
const RUNS = Number(process.env['HEADCOUNT_RUNS'] ?? (FULL ? 400 : 60));
const SEED = Number(process.env['HEADCOUNT_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
const PATIENCE = 20_000;
const MERGE = 'application/merge-patch+json';

let cluster: TestCluster;
beforeAll(async () => {
  cluster = await TestCluster.start(version());
  await made('POST', '/api/v1/namespaces', { metadata: { name: WATCHED } });
  await made('POST', quotasIn(WATCHED), { metadata: { name: 'seen' }, spec: { hard: { pods: '0' } } });
  for (const [index, name] of ['high', 'low'].entries()) {
    await made('POST', '/apis/scheduling.k8s.io/v1/priorityclasses', { metadata: { name }, value: index });
  }
});
afterAll(() => cluster?.stop());

/** @throws when the API server refuses it */
async function made(method: string, path: string, body?: unknown, type?: string): Promise<Loose> {
  const answer = await cluster.call(method, path, body, type === undefined ? {} : { type });
  if (answer.status >= 300) throw new Error(`${method} ${path}: ${JSON.stringify(answer.body)}`);
  return answer.body;
}

const quotasIn = (namespace: string): string => `/api/v1/namespaces/${namespace}/resourcequotas`;

/** @returns the API server's refusal, '' for none */
async function answerTo(namespace: string, pod: Loose): Promise<string> {
  const { status, body } = await cluster.call('POST', `/api/v1/namespaces/${namespace}/pods`, pod);
  if (status === 201) return '';
  if (!body.message.includes('quota')) throw new Error(body.message);
  return body.message;
}

/** Its quota comes after all others: once admission knows it, it knows those. */
const WATCHED = 'watched';

async function quotasAreKnown(number: number): Promise<void> {
  const status = { hard: { pods: String(number) }, used: { pods: String(number) } };
  await made('PATCH', `${quotasIn(WATCHED)}/seen/status`, { status }, MERGE);
  const probe = { metadata: { name: 'probe' }, spec: { containers: [{ name: 'main', image: 'x' }] } };
  for (const end = Date.now() + PATIENCE; Date.now() < end; await sleep(10)) {
    if ((await answerTo(WATCHED, probe)).includes(`limited: pods=${number}`)) return;
  }
  throw new Error('waited in vain until the quotas are known');
}

async function makeQuotas(namespace: string, quotas: QuotaCase['quotas'], number: number): Promise<Loose[]> {
  await made('POST', '/api/v1/namespaces', { metadata: { name: namespace } });
  for (const { name, used, ...spec } of quotas) {
    await made('POST', quotasIn(namespace), { metadata: { name }, spec });
    // No controller counts here.
    const status = { hard: spec.hard, used };
    await made('PATCH', `${quotasIn(namespace)}/${name}/status`, { status }, MERGE);
  }
  await quotasAreKnown(number);
  const { items } = await made('GET', quotasIn(namespace));
  return items.map((item: Loose) => ({ apiVersion: 'v1', kind: 'ResourceQuota', ...item }));
}

const resources: Loose = {
  requests: { 'nvidia.com/gpu': '8', cpu: '4', memory: '30Gi' },
  limits: { 'nvidia.com/gpu': '8', cpu: '8' },
};
const SPEC = { containers: [{ name: 'main', image: 'x', resources }] };
const TEMPLATES: QuotaCase['templates'] = [
  { role: 'head', replicas: 1, spec: SPEC },
  { role: 'worker', replicas: 3, spec: SPEC },
];

/** With room for whatever the quotas admit. */
const node: Loose = {
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name: 'big' },
  status: {
    allocatable: {
      'nvidia.com/gpu': '640',
      cpu: '5120',
      memory: '40Ti',
      'ephemeral-storage': '40Ti',
      'hugepages-2Mi': '1Ti',
      pods: '110',
    },
  },
};

/** @returns whether pods were refused */
async function judge({ quotas, templates }: QuotaCase, number: number): Promise<boolean> {
  const namespace = `team-${number}`;
  const stored = await makeQuotas(namespace, quotas, number + 1);
  const request: Request = {
    namespace,
    name: 'llm',
    templates,
    before: null,
    strategy: {
      type: 'Recreate',
      recreate: true,
      rollingUpdate: null,
      ofWorker: false,
      maxSurge: null,
      maxUnavailable: null,
    },
    queue: null,
  };
  const { now } = fitOf(request, stockOf(node, ...stored));

  const answers: string[] = [];
  for (const { role, replicas, spec } of templates) {
    for (let index = 0; index < replicas; index++) {
      answers.push(await answerTo(namespace, { metadata: { name: `${role}-${index}` }, spec }));
    }
  }
  const refused = answers.map((text) => text !== '');
  expect(now.pods.map((pod) => pod.node === null)).toEqual(refused);
  expect(now.answer).toBe(refused.includes(true) ? 'no' : 'yes');
  const refusal = answers.find((text) => text !== '');
  if (refusal === undefined) expect(now.quota).toBeNull();
  else expectSame(refusal, now.quota);
  return refusal !== undefined;
}

/** Where several quotas refuse a pod, the API server names any of them. */
function expectSame(refusal: string, end: QuotaEnd | null): void {
  if (!refusal.includes(`quota: ${end?.name}`)) return;
  if (end?.requested === null) {
    expect(refusal).toMatch(new RegExp(`must specify .*${end.resource} for`));
    return;
  }
  const { resource = '', requested, used, hard } = end ?? {};
  for (const [what, value] of [
    ['requested', requested],
    ['used', used],
    ['limited', hard],
  ]) {
    const [, amounts = ''] = new RegExp(`${what}: ([^:]*)`).exec(refusal) ?? [];
    const amount = amounts.split(/, ?/).find((one) => one.startsWith(`${resource}=`));
    const [given] = readAmounts({ [resource]: amount?.split('=')[1] }).values();
    expect([what, amounts, given === undefined ? null : shown(resource, given)]).toEqual([
      what,
      amounts,
      value,
    ]);
  }
}

describe('the API server refuses the pods that the forecast says', () => {
  const QUOTAS: readonly (readonly [string, Loose, Loose?])[] = [
    ['GPUs', { 'requests.nvidia.com/gpu': '20' }],
    ['GPUs, some in use', { 'requests.nvidia.com/gpu': '40' }, { 'requests.nvidia.com/gpu': '30' }],
    ['pods', { pods: '3' }, { pods: '1' }],
    ['all pods that are stored', { 'count/pods': '2' }],
    ['cpu', { 'requests.cpu': '10', 'limits.cpu': '100' }],
    ['memory', { 'requests.memory': '100Gi' }, { 'requests.memory': '50Gi' }],
    ['memory by its short name', { memory: '40Gi' }],
    ['limits that no container states', { 'limits.memory': '1Ti' }],
    ['what no pod asks for', { 'requests.amd.com/gpu': '0', 'requests.ephemeral-storage': '0' }],
    ['room for all', { pods: '10', 'requests.nvidia.com/gpu': '32', 'requests.cpu': '16' }],
  ];

  test.each(QUOTAS.map(([name, hard, used = {}], index) => ({ name, hard, used, index })))(
    '$name',
    async ({ hard, used, index }) => {
      const none = Object.fromEntries(Object.keys(hard).map((name) => [name, '0']));
      await judge(
        { quotas: [{ name: 'limit', hard, used: { ...none, ...used } }], templates: TEMPLATES },
        index,
      );
    },
  );

  test(`${RUNS} random cases (seed ${SEED})`, async () => {
    let refused = 0;
    for (let index = 0; index < RUNS; index++) {
      const seed = SEED + index;
      try {
        if (await judge(quotaCase(seed), QUOTAS.length + index)) refused++;
      } catch (error) {
        throw new Error(`seed ${seed}: ${JSON.stringify(quotaCase(seed))}`, { cause: error });
      }
    }
    console.log(`seed ${SEED}: ${RUNS} cases, of which quotas refuse pods in ${refused}`);
    if (RUNS >= 50) {
      expect(refused).toBeGreaterThan(RUNS / 5);
      expect(refused).toBeLessThan((RUNS * 4) / 5);
    }
  }, 1_800_000);
});
