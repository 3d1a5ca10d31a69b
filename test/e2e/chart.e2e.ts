/**
 * The chart on a real API server with the real helm: installed, run, tested, upgraded, uninstalled. The webhook
 * configurations are those that helm has installed; see release.ts for what stands in for nodes and network.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { manifests, MANIFESTS } from '../../packaging/deploy.ts';
import { issueCa, issueLeaf } from '../../src/certs/issue.ts';
import type { Loose } from '../rules/cases.ts';
import type { TestCluster } from './cluster/cluster.ts';
import { Installation, tooFew } from './cluster/installation.ts';
import { NAMESPACE, rendered, runContainer, runHelm } from './cluster/release.ts';
import { DEFAULTS, type Config } from '../../src/config/config.ts';
import { policyObjects } from '../../src/cel/objects/policies.ts';
import { multiNode, service } from './world.ts';

const KINDS = ['mutatingwebhookconfigurations', 'validatingwebhookconfigurations'] as const;
const HOUR = 3_600_000;
const NAMES = [`headcount.${NAMESPACE}.svc`, 'localhost'];

let chart: Installation;
let cluster: TestCluster;

beforeAll(async () => {
  chart = await Installation.start();
  ({ cluster } = chart);
});
afterEach(() => chart.clear());
afterAll(() => chart?.stop());

async function bundles(): Promise<readonly string[]> {
  return (await chart.entries()).map(({ clientConfig }) => clientConfig.caBundle ?? '');
}

/** Does what a kubelet does for the pod of `helm test`: runs it, and reports how it ended. */
async function helmTest(...further: readonly string[]): Promise<{ code: number; output: string }> {
  const pod = `/api/v1/namespaces/${NAMESPACE}/pods/headcount-check`;
  const testing = runHelm(cluster, ['test', 'headcount', '--namespace', NAMESPACE, '--timeout', '60s']);
  let spec: Loose = null;
  await chart.until('helm test makes its pod', async () => {
    const { status, body } = await cluster.call('GET', pod);
    spec = body.spec;
    return status === 200;
  });
  const check = await runContainer(cluster, spec, {}, further);
  const phase = (await check.done) === 0 ? 'Succeeded' : 'Failed';
  await cluster.must(
    ['-n', NAMESPACE, 'patch', 'pod', 'headcount-check', '--subresource=status', '--type=merge', '-p'].concat(
      JSON.stringify({ status: { phase } }),
    ),
  );
  const { code } = await testing;
  return { code, output: check.output() };
}

test('the plain manifests are those of the chart (npm run deploy:generate)', () => {
  expect(readFileSync(MANIFESTS, 'utf8')).toBe(manifests());
});

test('install, helm test, upgrade both ways, uninstall', async () => {
  await chart.install();
  await chart.becomes(201, 'too-few');
  // Pods of restricted namespaces: the Deployment's own template, as its controller would create it.
  await chart.run();
  await chart.becomes(422, 'gpu-capacity');
  expect(await helmTest()).toEqual({ code: 0, output: 'ok    accepted\nok    mutated\nok    refused\n' });
  // Nothing of the test stays, least of all its rights.
  const left = await cluster.must([
    '-n',
    NAMESPACE,
    'get',
    'role,rolebinding,sa,pod,servingruntime',
    '-o',
    'name',
  ]);
  expect(left).not.toContain('headcount-check');

  const before = await bundles();
  expect(before).toHaveLength(7);
  expect(before.every((bundle) => bundle.length > 100)).toBe(true);
  await chart.container?.stop();
  for (const serverSide of ['true', 'false']) {
    await chart.upgrade({ podAnnotations: { upgraded: serverSide } }, `--server-side=${serverSide}`);
    expect(await bundles()).toEqual(before);
  }
  // Without headcount the check fails, and says what the API server said.
  const failing = await helmTest('--wait=0');
  expect(failing.code).not.toBe(0);
  expect(failing.output).toMatch(/^FAIL {2}accepted: .*failed calling webhook/);

  const { code, err, out } = await runHelm(cluster, [
    'uninstall',
    'headcount',
    '--namespace',
    NAMESPACE,
    '--debug',
  ]);
  expect({ code }).toEqual({ code: 0 });
  const order = [...`${out}${err}`.matchAll(/kind=(\w+)/g)].map(([, kind]) => kind);
  expect(order.slice(0, 2)).toEqual(['ValidatingWebhookConfiguration', 'MutatingWebhookConfiguration']);
  expect(order).toContain('Deployment');
  await chart.becomes(201, 'too-few');
});

test('the configuration: refused at the schema, in force without a restart', async () => {
  await chart.install({ config: { denyAt: 'validate' } });
  const running = await chart.run();
  await chart.becomes(422, 'gpu-capacity');
  await chart.upgrade({ config: { rules: { 'gpu-capacity': 'off' } }, logging: { level: 'debug' } });
  running.write('/etc/headcount/config/config.yaml', await chart.configText());
  await chart.becomes(201, 'too-few');
  expect(await chart.configText()).toContain('level: debug');
  await expect(chart.upgrade({ config: { rules: { 'gpu-capacity': false } } })).rejects.toThrow(
    "at '/config/rules/gpu-capacity': value must be one of 'default', 'deny', 'warn', 'off'",
  );
});

test('the two webhooks are set apart: failure policy, selectors, conditions, time-out', async () => {
  const off = { failurePolicy: 'Ignore' };
  await chart.install();
  const once = await chart.run();
  await chart.becomes(422, 'gpu-capacity');
  await once.stop();
  await chart.becomes(500, 'failed calling webhook');
  await chart.upgrade({ webhook: { mutating: off } });
  await chart.becomes(500, '/validate');
  await chart.upgrade({ webhook: { mutating: off, validating: off } });
  await chart.becomes(201, 'too-few');

  const everywhere = (setting: object): object => ({ webhook: { mutating: setting, validating: setting } });
  await chart.run();
  await chart.upgrade({});
  await chart.becomes(422, 'gpu-capacity');
  const elsewhere = {
    matchExpressions: [{ key: 'kubernetes.io/metadata.name', operator: 'NotIn', values: ['team'] }],
  };
  await chart.upgrade(everywhere({ namespaceSelector: elsewhere }));
  await chart.becomes(201, 'too-few');
  await chart.becomes(
    422,
    'gpu-capacity',
    tooFew((object) => (object.metadata.namespace = 'kserve')),
  );
  await chart.upgrade(everywhere({ objectSelector: { matchLabels: { judge: 'yes' } } }));
  await chart.becomes(201, 'too-few');
  await chart.becomes(
    422,
    'gpu-capacity',
    tooFew((object) => (object.metadata.labels = { judge: 'yes' })),
  );
  const condition = { name: 'not-too-few', expression: "object.metadata.name != 'too-few'" };
  await chart.upgrade(everywhere({ matchConditions: [condition] }));
  await chart.becomes(201, 'too-few');
  await chart.becomes(
    422,
    'gpu-capacity',
    tooFew((object) => (object.metadata.name = 'another')),
  );
});

test('a single-node service on a multi-node runtime is warned of where that is turned on', async () => {
  const single = multiNode('single', ({ spec }) => delete spec.predictor.workerSpec);
  const warnings = async (): Promise<string> =>
    (await cluster.call('POST', `${service('team')}?dryRun=All`, single)).warnings.join();
  await chart.install({ webhook: { validating: { warnNotMultiNode: true } } });
  await chart.run();
  await chart.until('it is warned of', async () => (await warnings()).includes('(not-multi-node)'));
  expect(await bundles()).toHaveLength(8);
  await chart.upgrade({ webhook: { validating: { warnNotMultiNode: false } } });
  await chart.until('nothing is asked any more', async () => (await warnings()) === '');
  await chart.becomes(422, 'gpu-capacity');
});

test.each<[string, Partial<Config>]>([
  ['defaults', {}],
  [
    'levels, types and namespaces',
    {
      rules: { canary: 'warn', 'head-replicas': 'off', 'worker-container': 'deny' },
      gpus: { ...DEFAULTS.gpus, types: ['a.example/b'], maxTotal: 64 },
      storage: { ...DEFAULTS.storage, protocols: ['pvc', 'oci'] },
      namespaces: { labels: true, exempt: ['kube-system'] },
    },
  ],
  [
    'enforcement and exceptions',
    {
      enforcement: 'warn',
      rules: { canary: 'warn' },
      namespaces: { labels: true, exempt: [] },
      exceptions: [
        { rules: ['merge', 'canary'], namespaces: ['lab'], reason: 'x', until: '2999-01-31' },
        { rules: ['merge'], namespaces: ['lab'], names: ['a.b', 'l*'], reason: 'x', until: '2999-01-31' },
      ],
    },
  ],
  ['warnings only', { enforcement: 'warn' }],
  ['nothing, but for labels', { enforcement: 'off', namespaces: { labels: true, exempt: ['kube-system'] } }],
  ['nothing', { enforcement: 'off' }],
])("the chart's policies are those of headcount policy: %s", async (_what, config) => {
  const { documents } = await rendered(cluster, { policy: { enabled: true }, config });
  const found = documents.filter(({ kind }) => kind.startsWith('ValidatingAdmissionPolicy'));
  for (const { metadata } of found) delete metadata.labels;
  const byName = (objects: readonly Loose[]): Loose =>
    Object.fromEntries(objects.map((object) => [`${object.kind} ${object.metadata.name}`, object]));
  expect(byName(found)).toEqual(byName(policyObjects({ ...DEFAULTS, ...config })));
});

test('the policies hold while no pod is up, and the webhooks let everything through', async () => {
  const off = { failurePolicy: 'Ignore' };
  const twoHeads = multiNode('two-heads', (object) => (object.spec.predictor.minReplicas = 2));
  const values = { policy: { enabled: true }, webhook: { mutating: off, validating: off } };
  await chart.install(values);
  await chart.becomes(422, 'head-replicas: spec.predictor.minReplicas is 2', twoHeads);
  // What needs the runtime is headcount's alone.
  await chart.becomes(201, 'too-few');
  await chart.upgrade({ ...values, config: { rules: { 'head-replicas': 'warn' } } });
  await chart.becomes(201, 'two-heads', twoHeads);
  const path = `${service('team')}?dryRun=All`;
  await chart.until('the policy warns', async () => {
    const { warnings } = await cluster.call('POST', path, twoHeads);
    return warnings.some((line) => line.includes('head-replicas: spec.predictor.minReplicas is 2'));
  });
});

test('uninstall leaves nothing, and services can be edited at every moment of it', async () => {
  const everything = {
    policy: { enabled: true },
    networkPolicy: { enabled: true },
    metrics: { dashboard: { enabled: true } },
  };
  await chart.install(everything);
  await chart.run();
  await chart.becomes(422, 'gpu-capacity');
  const edited = multiNode('edited');
  const { status, body } = await cluster.call('POST', service('team'), edited);
  expect({ status, message: body.message }).toMatchObject({ status: 201 });
  const answers: string[] = [];
  const over = new AbortController();
  const editing = (async () => {
    for (let generation = 0; !over.signal.aborted || generation < 10; generation++) {
      const change = { spec: { predictor: { timeout: 60 + generation } } };
      const answer = await cluster.call('PATCH', service('team', 'edited'), change, {
        type: 'application/merge-patch+json',
      });
      answers.push(`${answer.status} ${answer.status === 200 ? '' : answer.body.message}`.trim());
    }
  })();
  await sleep(500);
  // The pod goes with the release, as its controller would have it; it serves on for a while after SIGTERM.
  const uninstalling = runHelm(cluster, ['uninstall', 'headcount', '--namespace', NAMESPACE, '--wait']);
  const gone = chart
    .until('the Deployment is gone', async () => {
      const path = `/apis/apps/v1/namespaces/${NAMESPACE}/deployments/headcount`;
      return (await cluster.call('GET', path)).status === 404;
    })
    .then(() => sleep(1_000))
    .then(() => chart.container?.stop());
  expect(await uninstalling).toMatchObject({ code: 0 });
  await gone;
  await sleep(500);
  over.abort();
  await editing;
  expect([...new Set(answers)]).toEqual(['200']);
  console.info(`${answers.length} edits of a service before, during and after uninstall: all admitted`);

  // Whatever the chart could have made, in any namespace and outside of them.
  const { documents } = await rendered(cluster, everything);
  const kinds = [...new Set(documents.map(({ kind }) => kind.toLowerCase()))].join();
  const left = await cluster.must([
    'get',
    kinds,
    '-A',
    '-o',
    'name',
    '-l',
    'app.kubernetes.io/instance=headcount',
  ]);
  expect(left.trim()).toBe('');
  // The certificates that headcount has issued are no part of the release: they go with the Service that owns them.
  const { items } = JSON.parse(await cluster.must(['-n', NAMESPACE, 'get', 'secret', '-o', 'json']));
  expect(items.map(({ metadata }: Loose) => [metadata.name, metadata.ownerReferences[0].kind])).toEqual([
    ['headcount-certificates', 'Service'],
  ]);
  await cluster.call('DELETE', service('team', 'edited'));
});

test('certificates of an existing Secret: the CA is the one that is given', async () => {
  const ca = await issueCa(Date.now(), HOUR);
  const { cert, key } = await issueLeaf(ca, NAMES, Date.now(), Date.now() + HOUR);
  await chart.install({
    certificates: { mode: 'existingSecret', existingSecret: { name: 'mine', caBundle: ca.cert } },
  });
  await chart.run({
    '/etc/headcount/certificates/tls.crt': cert,
    '/etc/headcount/certificates/tls.key': key,
  });
  await chart.becomes(422, 'gpu-capacity');
  const stranger = await issueCa(Date.now(), HOUR);
  await chart.upgrade({
    certificates: { mode: 'existingSecret', existingSecret: { name: 'mine', caBundle: stranger.cert } },
  });
  await chart.becomes(500, 'x509');
});

test("cert-manager's certificates: its injector's caBundle outlives an upgrade", async () => {
  const ca = await issueCa(Date.now(), HOUR);
  const { cert, key } = await issueLeaf(ca, NAMES, Date.now(), Date.now() + HOUR);
  await cluster.must(['apply', '-f', join(import.meta.dirname, 'cluster/optional-crds.yaml')]);
  await chart.until('the kinds are there', async () => {
    return (
      (await cluster.kubectl(['get', 'certificates.cert-manager.io,issuers.cert-manager.io'])).code === 0
    );
  });
  const mode = { certificates: { mode: 'certManager' } };
  await chart.install(mode);
  // What the injector does to whatever carries the annotation.
  const path = `/apis/cert-manager.io/v1/namespaces/${NAMESPACE}/certificates/headcount`;
  const { body: certificate } = await cluster.call('GET', path);
  expect(certificate.spec.dnsNames).toContain(NAMES[0]);
  for (const kind of KINDS) {
    const found = JSON.parse(await cluster.must(['get', kind, 'multinode.headcount.dev', '-o', 'json']));
    expect(found.metadata.annotations['cert-manager.io/inject-ca-from']).toBe(`${NAMESPACE}/headcount`);
    const patch = found.webhooks.map((_webhook: Loose, index: number) => ({
      op: 'add',
      path: `/webhooks/${index}/clientConfig/caBundle`,
      value: Buffer.from(ca.cert).toString('base64'),
    }));
    await cluster.must([
      'patch',
      kind,
      'multinode.headcount.dev',
      '--type=json',
      '-p',
      JSON.stringify(patch),
    ]);
  }
  await chart.run({
    '/etc/headcount/certificates/tls.crt': cert,
    '/etc/headcount/certificates/tls.key': key,
  });
  await chart.becomes(422, 'gpu-capacity');
  const before = await bundles();
  await chart.upgrade({ ...mode, podAnnotations: { upgraded: 'yes' } });
  expect(await bundles()).toEqual(before);
});

test('another name, and a CA of the clients', async () => {
  const ca = await issueCa(Date.now(), HOUR);
  await chart.install(
    { fullnameOverride: 'counter', clientCa: { configMap: 'clients', key: 'client.pem' } },
    { release: 'elsewhere', name: 'counter' },
  );
  const { output } = await chart.run({ '/etc/headcount/client-ca/client.pem': ca.cert }, 'counter');
  // The API server of this test shows no certificate, so it never reaches headcount, and nothing comes into force.
  await chart.until('it says so', async () => output().includes('webhook configuration not in force'));
  await chart.becomes(201, 'too-few');
  expect(await cluster.must(['-n', NAMESPACE, 'get', 'secret', '-o', 'name'])).toContain(
    'counter-certificates',
  );
});

test('rights: what the values ask for, and no more', async () => {
  const can = async (verb: string, what: string): Promise<string> => {
    const as = `system:serviceaccount:${NAMESPACE}:headcount`;
    const { out } = await cluster.kubectl(['auth', 'can-i', verb, what, '--as', as, '-n', NAMESPACE]);
    return out.trim();
  };
  await chart.install();
  expect(await can('list', 'servingruntimes.serving.kserve.io')).toBe('yes');
  expect(await can('list', 'namespaces')).toBe('no');
  expect(await can('create', 'secrets')).toBe('yes');
  expect(await can('get', 'secrets/headcount-certificates')).toBe('yes');
  expect(await can('get', 'secrets/another')).toBe('no');
  await chart.upgrade({ config: { namespaces: { labels: true } } });
  expect(await can('list', 'namespaces')).toBe('yes');
  await chart.upgrade({
    certificates: { mode: 'existingSecret', existingSecret: { name: 'mine', caBundle: 'x' } },
  });
  expect(await can('create', 'secrets')).toBe('no');
  expect(await can('patch', 'validatingwebhookconfigurations/multinode.headcount.dev')).toBe('yes');
  expect(await can('patch', 'validatingwebhookconfigurations/another')).toBe('no');
  await chart.upgrade({ rbac: { create: false } });
  expect(await can('list', 'servingruntimes.serving.kserve.io')).toBe('no');
});

/** What is tried with the rights of the pod, and the name of it in a rule of RBAC. */
const RESOURCES: readonly (readonly [
  group: string,
  plural: string,
  namespace: string,
  names: readonly string[],
])[] = [
  ['', 'secrets', NAMESPACE, ['headcount-certificates', 'another']],
  ['', 'secrets', 'team', ['headcount-certificates']],
  ['', 'configmaps', 'kserve', ['inferenceservice-config', 'another']],
  ['', 'configmaps', NAMESPACE, ['headcount']],
  ['', 'services', NAMESPACE, ['headcount', 'another']],
  ['', 'pods', NAMESPACE, ['any']],
  ['', 'events', NAMESPACE, ['any']],
  ['', 'events', 'team', ['any']],
  ['', 'serviceaccounts', NAMESPACE, ['headcount']],
  ['', 'namespaces', '', ['team']],
  ['', 'nodes', '', ['any']],
  ['', 'persistentvolumeclaims', 'team', ['any']],
  ['apps/v1', 'deployments', NAMESPACE, ['headcount']],
  ['serving.kserve.io/v1beta1', 'inferenceservices', 'team', ['any']],
  ['serving.kserve.io/v1alpha1', 'servingruntimes', 'team', ['any']],
  ['serving.kserve.io/v1alpha1', 'clusterservingruntimes', '', ['any']],
  ['rbac.authorization.k8s.io/v1', 'clusterroles', '', ['headcount']],
  [
    'admissionregistration.k8s.io/v1',
    'mutatingwebhookconfigurations',
    '',
    ['multinode.headcount.dev', 'another'],
  ],
  [
    'admissionregistration.k8s.io/v1',
    'validatingwebhookconfigurations',
    '',
    ['multinode.headcount.dev', 'another'],
  ],
  ['admissionregistration.k8s.io/v1', 'validatingadmissionpolicies', '', ['multinode.headcount.dev']],
];
const VERBS = { get: 'GET', update: 'PUT', patch: 'PATCH', delete: 'DELETE' } as const;
const VERBS_OF_ALL = { list: 'GET', create: 'POST', deletecollection: 'DELETE' } as const;

test('every verb that is not granted answers 403, and the server goes on without its rights', async () => {
  await chart.install();
  const { documents } = await rendered(cluster, chart.here({}));
  const granted = (verb: string, group: string, plural: string, namespace: string, name: string): boolean =>
    documents.some(
      ({ kind, metadata, rules = [] }) =>
        (kind === 'ClusterRole' || (kind === 'Role' && metadata.namespace === namespace)) &&
        !metadata.name.endsWith('-check') &&
        rules.some(
          (rule: Loose) =>
            rule.apiGroups.includes(group.split('/v')[0]) &&
            rule.resources.includes(plural) &&
            rule.verbs.includes(verb) &&
            (rule.resourceNames === undefined || (name !== '' && rule.resourceNames.includes(name))),
        ),
    );
  const wrong: string[] = [];
  let allowed = 0;
  let forbidden = 0;
  for (const [group, plural, namespace, names] of RESOURCES) {
    const path = `${group === '' ? '/api/v1' : `/apis/${group}`}${namespace === '' ? '' : `/namespaces/${namespace}`}/${plural}`;
    const tried = [
      ...Object.entries(VERBS_OF_ALL).map(([verb, method]) => [verb, method, path, ''] as const),
      ...names.flatMap((name) =>
        Object.entries(VERBS).map(([verb, method]) => [verb, method, `${path}/${name}`, name] as const),
      ),
    ];
    for (const [verb, method, at, name] of tried) {
      const dryRun = method === 'GET' ? '' : '?dryRun=All';
      const { status } = await cluster.call(
        method,
        `${at}${dryRun}`,
        ['GET', 'DELETE'].includes(method) ? undefined : {},
        {
          user: 'headcount',
          ...(method === 'PATCH' && { type: 'application/merge-patch+json' }),
        },
      );
      // What may be done is refused for what is sent, or is not there; it is not forbidden.
      if (granted(verb, group, plural, namespace, name) === (status === 403))
        wrong.push(`${verb} ${at}: ${status}`);
      if (status === 403) forbidden++;
      else allowed++;
    }
  }
  expect(wrong).toEqual([]);
  expect(allowed).toBeGreaterThan(10);
  console.info(
    `${forbidden} requests with the pod's rights answered 403, the ${allowed} that are granted did not`,
  );

  const running = await chart.run();
  await chart.becomes(422, 'gpu-capacity');
  await chart.upgrade({ rbac: { create: false } });
  await chart.until('its rights are gone', async () => {
    const { status } = await cluster.call(
      'GET',
      '/apis/serving.kserve.io/v1alpha1/clusterservingruntimes',
      undefined,
      {
        user: 'headcount',
      },
    );
    return status === 403;
  });
  // By what it last knew.
  await chart.becomes(422, 'gpu-capacity');
  await chart.becomes(201, '', multiNode('fine'));
  expect((await fetch(`http://127.0.0.1:${chart.ports.ops}/healthz`)).status).toBe(200);
  expect(running.output()).not.toContain('internal error');
});

test('pods are admitted where Pod Security is restricted, and one that is less is not', async () => {
  const dryRun = async (values: object): Promise<{ code: number; err: string }> => {
    const { documents } = await rendered(cluster, values);
    const deployment: Loose = documents.find(({ kind }) => kind === 'Deployment');
    const { metadata, spec } = deployment.spec.template;
    const pods = [
      {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { ...metadata, name: 'replica', namespace: NAMESPACE },
        spec,
      },
      documents.find(({ kind }) => kind === 'Pod'),
    ];
    const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: pods });
    return cluster.kubectl(['create', '--dry-run=server', '-f', '-'], { stdin: list });
  };
  expect(await dryRun({})).toMatchObject({ code: 0, err: '' });
  const { code, err } = await dryRun({ securityContext: { allowPrivilegeEscalation: true } });
  expect({ code, err }).toMatchObject({
    code: 1,
    err: expect.stringContaining('violates PodSecurity "restricted'),
  });
});
