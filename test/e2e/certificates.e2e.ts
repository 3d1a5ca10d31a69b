/**
 * Self-managed certificates on a real API server: several replicas as several processes behind one address, and
 * creates that go through admission all the while. Every create that fails is counted.
 */
import { X509Certificate } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { issueForLocalhost } from '../../src/certs/localhost.ts';
import { BUILTIN_RUNTIME } from '../../src/cluster/builtin-runtime.ts';
import type { Loose } from '../rules/cases.ts';
import { Balancer } from './cluster/service-balancer.ts';
import {
  Headcount,
  installPrerequisites,
  register,
  registered,
  type HeadcountOptions,
} from './cluster/headcount.ts';
import { TestCluster } from './cluster/cluster.ts';
import { multiNode, service, version } from './world.ts';

/** Creates a second that are aimed at; a busy machine may reach fewer, and the table says how many. */
const RATE = Number(process.env['HEADCOUNT_E2E_RATE'] ?? 200);
const ROLLS = Number(process.env['HEADCOUNT_E2E_ROLLS'] ?? 1);
const LEAVES = Number(process.env['HEADCOUNT_E2E_LEAVES'] ?? 4);
const CA_SECONDS = Number(process.env['HEADCOUNT_E2E_CA_SECONDS'] ?? 60);
/** Milliseconds until a change of endpoints is known everywhere. */
const ENDPOINTS = 1_500;
const SECRET = '/api/v1/namespaces/headcount-system/secrets/headcount-certificates';
const KINDS = ['mutating', 'validating'] as const;

const SHORT_LIVED = join(import.meta.dirname, 'cluster/short-lived-certificates.ts');
const KILLS = Number(process.env['HEADCOUNT_E2E_KILLS'] ?? 20);
const SEED = Number(process.env['HEADCOUNT_SEED'] ?? Date.now() % 1_000_000);

let cluster: TestCluster;
let balancer: Balancer;
let replicas: Headcount[] = [];
/** Of somebody else, in PEM. */
let foreign = '';
const table: string[] = [];

beforeAll(async () => {
  cluster = await TestCluster.start(version());
  await installPrerequisites(cluster);
  await cluster.must(['apply', '-f', '-'], JSON.stringify(BUILTIN_RUNTIME));
  foreign = (await issueForLocalhost(Date.now())).cert;
  balancer = await Balancer.start();
  await register(cluster, balancer);
});
afterEach(async () => {
  for (const replica of replicas) balancer.remove(replica);
  await Promise.all(replicas.map((replica) => replica.stop()));
  replicas = [];
});
afterAll(async () => {
  console.info(table.join('\n'));
  await balancer?.stop();
  await cluster?.stop();
});

async function startReplica(program?: HeadcountOptions['program']): Promise<Headcount> {
  const replica = await Headcount.start(cluster, { selfManaged: true, ...(program && { program }) });
  replicas.push(replica);
  balancer.add(replica);
  return replica;
}

async function startReplicas(count: number, program?: HeadcountOptions['program']): Promise<void> {
  for (let index = 0; index < count; index++) await startReplica(program);
  await registered(cluster);
}

/** Creates through admission at RATE until told to stop. */
function load(): { stop: () => Promise<{ sent: number; failed: readonly string[]; rate: number }> } {
  const stopping = new AbortController();
  let sent = 0;
  const failed: string[] = [];
  const started = Date.now();
  const workers = Array.from({ length: 8 }, async () => {
    while (!stopping.signal.aborted) {
      const due = started + (sent / RATE) * 1_000;
      sent += 1;
      const path = `${service('team')}?dryRun=All`;
      const { status, body } = await cluster
        .call('POST', path, multiNode('loaded'))
        .catch((error: Error) => ({
          status: 0,
          body: error.message as Loose,
        }));
      if (status !== 201) failed.push(`${status} ${body.message ?? body}`);
      await sleep(Math.max(0, due - Date.now()));
    }
  });
  return {
    async stop() {
      stopping.abort();
      await Promise.all(workers);
      return { sent, failed, rate: Math.round(sent / ((Date.now() - started) / 1_000)) };
    },
  };
}

function note(what: string, { sent, rate }: { sent: number; rate: number }, more = ''): void {
  table.push(`${what.padEnd(44)} ${String(sent).padStart(6)} creates, ${rate}/s, 0 failed${more}`);
}

async function secret(): Promise<Loose> {
  return (await cluster.call('GET', SECRET)).body;
}

function certificate(base64: string): X509Certificate {
  return new X509Certificate(Buffer.from(base64, 'base64'));
}

async function bundles(): Promise<readonly string[]> {
  const found = await Promise.all(
    KINDS.map(async (kind) => {
      const path = `/apis/admissionregistration.k8s.io/v1/${kind}webhookconfigurations/multinode.headcount.dev`;
      return (await cluster.call('GET', path)).body.webhooks.map(
        (webhook: Loose) => webhook.clientConfig.caBundle ?? '',
      );
    }),
  );
  return found.flat().map((bundle: string) => Buffer.from(bundle, 'base64').toString());
}

async function setBundles(pem: string): Promise<void> {
  for (const kind of KINDS) {
    const path = `/apis/admissionregistration.k8s.io/v1/${kind}webhookconfigurations/multinode.headcount.dev`;
    const { body } = await cluster.call('GET', path);
    for (const webhook of body.webhooks) {
      webhook.clientConfig.caBundle = pem === '' ? null : Buffer.from(pem).toString('base64');
    }
    expect((await cluster.call('PUT', path, body)).status).toBe(200);
  }
}

async function until(what: string, seconds: number, check: () => Promise<boolean>): Promise<number> {
  const start = Date.now();
  while (Date.now() < start + seconds * 1_000) {
    if (await check().catch(() => false)) return (Date.now() - start) / 1_000;
    await sleep(100);
  }
  throw new Error(`waited ${seconds} s in vain until ${what}`);
}

const total = async (metric: string): Promise<number> => {
  const values = await Promise.all(replicas.map((replica) => replica.metric(metric)));
  return values.reduce((sum, value) => sum + (Number.isNaN(value) ? 0 : value), 0);
};

test('10 replicas started at once on an empty cluster: one CA', async () => {
  await cluster.call('DELETE', SECRET);
  await setBundles('');
  const started = Date.now();
  replicas = await Promise.all(
    Array.from({ length: 10 }, () => Headcount.launch(cluster, { selfManaged: true })),
  );
  for (const replica of replicas) balancer.add(replica);
  await Promise.all(replicas.map((replica) => replica.ready(30)));
  const seconds = (Date.now() - started) / 1_000;
  expect(await total('headcount_certificate_writes_total{step="create"}')).toBe(1);
  const { data } = await secret();
  const ca = certificate(data['ca.crt']);
  for (const bundle of await bundles()) {
    expect(bundle.match(/BEGIN CERTIFICATE/g)).toHaveLength(1);
    expect(new X509Certificate(bundle).fingerprint256).toBe(ca.fingerprint256);
  }
  table.push(`${'10 replicas at once, all ready after'.padEnd(44)} ${seconds.toFixed(1)} s, 1 CA`);
});

describe('tampering is healed', () => {
  const works = async (): Promise<boolean> => {
    const { status } = await cluster.call('POST', `${service('team')}?dryRun=All`, multiNode('healed'));
    return status === 201;
  };

  test('Secret deleted, garbage in it, caBundle emptied, caBundle replaced', async () => {
    await startReplicas(2);
    const ways: readonly (readonly [string, () => Promise<unknown>, () => Promise<boolean>])[] = [
      [
        'Secret deleted',
        () => cluster.call('DELETE', SECRET),
        async () => 'tls.crt' in (await secret()).data,
      ],
      [
        'garbage in the Secret',
        () =>
          cluster.call(
            'PATCH',
            SECRET,
            { data: { 'tls.crt': 'eA==', 'ca.key': null } },
            { type: 'application/merge-patch+json' },
          ),
        async () => certificate((await secret()).data['tls.crt']).subject !== '',
      ],
      [
        'caBundle emptied',
        () => setBundles(''),
        async () => (await bundles()).every((bundle) => bundle !== ''),
      ],
      [
        'caBundle replaced by a foreign CA',
        async () => setBundles(foreign),
        async () => (await bundles()).every((bundle) => (bundle.match(/BEGIN/g) ?? []).length >= 2),
      ],
    ];
    for (const [name, tamper, healed] of ways) {
      await tamper();
      const seconds = await until(`${name} is healed`, 10, async () => (await healed()) && (await works()));
      table.push(`${name.padEnd(44)} healed after ${seconds.toFixed(1)} s`);
    }
    for (const bundle of await bundles()) expect(bundle).toContain(foreign.trim());

    await cluster.must(['delete', 'validatingwebhookconfiguration', 'multinode.headcount.dev']);
    await cluster.must(['delete', 'mutatingwebhookconfiguration', 'multinode.headcount.dev']);
    const [replica] = replicas;
    await until('a replica that nobody trusts says so', 10, async () => {
      const { code, body } = (await replica?.ops('/readyz')) ?? { code: 0, body: '' };
      return code === 503 && body.includes('caBundle');
    });
    await register(cluster, balancer);
    await registered(cluster);
    await replica?.ready();
  });
});

test(`${LEAVES} new leaves under load`, async () => {
  await startReplicas(3);
  const { stop } = load();
  let slowest = 0;
  for (let turn = 0; turn < LEAVES; turn++) {
    const before = certificate((await secret()).data['tls.crt']).serialNumber;
    await cluster.call(
      'PATCH',
      SECRET,
      { data: { 'tls.crt': null } },
      { type: 'application/merge-patch+json' },
    );
    let written = 0;
    await until('there is a new leaf', 10, async () => {
      const now = (await secret()).data['tls.crt'];
      return now !== undefined && certificate(now).serialNumber !== before;
    });
    written = Date.now();
    const expires = Date.parse(certificate((await secret()).data['tls.crt']).validTo);
    await until('every replica serves it', 10, async () => {
      const left = await Promise.all(
        replicas.map((replica) => replica.metric('headcount_certificate_expiry_seconds{certificate="leaf"}')),
      );
      return left.every((seconds) => Math.abs(Date.now() + seconds * 1_000 - expires) < 900);
    });
    slowest = Math.max(slowest, (Date.now() - written) / 1_000);
    await sleep(1_000);
  }
  const result = await stop();
  expect(result.failed).toEqual([]);
  note(`${LEAVES} leaf rotations, 3 replicas`, result, `, served everywhere after ${slowest.toFixed(1)} s`);
});

test(`certificates that live for seconds, for ${CA_SECONDS} s under load`, async () => {
  await cluster.call('DELETE', SECRET);
  await startReplicas(3, [SHORT_LIVED]);
  const { stop } = load();
  await sleep(CA_SECONDS * 1_000);
  const result = await stop();
  const switches = await total('headcount_certificate_writes_total{step="switch-ca"}');
  const leaves = await total('headcount_certificate_writes_total{step="renew-leaf"}');
  const distrusts = await total('headcount_certificate_writes_total{step="distrust"}');
  expect(result.failed).toEqual([]);
  expect(switches).toBeGreaterThanOrEqual(1);
  expect(distrusts).toBeGreaterThanOrEqual(1);
  note(`${switches} CA rotations, ${leaves} leaves, 3 replicas`, result);
});

test(`the only replica killed ${KILLS} times in the middle of it, seed ${SEED}: the next start heals it`, async () => {
  await cluster.call('DELETE', SECRET);
  // A step of the life cycle every few hundred milliseconds, so that a kill at random meets them all.
  const program = [SHORT_LIVED, '4'] as const;
  let random = SEED;
  const steps = new Map<string, number>();
  for (let kill = 0; kill < KILLS; kill++) {
    random = (random * 16_807) % 2_147_483_647;
    const replica = await Headcount.launch(cluster, { selfManaged: true, program: [...program] });
    await until('it has begun', 20, async () => (await replica.ops('/healthz')).code === 200);
    await sleep(random % 2_000);
    for (const line of replica.log) {
      if (line.msg === 'certificates written') steps.set(line.step, (steps.get(line.step) ?? 0) + 1);
    }
    await replica.stop('SIGKILL');
  }
  const last = await startReplica([...program]);
  await registered(cluster);
  await last.ready();
  const { status } = await cluster.call('POST', `${service('team')}?dryRun=All`, multiNode('healed'));
  expect(status).toBe(201);
  const met = [...steps].map(([step, count]) => `${step} ${count}`).join(', ');
  table.push(`${`${KILLS} times kill -9, seed ${SEED}`.padEnd(44)} healed; steps met: ${met}`);
});

test(`rolling restarts of 3 replicas, ${ROLLS} times, under load`, async () => {
  await cluster.call('DELETE', SECRET);
  await startReplicas(3);
  const { stop } = load();
  for (let roll = 0; roll < ROLLS; roll++) {
    const before = replicas.slice();
    for (const old of before) {
      await startReplica();
      const ended = old.stop('SIGTERM');
      await sleep(ENDPOINTS);
      balancer.remove(old);
      await ended;
      replicas.splice(replicas.indexOf(old), 1);
    }
  }
  const result = await stop();
  expect(result.failed).toEqual([]);
  note(`${ROLLS * 3} restarts, 3 replicas`, result);
});
