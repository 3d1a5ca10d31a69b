/**
 * Installing hurts nobody: the webhook configurations come into force when the API server reaches a pod through the
 * Service, and not before. The real helm and kubectl install, the real API server asks.
 */
import { cpSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { MANIFESTS } from '../../packaging/deploy.ts';
import { freePort } from '../support/port.ts';
import { BlackHole } from './cluster/black-hole.ts';
import { runFlux } from './cluster/flux.ts';
import { Installation, tooFew } from './cluster/installation.ts';
import { CHART, NAMESPACE, pointHere, rendered, runHelm } from './cluster/release.ts';

/** How long a configuration may take to come into force once a pod is ready. */
const WITHIN = 10_000;
const IN_FORCE = ['watched', 'judged', 'watched', 'judged', 'runtimes'];
const CONFIGURATIONS = 'mutatingwebhookconfiguration,validatingwebhookconfiguration';

let chart: Installation;
beforeAll(async () => {
  chart = await Installation.start();
});
afterEach(() => chart.clear());
afterAll(() => chart?.stop());

/** Neither at once, nor when the API server has learned of the configurations and headcount has looked at them. */
async function staysAdmitted(): Promise<void> {
  for (let look = 0; look < 10; look++) {
    expect(await chart.ask(tooFew())).toMatchObject({ status: 201 });
    await sleep(500);
  }
  expect(await chart.inForce()).toEqual([]);
}

/** Judged in both phases: the configurations come into force one after the other. */
async function comesIntoForce(): Promise<void> {
  await chart.becomes(422, 'gpu-capacity');
  await chart.until('both are in force', async () => String(await chart.inForce()) === String(IN_FORCE));
}

test('an image that does not exist: everything is admitted; the right one: judged; uninstalled: nothing is left', async () => {
  const wrong = { image: { repository: 'nobody/nothing' } };
  await chart.install(wrong);
  await staysAdmitted();
  await chart.upgrade({});
  await chart.run();
  const ready = Date.now();
  await comesIntoForce();
  console.info(`judged ${Date.now() - ready} ms after the pod was ready`);
  expect(Date.now() - ready).toBeLessThan(WITHIN);

  // A bad version later: the pods of the good one serve on, and what is in force stays so.
  await chart.upgrade(wrong);
  await chart.becomes(422, 'gpu-capacity');
  const { code } = await runHelm(chart.cluster, ['uninstall', 'headcount', '--namespace', NAMESPACE]);
  expect(code).toBe(0);
  await chart.becomes(201, 'too-few');
  const { out } = await chart.cluster.kubectl(['get', CONFIGURATIONS, '-o', 'name']);
  expect(out).not.toContain('headcount');
});

describe('a pod that runs, but', () => {
  test('may not read: not ready, nothing in force; with its rights: judged', async () => {
    await chart.install({ rbac: { create: false } });
    const running = chart.run();
    await staysAdmitted();
    await chart.upgrade({});
    await running;
    await chart.becomes(422, 'gpu-capacity');
  });

  test('may not probe: ready, says so, nothing in force', async () => {
    await chart.install();
    await chart.cluster.must(['-n', NAMESPACE, 'delete', 'role', 'headcount-probe']);
    const { output } = await chart.run();
    await chart.until('it says so', async () => output().includes('cannot create resource \\"events\\"'));
    await staysAdmitted();
    const metrics = await (await fetch(`http://127.0.0.1:${chart.ports.ops}/metrics`)).text();
    expect(metrics).toContain('headcount_webhooks_in_force{configuration="mutating"} 0');
  });

  test('a packet filter drops what the API server sends to it: nothing in force, until it lets it through', async () => {
    const hole = await BlackHole.open();
    try {
      await chart.install({}, { port: hole.port });
      const { output } = await chart.run();
      await chart.until('it says so', async () => output().includes('webhook configuration not in force'));
      await staysAdmitted();
      chart.ports = { ...chart.ports, service: chart.ports.webhook };
      await chart.upgrade({});
      await chart.becomes(422, 'gpu-capacity');
    } finally {
      await hole.close();
    }
  });
});

test('a configuration that Flux puts back while no pod answers comes back without force, and drifts by nothing', async () => {
  await chart.install();
  const pod = await chart.run();
  await chart.becomes(422, 'gpu-capacity');
  await pod.stop();
  await chart.becomes(500, 'failed calling webhook');
  await chart.cluster.must(['delete', CONFIGURATIONS, 'multinode.headcount.dev']);
  await chart.becomes(201, 'too-few');
  const { documents } = await rendered(chart.cluster, chart.here({}));
  const git = documents
    .filter(({ kind }) => kind.endsWith('WebhookConfiguration'))
    .map((document) => JSON.stringify(document))
    .join('\n---\n');
  const sync = async (): Promise<readonly string[]> =>
    (await runFlux(chart.cluster, ['apply'], git)).map(({ action }) => action);
  expect(await sync()).toEqual(['created', 'created']);
  await staysAdmitted();
  await chart.run();
  await comesIntoForce();
  expect(await sync()).toEqual(['unchanged', 'unchanged']);
  expect(await chart.inForce()).toEqual(IN_FORCE);
  // Helm leaves what another tool has made anew.
  await chart.cluster.must(['delete', CONFIGURATIONS, 'multinode.headcount.dev']);
});

/** The chart as it was when it rendered the rules into the entries. */
function chartWithRules(): string {
  const copy = join(mkdtempSync(join(chart.cluster.directory, 'chart-')), 'headcount');
  cpSync(CHART, copy, { recursive: true });
  const path = join(copy, 'templates/_webhooks.tpl');
  const rules = (operations: string): string =>
    `rules: [{ apiGroups: [serving.kserve.io], apiVersions: [v1beta1], resources: [inferenceservices], operations: ${operations}, scope: Namespaced }]`;
  const text = readFileSync(path, 'utf8')
    .replace(
      '  {{- include "headcount.asked" (append . 2) | nindent 2 }}\n',
      (line) => `${line}  ${rules('[UPDATE]')}\n`,
    )
    .replace(
      '  {{- include "headcount.asked" (append . 30) | nindent 2 }}\n',
      (line) => `${line}  ${rules('[CREATE, UPDATE]')}\n`,
    )
    .replace('"headcount.dev/rules"', '"example.com/none"');
  writeFileSync(path, text);
  return copy;
}

test.each(['true', 'false'])(
  'from a chart that rendered the rules, and back, --server-side=%s: judged by the next pod',
  async (serverSide) => {
    const old = chartWithRules();
    await chart.install({}, { chart: old });
    // That chart refuses from the start.
    await chart.becomes(500, 'failed calling webhook');
    await chart.upgrade({}, `--server-side=${serverSide}`);
    await chart.becomes(201, 'too-few');
    const pod = await chart.run();
    await comesIntoForce();
    const args = ['rollback', 'headcount', '1', '--namespace', NAMESPACE, `--server-side=${serverSide}`];
    expect(await runHelm(chart.cluster, args)).toMatchObject({ code: 0 });
    await chart.becomes(422, 'gpu-capacity');
    await pod.stop();
    await chart.becomes(500, 'failed calling webhook');
  },
);

test('kubectl apply of the plain manifests: the same', async () => {
  const port = await freePort();
  chart.ports = { service: port, webhook: port, ops: await freePort() };
  const [, ...documents] = readFileSync(MANIFESTS, 'utf8').split(/^---$/m);
  // Without the namespace, which this cluster would not finish deleting; at ports that are free here.
  const manifests = documents
    .join('---')
    .replaceAll('port: 443', `port: ${port}`)
    .replaceAll('9443', String(port))
    .replaceAll('8081', String(chart.ports.ops));
  await chart.cluster.must(['apply', '-f', '-'], manifests);
  await pointHere(chart.cluster);
  await staysAdmitted();
  await chart.run();
  await comesIntoForce();
  await chart.cluster.must(['apply', '-f', '-'], manifests);
  expect(await chart.inForce()).toEqual(IN_FORCE);
  await chart.cluster.must(['delete', '-f', '-'], manifests);
  await chart.becomes(201, 'too-few');
});
