/** How `headcount serve` is called. */
import { Option } from 'commander';
import type { Entry } from '../shared/command.ts';
import {
  CATALOG,
  commandWith,
  CONFIG,
  CONNECTION,
  namespace,
  Repeatable,
  KSERVE_VERSION,
} from '../shared/options.ts';

const DETAILS = `
HTTPS: POST /mutate and /validate. Plain HTTP: /healthz, /readyz and /metrics. Runtimes, claims and KServe's
ConfigMap are read from the cluster that the pod runs in, or that of the kubeconfig. Without --cert-dir the
replicas issue their certificates themselves, share them through the Secret <service>-certificates, and write
the CA into the webhook configurations multinode.headcount.dev. With --offline the manifests of --catalog
stand for the cluster, and without --cert-dir a certificate for localhost is made in memory. SIGTERM and
SIGINT end it.`;

export const serve: Entry = {
  command: () =>
    commandWith('serve', 'run the admission webhook', [
      new Option('--host <ADDRESS>', 'address to listen on'),
      new Option('--port <PORT>', 'HTTPS port (9443; 0 takes a free one)'),
      new Option('--ops-port <PORT>', 'port of health and metrics (8081; 0 takes a free one)'),
      new Option(
        '--webhook-timeout <SECONDS>',
        'timeoutSeconds of the webhook configurations, of which answers take all but two (5)',
      ),
      new Option('--cert-dir <DIR>', 'directory with tls.crt and tls.key, read again when they change'),
      new Option('--client-ca <FILE>', 'hear only clients with a certificate of this CA'),
      new Option('--service <NAME>', 'Service that the API server calls (headcount)'),
      namespace("namespace of that Service; the pod's own without it"),
      new Repeatable('--dns-name <NAME>', 'further name to be called by'),
      new Option('--offline', 'run without a cluster'),
      CATALOG,
      ...CONNECTION,
      CONFIG,
      KSERVE_VERSION,
    ]).addHelpText('after', DETAILS),
  load: async () => (await import('./serve.ts')).serve,
};
