/**
 * headcount with certificates that live for seconds, so that a test sees them replaced; everything else is as
 * in `headcount serve`. Arguments: kubeconfig, port, port of operations.
 */
import { selfManagedCertificate } from '../../src/certs/self-managed.ts';
import { CachedCluster } from '../../src/cluster/cached.ts';
import { certificateStore, trustStore } from '../../src/cluster/certificates.ts';
import { connect } from '../../src/cluster/kube.ts';
import { DEFAULTS } from '../../src/config.ts';
import { serve } from '../../src/serve.ts';

const SECOND = 1_000;
const [kubeconfig = '', port, opsPort] = process.argv.slice(2);
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
        lifetimes: { leaf: 20 * SECOND, ca: 45 * SECOND },
        pace: { interval: SECOND, settle: 3 * SECOND, overlap: 6 * SECOND },
        onEvent,
      }),
  },
  process,
);
