/**
 * headcount with certificates that live for seconds, so that a test sees them replaced; everything else is as
 * in `headcount serve`. Arguments: kubeconfig, port, port of operations, and by how much everything is quicker
 * than a leaf of 20 s and a CA of 45 s.
 */
import { selfManagedCertificate } from '../../../src/certs/self-managed.ts';
import { CachedCluster } from '../../../src/cluster/cached.ts';
import { certificateStore, trustStore } from '../../../src/cluster/certificates.ts';
import { connect } from '../../../src/cluster/kube.ts';
import { DEFAULTS } from '../../../src/config/config.ts';
import { serve } from '../../../src/server/serve.ts';

const SECOND = 1_000;
const [kubeconfig = '', port, opsPort, quicker = '1'] = process.argv.slice(2);
const second = SECOND / Number(quicker);
const api = connect({ kubeconfig });
const cluster = new CachedCluster({ api, kserveNamespace: 'kserve', namespaces: false });
const place = { namespace: 'headcount-system', name: 'headcount-certificates', service: 'headcount' };
process.exitCode = await serve(
  {
    cluster,
    cache: cluster,
    config: () => DEFAULTS,
    version: 'test',
    host: '127.0.0.1',
    port: Number(port),
    opsPort: Number(opsPort),
    offline: false,
    certificates: (onEvent) =>
      selfManagedCertificate({
        store: certificateStore(api, place),
        trustStore: trustStore(api),
        names: ['localhost'],
        lifetimes: { leaf: 20 * second, ca: 45 * second },
        pace: { interval: second, settle: 3 * second, overlap: 6 * second },
        onEvent,
      }),
  },
  process,
);
