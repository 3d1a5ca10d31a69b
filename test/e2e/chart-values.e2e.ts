/**
 * Every value of the chart, switched once and looked at in the objects that the real API server made of what was
 * rendered, and whole sets of values, rendered twice and validated strictly. What the settings then do is in
 * chart.e2e.ts; a disruption budget, a spread or a network policy does nothing without controllers and nodes.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { values as listed } from '../../packaging/chart.ts';
import type { Loose } from '../rules/cases.ts';
import { crds } from './cluster/crds.ts';
import { TestCluster } from './cluster/cluster.ts';
import { NAMESPACE, onChart, rendered, runHelm } from './cluster/release.ts';
import { version } from './world.ts';

let cluster: TestCluster;
/** What was seen, as it goes along. */
const observed: string[] = [];
/** The rows of docs/chart-values.md, by the value. */
const table = new Map<string, string>();

beforeAll(async () => {
  cluster = await TestCluster.start(version());
  await cluster.must(['create', '-f', '-'], crds());
  await cluster.must(['apply', '-f', join(import.meta.dirname, 'cluster/optional-crds.yaml')]);
  for (const name of ['kserve', 'models', NAMESPACE]) await cluster.must(['create', 'namespace', name]);
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

const PAGE = join(import.meta.dirname, '../../docs/chart-values.md');

const SET_APART = 'the two webhooks are set apart: failure policy, selectors, conditions, time-out';
const MANAGER_TEST = "cert-manager's certificates: its injector's caBundle outlives an upgrade";
const SECRET_TEST = 'certificates of an existing Secret: the CA is the one that is given';
const RIGHTS = 'rights: what the values ask for, and no more';
const CONFIGURATION = 'the configuration: refused at the schema, in force without a restart';
const WITHOUT_PODS = 'the policies hold while no pod is up, and the webhooks let everything through';
const RESTRICTED = 'pods are admitted where Pod Security is restricted, and one that is less is not';
const RUNS = 'install, helm test, upgrade both ways, uninstall';
const WARNED = 'a single-node service on a multi-node runtime is warned of where that is turned on';
const NAMED = 'another name, and a CA of the clients';
/** What a setting does, where something here can act on it: the test that sees it done. */
const TESTED: Readonly<Record<string, string>> = {
  fullnameOverride: NAMED,
  config: CONFIGURATION,
  'logging.level': CONFIGURATION,
  'certificates.mode': MANAGER_TEST,
  'certificates.existingSecret.name': SECRET_TEST,
  'certificates.existingSecret.caBundle': SECRET_TEST,
  'clientCa.configMap': NAMED,
  'clientCa.key': NAMED,
  ...Object.fromEntries(
    ['mutating', 'validating'].flatMap((phase) =>
      ['failurePolicy', 'namespaceSelector', 'objectSelector', 'matchConditions'].map((key) => [
        `webhook.${phase}.${key}`,
        SET_APART,
      ]),
    ),
  ),
  'webhook.validating.warnNotMultiNode': WARNED,
  'policy.enabled': WITHOUT_PODS,
  'service.port': RUNS,
  'ports.webhook': RUNS,
  'ports.ops': RUNS,
  'serviceAccount.create': RUNS,
  'rbac.create': RIGHTS,
  'rbac.namespaces': RIGHTS,
  podSecurityContext: RESTRICTED,
  securityContext: RESTRICTED,
  podAnnotations: RUNS,
};

const PEM = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n';
const OTHER_PEM = PEM.replace('MIIB', 'MIIC');
const EXISTING = {
  certificates: { mode: 'existingSecret', existingSecret: { name: 'mine', caBundle: PEM } },
};
const MANAGER = { certificates: { mode: 'certManager' } };
const METRICS = {
  serviceMonitor: { enabled: true },
  prometheusRule: { enabled: true },
  dashboard: { enabled: true },
};

const SETS: Readonly<Record<string, object>> = {
  defaults: {},
  certManager: MANAGER,
  'certManager with an issuer': {
    certificates: {
      mode: 'certManager',
      certManager: { issuerRef: { name: 'ours', kind: 'ClusterIssuer', group: 'cert-manager.io' } },
    },
  },
  existingSecret: EXISTING,
  'high availability': {
    replicaCount: 3,
    priorityClassName: 'system-cluster-critical',
    podDisruptionBudget: { minAvailable: 2 },
    topologySpreadConstraints: [
      { maxSkew: 1, topologyKey: 'topology.kubernetes.io/zone', whenUnsatisfiable: 'DoNotSchedule' },
    ],
  },
  'everything on': {
    ...MANAGER,
    policy: { enabled: true },
    metrics: METRICS,
    networkPolicy: { enabled: true, metricsFrom: [{ namespaceSelector: {} }] },
    rbac: { namespaces: true },
    clientCa: { configMap: 'clients' },
    commonLabels: { team: 'ml' },
    config: {
      mutation: { mode: 'fill' },
      rules: { canary: 'warn', 'worker-container': 'off' },
      namespaces: { labels: true, exempt: ['kube-system'] },
    },
  },
  'everything off': {
    ...EXISTING,
    rbac: { create: false },
    serviceAccount: { create: false, name: 'given' },
    podDisruptionBudget: { enabled: false },
    topologySpreadConstraints: [],
    resources: {},
  },
  'minimal rights': EXISTING,
  'one replica that fails open': {
    replicaCount: 1,
    webhook: { mutating: { failurePolicy: 'Ignore' }, validating: { failurePolicy: 'Ignore' } },
  },
  'host network': { hostNetwork: true, ports: { webhook: 19443, ops: 18081 } },
};

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

/** The objects that were stored, by kind (and the end of the name). */
type Find = (kind: string, suffix?: string) => Loose;
/** What to set at the value's path, what else it takes, where it is seen, and as what. */
type Row = readonly [set: unknown, see: (find: Find) => unknown, as: unknown, also?: object];

const pod = (find: Find): Loose => find('Deployment').spec.template.spec;
const main = (find: Find): Loose => pod(find).containers[0];
const meta = (kind: string, suffix?: string) => (find: Find) => find(kind, suffix)?.metadata;
const webhooks = (kind: string) => (find: Find) => find(`${kind}WebhookConfiguration`).webhooks;
const judged = (kind: string) => (find: Find) => webhooks(kind)(find)[1];
const config = (find: Find): string => find('ConfigMap').data['config.yaml'];
const alerts = (find: Find): Loose => find('PrometheusRule').spec.groups[0].rules;
const SELECTOR = { matchLabels: { a: 'b' } };
const CONDITION = { name: 'mine', expression: 'true' };

function ofPhase(name: string, kind: string): Readonly<Record<string, Row>> {
  return {
    [`webhook.${name}.failurePolicy`]: ['Ignore', (find) => judged(kind)(find).failurePolicy, 'Ignore'],
    [`webhook.${name}.timeoutSeconds`]: [
      7,
      (find) => [judged(kind)(find).timeoutSeconds, main(find).args.includes('--webhook-timeout=7')],
      [7, true],
    ],
    [`webhook.${name}.namespaceSelector`]: [
      SELECTOR,
      (find) => judged(kind)(find).namespaceSelector,
      SELECTOR,
    ],
    [`webhook.${name}.objectSelector`]: [SELECTOR, (find) => judged(kind)(find).objectSelector, SELECTOR],
    [`webhook.${name}.matchConditions`]: [
      [CONDITION],
      (find) =>
        webhooks(kind)(find).every(({ matchConditions }: Loose) => matchConditions.at(-1).name === 'mine'),
      true,
    ],
    [`webhook.${name}.annotations`]: [
      { a: 'b' },
      (find) => meta(`${kind}WebhookConfiguration`)(find).annotations.a,
      'b',
    ],
  };
}

const DIGEST = `sha256:${'0'.repeat(64)}`;
const VOLUME = { name: 'more', emptyDir: {} };
const MOUNT = { name: 'more', mountPath: '/more' };
const SPREAD = { maxSkew: 2, topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule' };
const TOLERATION = { key: 'gpu', operator: 'Exists' };
const PEER = { podSelector: { matchLabels: { app: 'prometheus' } } };
const AFFINITY = {
  nodeAffinity: {
    requiredDuringSchedulingIgnoredDuringExecution: {
      nodeSelectorTerms: [{ matchExpressions: [{ key: 'a', operator: 'Exists' }] }],
    },
  },
};

const ROWS: Readonly<Record<string, Row>> = {
  replicaCount: [5, (find) => find('Deployment').spec.replicas, 5],
  'image.registry': [
    'r.example',
    (find) => main(find).image,
    expect.stringMatching(/^r\.example\/headcount-dev/),
  ],
  'image.repository': ['a/b', (find) => main(find).image, expect.stringMatching(/^ghcr\.io\/a\/b:/)],
  'image.tag': ['9.9', (find) => main(find).image, expect.stringMatching(/:9\.9$/)],
  'image.digest': [DIGEST, (find) => main(find).image, expect.stringMatching(/headcount@sha256:0{64}$/)],
  'image.pullPolicy': ['Always', (find) => main(find).imagePullPolicy, 'Always'],
  imagePullSecrets: [[{ name: 's' }], (find) => pod(find).imagePullSecrets, [{ name: 's' }]],
  nameOverride: ['other', (find) => find('Deployment').metadata.labels['app.kubernetes.io/name'], 'other'],
  fullnameOverride: ['other', (find) => find('Deployment').metadata.name, 'other'],
  commonLabels: [{ team: 'ml' }, (find) => find('Service').metadata.labels.team, 'ml'],
  config: [{ denyAt: 'validate' }, config, expect.stringContaining('denyAt: validate')],
  'logging.level': ['warn', config, expect.stringContaining('level: warn')],
  kserveNamespace: [
    'models',
    (find) => main(find).args,
    expect.arrayContaining(['--kserve-namespace=models']),
  ],
  'certificates.mode': ['certManager', (find) => find('Certificate').spec.issuerRef.name, 'headcount'],
  'certificates.certManager.issuerRef': [
    { name: 'ours' },
    (find) => find('Certificate').spec.issuerRef,
    { name: 'ours' },
    MANAGER,
  ],
  'certificates.certManager.duration': ['48h', (find) => find('Certificate').spec.duration, '48h', MANAGER],
  'certificates.certManager.renewBefore': [
    '9h',
    (find) => find('Certificate').spec.renewBefore,
    '9h',
    MANAGER,
  ],
  'certificates.existingSecret.name': [
    'yours',
    (find) => pod(find).volumes[1].secret.secretName,
    'yours',
    EXISTING,
  ],
  'certificates.existingSecret.caBundle': [
    OTHER_PEM,
    (find) => atob(judged('Mutating')(find).clientConfig.caBundle),
    OTHER_PEM,
    EXISTING,
  ],
  'clientCa.configMap': [
    'clients',
    (find) => main(find).args,
    expect.arrayContaining(['--client-ca=/etc/headcount/client-ca/ca.crt']),
  ],
  'clientCa.key': [
    'x.pem',
    (find) => main(find).args,
    expect.arrayContaining(['--client-ca=/etc/headcount/client-ca/x.pem']),
    { clientCa: { configMap: 'clients' } },
  ],
  ...ofPhase('mutating', 'Mutating'),
  ...ofPhase('validating', 'Validating'),
  'webhook.validating.runtimesFailurePolicy': [
    'Fail',
    (find) => webhooks('Validating')(find)[2].failurePolicy,
    'Fail',
  ],
  'webhook.validating.warnNotMultiNode': [
    true,
    (find) => webhooks('Validating')(find)[3].name,
    'not-multi-node.multinode.headcount.dev',
  ],
  'policy.enabled': [
    true,
    (find) => find('ValidatingAdmissionPolicyBinding').spec.policyName,
    'multinode.headcount.dev',
  ],
  'policy.validationActions': [
    ['Audit'],
    (find) => find('ValidatingAdmissionPolicyBinding').spec.validationActions,
    ['Audit'],
    { policy: { enabled: true } },
  ],
  'service.port': [
    8443,
    (find) => [find('Service').spec.ports[0].port, judged('Mutating')(find).clientConfig.service.port],
    [8443, 8443],
  ],
  'service.annotations': [{ a: 'b' }, (find) => find('Service').metadata.annotations.a, 'b'],
  'ports.webhook': [
    19443,
    (find) => [main(find).args.includes('--port=19443'), main(find).ports[0].containerPort],
    [true, 19443],
  ],
  'ports.ops': [
    18081,
    (find) => [main(find).args.includes('--ops-port=18081'), main(find).ports[1].containerPort],
    [true, 18081],
  ],
  hostNetwork: [
    true,
    (find) => [pod(find).hostNetwork, pod(find).dnsPolicy],
    [true, 'ClusterFirstWithHostNet'],
  ],
  dnsPolicy: ['Default', (find) => pod(find).dnsPolicy, 'Default'],
  'serviceAccount.create': [
    false,
    (find) => [find('ServiceAccount', 'headcount'), pod(find).serviceAccountName],
    [undefined, 'default'],
  ],
  'serviceAccount.name': [
    'mine',
    (find) => [find('ServiceAccount').metadata.name, find('ClusterRoleBinding').subjects[0].name],
    ['mine', 'mine'],
  ],
  'serviceAccount.annotations': [{ a: 'b' }, (find) => find('ServiceAccount').metadata.annotations.a, 'b'],
  'serviceAccount.automount': [false, (find) => pod(find).automountServiceAccountToken, false],
  'rbac.create': [
    false,
    (find) => [find('ClusterRole'), find('RoleBinding', 'headcount')],
    [undefined, undefined],
  ],
  'rbac.namespaces': [true, (find) => find('ClusterRole').rules.at(-1).resources, ['namespaces']],
  resources: [{ limits: { memory: '1Gi' } }, (find) => main(find).resources.limits.memory, '1Gi'],
  heapPercentage: [40, (find) => main(find).env[0].value, '--max-old-space-size-percentage=40'],
  podSecurityContext: [{ runAsUser: 1234 }, (find) => pod(find).securityContext.runAsUser, 1234],
  securityContext: [{ privileged: false }, (find) => main(find).securityContext.privileged, false],
  podAnnotations: [{ a: 'b' }, (find) => find('Deployment').spec.template.metadata.annotations, { a: 'b' }],
  podLabels: [{ a: 'b' }, (find) => find('Deployment').spec.template.metadata.labels.a, 'b'],
  nodeSelector: [{ a: 'b' }, (find) => pod(find).nodeSelector, { a: 'b' }],
  tolerations: [[TOLERATION], (find) => pod(find).tolerations, [TOLERATION]],
  affinity: [AFFINITY, (find) => pod(find).affinity, AFFINITY],
  topologySpreadConstraints: [
    [SPREAD],
    (find) => pod(find).topologySpreadConstraints,
    [expect.objectContaining({ ...SPREAD, labelSelector: expect.anything() })],
  ],
  priorityClassName: [
    'system-cluster-critical',
    (find) => pod(find).priorityClassName,
    'system-cluster-critical',
  ],
  updateStrategy: [
    { rollingUpdate: { maxUnavailable: 1 } },
    (find) => find('Deployment').spec.strategy.rollingUpdate.maxUnavailable,
    1,
  ],
  terminationGracePeriodSeconds: [45, (find) => pod(find).terminationGracePeriodSeconds, 45],
  'podDisruptionBudget.enabled': [false, (find) => find('PodDisruptionBudget'), undefined],
  'podDisruptionBudget.minAvailable': [
    '60%',
    (find) => find('PodDisruptionBudget').spec,
    expect.objectContaining({ minAvailable: '60%' }),
  ],
  'podDisruptionBudget.maxUnavailable': [2, (find) => find('PodDisruptionBudget').spec.maxUnavailable, 2],
  extraArgs: [['--dns-name=a.example'], (find) => main(find).args.at(-1), '--dns-name=a.example'],
  extraEnv: [[{ name: 'A', value: 'b' }], (find) => main(find).env.at(-1), { name: 'A', value: 'b' }],
  extraVolumes: [[VOLUME], (find) => pod(find).volumes.at(-1), VOLUME],
  extraVolumeMounts: [[MOUNT], (find) => main(find).volumeMounts.at(-1), MOUNT, { extraVolumes: [VOLUME] }],
  'networkPolicy.enabled': [true, (find) => find('NetworkPolicy').spec.ingress[0].ports[0].port, 9443],
  'networkPolicy.metricsFrom': [
    [PEER],
    (find) => find('NetworkPolicy').spec.ingress[1].from,
    [PEER],
    { networkPolicy: { enabled: true } },
  ],
  'networkPolicy.apiServerPorts': [
    [16443],
    (find) => find('NetworkPolicy').spec.egress[1].ports,
    [{ port: 16443, protocol: 'TCP' }],
    { networkPolicy: { enabled: true } },
  ],
  'metrics.serviceMonitor.enabled': [
    true,
    (find) => find('ServiceMonitor').spec.endpoints[0].port,
    'metrics',
  ],
  'metrics.serviceMonitor.interval': [
    '5s',
    (find) => find('ServiceMonitor').spec.endpoints[0].interval,
    '5s',
    { metrics: METRICS },
  ],
  'metrics.serviceMonitor.labels': [
    { a: 'b' },
    (find) => find('ServiceMonitor').metadata.labels.a,
    'b',
    { metrics: METRICS },
  ],
  'metrics.prometheusRule.enabled': [true, (find) => alerts(find).length, 10],
  'metrics.prometheusRule.labels': [
    { a: 'b' },
    (find) => find('PrometheusRule').metadata.labels.a,
    'b',
    { metrics: METRICS },
  ],
  'metrics.prometheusRule.refusalsPerMinute': [
    42,
    (find) => alerts(find).find(({ alert }: Loose) => alert === 'HeadcountRefusalSpike').expr,
    expect.stringMatching(/> 42$/),
    { metrics: METRICS },
  ],
  'metrics.dashboard.enabled': [
    true,
    (find) => JSON.parse(find('ConfigMap', '-dashboard').data['headcount.json']).title,
    'headcount',
  ],
  'metrics.dashboard.labels': [
    { a: 'b' },
    (find) => find('ConfigMap', '-dashboard').metadata.labels.a,
    'b',
    { metrics: METRICS },
  ],
  'metrics.dashboard.annotations': [
    { a: 'b' },
    (find) => find('ConfigMap', '-dashboard').metadata.annotations.a,
    'b',
    { metrics: METRICS },
  ],
};

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
    const where = see
      .toString()
      .replace(/^\(find\)\s*=>\s*/, '')
      .replaceAll(/\s+/g, ' ')
      .replaceAll('webhooks(kind)', `webhooks('${name.includes('mutating') ? 'Mutating' : 'Validating'}')`);
    const cells = [name, shown(set), where, shown(see(find) ?? 'none')].map(
      (cell) => `\`${cell.replaceAll('|', '\\|')}\``,
    );
    table.set(name, `| ${[...cells, TESTED[name] ?? ''].join(' | ')} |`);
  });
});

/** A value in a cell of the table. */
function shown(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length > 90 ? `${text.slice(0, 87)}...` : text;
}

test('docs/chart-values.md is what was observed (HEADCOUNT_UPDATE=1 writes it)', () => {
  const page = readFileSync(PAGE, 'utf8');
  const lines = [
    '| value | set to | looked at | seen | what it then does, in `chart.e2e.ts` |',
    '|---|---|---|---|---|',
  ];
  const made = `${[...lines, ...listed().map(({ path }) => table.get(path.join('.')) ?? `${path.join('.')} was not observed`)].join('\n')}\n`;
  const now = page.replace(
    /(<!-- values -->\n)[^]*(<!-- \/values -->)/,
    (_all, open: string, close: string) => `${open}${made}${close}`,
  );
  if (process.env['HEADCOUNT_UPDATE'] === '1') writeFileSync(PAGE, now);
  else expect(page).toBe(now);
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
