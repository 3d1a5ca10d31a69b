/** Values of what stands around the pods: rights, disruption, network, metrics. */
import { expect } from '@jest/globals';
import type { Loose } from '../../rules/cases.ts';
import { pod, type Find, type Rows } from './look.ts';
import { METRICS } from './sets.ts';

const PEER = { podSelector: { matchLabels: { app: 'prometheus' } } };
const AUDIT = { audit: { enabled: true } };
const auditor = (find: Find): Loose => find('CronJob').spec.jobTemplate.spec.template.spec.containers[0];
const alerts = (find: Find): Loose => find('PrometheusRule').spec.groups[0].rules;

/** The rows of these values. */
export const SURROUNDINGS: Rows = {
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
  'podDisruptionBudget.enabled': [false, (find) => find('PodDisruptionBudget'), undefined],
  'podDisruptionBudget.minAvailable': [
    '60%',
    (find) => find('PodDisruptionBudget').spec,
    expect.objectContaining({ minAvailable: '60%' }),
  ],
  'podDisruptionBudget.maxUnavailable': [2, (find) => find('PodDisruptionBudget').spec.maxUnavailable, 2],
  'audit.enabled': [true, (find) => find('CronJob').spec.schedule, '23 * * * *'],
  'audit.schedule': ['5 4 * * *', (find) => find('CronJob').spec.schedule, '5 4 * * *', AUDIT],
  'audit.reports': [
    'policyreport-wgpolicyk8s',
    (find) => [auditor(find).args[1], find('ClusterRole', '-audit').rules.at(-1).apiGroups],
    ['--write=policyreport-wgpolicyk8s', ['wgpolicyk8s.io']],
    AUDIT,
  ],
  'audit.resources': [
    { limits: { memory: '2Gi' } },
    (find) => auditor(find).resources.limits.memory,
    '2Gi',
    AUDIT,
  ],
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
  'metrics.prometheusRule.enabled': [true, (find) => alerts(find).length, 12],
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
