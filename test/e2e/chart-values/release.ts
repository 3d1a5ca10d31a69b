/** Values of the whole release: its names, its configuration, its certificates. */
import { expect } from '@jest/globals';
import { judged } from './webhooks.ts';
import { main, pod, type Find, type Rows } from './look.ts';
import { EXISTING, MANAGER, PEM } from './sets.ts';

const OTHER_PEM = PEM.replace('MIIB', 'MIIC');
const config = (find: Find): string => find('ConfigMap').data['config.yaml'];

/** The rows of these values. */
export const RELEASE: Rows = {
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
};
