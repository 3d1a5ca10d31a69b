/** Values of the pods: their image, their process, where they run. */
import { expect } from '@jest/globals';
import { main, pod, type Rows } from './look.ts';

const DIGEST = `sha256:${'0'.repeat(64)}`;
const VOLUME = { name: 'more', emptyDir: {} };
const MOUNT = { name: 'more', mountPath: '/more' };
const SPREAD = { maxSkew: 2, topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule' };
const TOLERATION = { key: 'gpu', operator: 'Exists' };
const AFFINITY = {
  nodeAffinity: {
    requiredDuringSchedulingIgnoredDuringExecution: {
      nodeSelectorTerms: [{ matchExpressions: [{ key: 'a', operator: 'Exists' }] }],
    },
  },
};

/** The rows of these values. */
export const PODS: Rows = {
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
  extraArgs: [['--dns-name=a.example'], (find) => main(find).args.at(-1), '--dns-name=a.example'],
  extraEnv: [[{ name: 'A', value: 'b' }], (find) => main(find).env.at(-1), { name: 'A', value: 'b' }],
  extraVolumes: [[VOLUME], (find) => pod(find).volumes.at(-1), VOLUME],
  extraVolumeMounts: [[MOUNT], (find) => main(find).volumeMounts.at(-1), MOUNT, { extraVolumes: [VOLUME] }],
};
