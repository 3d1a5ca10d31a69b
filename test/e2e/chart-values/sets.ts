/** Sets of values as people install the chart with. */
export const PEM = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n';
export const EXISTING = {
  certificates: { mode: 'existingSecret', existingSecret: { name: 'mine', caBundle: PEM } },
};
export const MANAGER = { certificates: { mode: 'certManager' } };
export const METRICS = {
  serviceMonitor: { enabled: true },
  prometheusRule: { enabled: true },
  dashboard: { enabled: true },
};

/** By what the set is for. */
export const SETS: Readonly<Record<string, object>> = {
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
    audit: { enabled: true },
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
