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
import { crds } from './cluster/crds.ts';
import { freePort } from '../support/port.ts';
import { TestCluster } from './cluster/cluster.ts';
import {
  NAMESPACE,
  onChart,
  pointHere,
  rendered,
  runContainer,
  runHelm,
  type Container,
  type Files,
} from './cluster/release.ts';
import { DEFAULTS, type Config } from '../../src/config/config.ts';
import { policyObjects } from '../../src/cel/objects/policies.ts';
import { gpus, multiNode, service, version } from './world.ts';
import { BUILTIN_RUNTIME } from '../../src/cluster/builtin-runtime.ts';

const KINDS = ['mutatingwebhookconfigurations', 'validatingwebhookconfigurations'] as const;
const HOUR = 3_600_000;
const NAMES = [`headcount.${NAMESPACE}.svc`, 'localhost'];

let cluster: TestCluster;
/** Of the running release. */
let ports: { readonly webhook: number; readonly ops: number };
let container: Container | undefined;
let installed = 'headcount';

beforeAll(async () => {
  cluster = await TestCluster.start(version());
  await cluster.must(['create', '-f', '-'], crds());
  for (const kind of ['inferenceservices', 'servingruntimes', 'clusterservingruntimes']) {
    while ((await cluster.kubectl(['get', `${kind}.serving.kserve.io`, '-A'])).code !== 0) await sleep(100);
  }
  for (const name of ['kserve', 'team', NAMESPACE]) await cluster.must(['create', 'namespace', name]);
  await cluster.must(['label', 'namespace', NAMESPACE, 'pod-security.kubernetes.io/enforce=restricted']);
  await cluster.must(['apply', '-f', '-'], JSON.stringify(BUILTIN_RUNTIME));
});
afterEach(async () => {
  await container?.stop();
  container = undefined;
  await runHelm(cluster, ['uninstall', installed, '--namespace', NAMESPACE, '--ignore-not-found']);
  // There is no garbage collector; and what a failed helm test leaves is for its user to read.
  await cluster.kubectl(['-n', NAMESPACE, 'delete', 'secret,pod', '--all', '--force']);
  installed = 'headcount';
});
afterAll(() => cluster?.stop());

/** Values that put the release where this machine can be reached. */
function here(values: object): object {
  return { service: { port: ports.webhook }, ports, ...values };
}

/** Installs the chart and makes the Service point here; nothing runs yet. */
async function install(values: object = {}, release = 'headcount', name = release): Promise<void> {
  installed = release;
  ports = { webhook: await freePort(), ops: await freePort() };
  await onChart(cluster, ['install'], here(values), release);
  await pointHere(cluster, name);
}

async function upgrade(values: object, ...flags: readonly string[]): Promise<void> {
  await onChart(cluster, ['upgrade', ...flags], here(values));
}

async function configText(name = 'headcount'): Promise<string> {
  const { body } = await cluster.call('GET', `/api/v1/namespaces/${NAMESPACE}/configmaps/${name}`);
  return body.data['config.yaml'];
}

/** Runs the Deployment's container and waits until the probe of its template says ready. */
async function run(files: Files = {}, name = 'headcount'): Promise<Container> {
  const { body } = await cluster.call('GET', `/apis/apps/v1/namespaces/${NAMESPACE}/deployments/${name}`);
  const { spec } = body.spec.template;
  const config = { '/etc/headcount/config/config.yaml': await configText(name), ...files };
  container = await runContainer(cluster, spec, config, ['--host=127.0.0.1']);
  const { path } = spec.containers[0].readinessProbe.httpGet;
  await until(`ready: ${container.output()}`, async () => {
    const { status } = await fetch(`http://127.0.0.1:${ports.ops}${path}`);
    return status === 200;
  });
  return container;
}

async function until(what: string, check: () => Promise<boolean>): Promise<void> {
  for (let wait = 0; wait < 300; wait++) {
    if (await check().catch(() => false)) return;
    await sleep(100);
  }
  throw new Error(`waited in vain until ${what}\n${container?.output()}`);
}

/** What becomes of a service: the status of a dry run, and the message. */
async function ask(object: Loose): Promise<{ status: number; text: string }> {
  const { status, body } = await cluster.call(
    'POST',
    `${service(object.metadata.namespace)}?dryRun=All`,
    object,
  );
  return { status, text: JSON.stringify(body) };
}

/** Waits, since the API server learns of configurations within a second or so. */
async function becomes(status: number, includes: string, object: Loose = tooFew()): Promise<void> {
  let last = '';
  await until(`${status} ${includes}`, async () => {
    const answer = await ask(object);
    last = `${answer.status} ${answer.text}`;
    return answer.status === status && answer.text.includes(includes);
  }).catch((error: Error) => {
    throw new Error(`${error.message}\nlast: ${last.slice(0, 600)}`);
  });
}

/** Refused by gpu-capacity. */
function tooFew(change: (object: Loose) => void = () => {}): Loose {
  return multiNode('too-few', (object) => {
    object.spec.predictor.model.resources = gpus(1);
    change(object);
  });
}

async function bundles(): Promise<readonly string[]> {
  const all = await Promise.all(
    KINDS.map(async (kind) => {
      const path = `/apis/admissionregistration.k8s.io/v1/${kind}/multinode.headcount.dev`;
      const { body } = await cluster.call('GET', path);
      return body.webhooks.map(({ clientConfig }: Loose) => clientConfig.caBundle ?? '');
    }),
  );
  return all.flat();
}

/** Does what a kubelet does for the pod of `helm test`: runs it, and reports how it ended. */
async function helmTest(...further: readonly string[]): Promise<{ code: number; output: string }> {
  const pod = `/api/v1/namespaces/${NAMESPACE}/pods/headcount-check`;
  const testing = runHelm(cluster, ['test', 'headcount', '--namespace', NAMESPACE, '--timeout', '60s']);
  let spec: Loose = null;
  await until('helm test makes its pod', async () => {
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
  await install();
  await becomes(500, 'failed calling webhook');
  // Pods of restricted namespaces: the Deployment's own template, as its controller would create it.
  await run();
  await becomes(422, 'gpu-capacity');
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
  expect(before).toHaveLength(5);
  expect(before.every((bundle) => bundle.length > 100)).toBe(true);
  await container?.stop();
  for (const serverSide of ['true', 'false']) {
    await upgrade({ podAnnotations: { upgraded: serverSide } }, `--server-side=${serverSide}`);
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
  await becomes(201, 'too-few');
});

test('the configuration: refused at the schema, in force without a restart', async () => {
  await install({ config: { denyAt: 'validate' } });
  const running = await run();
  await becomes(422, 'gpu-capacity');
  await upgrade({ config: { rules: { 'gpu-capacity': 'off' } }, logging: { level: 'debug' } });
  running.write('/etc/headcount/config/config.yaml', await configText());
  await becomes(201, 'too-few');
  expect(await configText()).toContain('level: debug');
  await expect(upgrade({ config: { rules: { 'gpu-capacity': false } } })).rejects.toThrow(
    "at '/config/rules/gpu-capacity': value must be one of 'default', 'deny', 'warn', 'off'",
  );
});

test('the two webhooks are set apart: failure policy, selectors, conditions, time-out', async () => {
  const off = { failurePolicy: 'Ignore' };
  await install();
  await becomes(500, 'failed calling webhook');
  await upgrade({ webhook: { mutating: off } });
  await becomes(500, '/validate');
  await upgrade({ webhook: { mutating: off, validating: off } });
  await becomes(201, 'too-few');

  const everywhere = (setting: object): object => ({ webhook: { mutating: setting, validating: setting } });
  await run();
  await upgrade({});
  await becomes(422, 'gpu-capacity');
  const elsewhere = {
    matchExpressions: [{ key: 'kubernetes.io/metadata.name', operator: 'NotIn', values: ['team'] }],
  };
  await upgrade(everywhere({ namespaceSelector: elsewhere }));
  await becomes(201, 'too-few');
  await becomes(
    422,
    'gpu-capacity',
    tooFew((object) => (object.metadata.namespace = 'kserve')),
  );
  await upgrade(everywhere({ objectSelector: { matchLabels: { judge: 'yes' } } }));
  await becomes(201, 'too-few');
  await becomes(
    422,
    'gpu-capacity',
    tooFew((object) => (object.metadata.labels = { judge: 'yes' })),
  );
  const condition = { name: 'not-too-few', expression: "object.metadata.name != 'too-few'" };
  await upgrade(everywhere({ matchConditions: [condition] }));
  await becomes(201, 'too-few');
  await becomes(
    422,
    'gpu-capacity',
    tooFew((object) => (object.metadata.name = 'another')),
  );
});

test('a single-node service on a multi-node runtime is warned of where that is turned on', async () => {
  const single = multiNode('single', ({ spec }) => delete spec.predictor.workerSpec);
  const warnings = async (): Promise<string> =>
    (await cluster.call('POST', `${service('team')}?dryRun=All`, single)).warnings.join();
  await install({ webhook: { validating: { warnNotMultiNode: true } } });
  await run();
  await until('it is warned of', async () => (await warnings()).includes('(not-multi-node)'));
  expect(await bundles()).toHaveLength(6);
  await upgrade({ webhook: { validating: { warnNotMultiNode: false } } });
  await until('nothing is asked any more', async () => (await warnings()) === '');
  await becomes(422, 'gpu-capacity');
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
  await install(values);
  await becomes(422, 'head-replicas: spec.predictor.minReplicas is 2', twoHeads);
  // What needs the runtime is headcount's alone.
  await becomes(201, 'too-few');
  await upgrade({ ...values, config: { rules: { 'head-replicas': 'warn' } } });
  await becomes(201, 'two-heads', twoHeads);
  const path = `${service('team')}?dryRun=All`;
  await until('the policy warns', async () => {
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
  await install(everything);
  await run();
  await becomes(422, 'gpu-capacity');
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
  const gone = until('the Deployment is gone', async () => {
    const path = `/apis/apps/v1/namespaces/${NAMESPACE}/deployments/headcount`;
    return (await cluster.call('GET', path)).status === 404;
  })
    .then(() => sleep(1_000))
    .then(() => container?.stop());
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
  await install({
    certificates: { mode: 'existingSecret', existingSecret: { name: 'mine', caBundle: ca.cert } },
  });
  await run({ '/etc/headcount/certificates/tls.crt': cert, '/etc/headcount/certificates/tls.key': key });
  await becomes(422, 'gpu-capacity');
  const stranger = await issueCa(Date.now(), HOUR);
  await upgrade({
    certificates: { mode: 'existingSecret', existingSecret: { name: 'mine', caBundle: stranger.cert } },
  });
  await becomes(500, 'x509');
});

test("cert-manager's certificates: its injector's caBundle outlives an upgrade", async () => {
  const ca = await issueCa(Date.now(), HOUR);
  const { cert, key } = await issueLeaf(ca, NAMES, Date.now(), Date.now() + HOUR);
  await cluster.must(['apply', '-f', join(import.meta.dirname, 'cluster/optional-crds.yaml')]);
  await until('the kinds are there', async () => {
    return (
      (await cluster.kubectl(['get', 'certificates.cert-manager.io,issuers.cert-manager.io'])).code === 0
    );
  });
  const mode = { certificates: { mode: 'certManager' } };
  await install(mode);
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
  await run({ '/etc/headcount/certificates/tls.crt': cert, '/etc/headcount/certificates/tls.key': key });
  await becomes(422, 'gpu-capacity');
  const before = await bundles();
  await upgrade({ ...mode, podAnnotations: { upgraded: 'yes' } });
  expect(await bundles()).toEqual(before);
});

test('another name, and a CA of the clients', async () => {
  const ca = await issueCa(Date.now(), HOUR);
  await install(
    { fullnameOverride: 'counter', clientCa: { configMap: 'clients', key: 'client.pem' } },
    'elsewhere',
    'counter',
  );
  await run({ '/etc/headcount/client-ca/client.pem': ca.cert }, 'counter');
  // The API server of this test shows no certificate.
  await becomes(500, 'failed calling webhook');
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
  await install();
  expect(await can('list', 'servingruntimes.serving.kserve.io')).toBe('yes');
  expect(await can('list', 'namespaces')).toBe('no');
  expect(await can('create', 'secrets')).toBe('yes');
  expect(await can('get', 'secrets/headcount-certificates')).toBe('yes');
  expect(await can('get', 'secrets/another')).toBe('no');
  await upgrade({ config: { namespaces: { labels: true } } });
  expect(await can('list', 'namespaces')).toBe('yes');
  await upgrade({
    certificates: { mode: 'existingSecret', existingSecret: { name: 'mine', caBundle: 'x' } },
  });
  expect(await can('create', 'secrets')).toBe('no');
  expect(await can('patch', 'validatingwebhookconfigurations/multinode.headcount.dev')).toBe('no');
  await upgrade({ rbac: { create: false } });
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
  await install();
  const { documents } = await rendered(cluster, here({}));
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

  const running = await run();
  await becomes(422, 'gpu-capacity');
  await upgrade({ rbac: { create: false } });
  await until('its rights are gone', async () => {
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
  await becomes(422, 'gpu-capacity');
  await becomes(201, '', multiNode('fine'));
  expect((await fetch(`http://127.0.0.1:${ports.ops}/healthz`)).status).toBe(200);
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
