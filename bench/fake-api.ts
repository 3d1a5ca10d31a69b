/**
 * The parts of an API server that headcount reads, with any number of runtimes. The benchmark uses it because a real API
 * server would take processor time of its own.
 */
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { issueForLocalhost } from '../src/certs/localhost.ts';
import type { Loose } from '../test/rules/cases.ts';

export interface FakeApi {
  /** A kubeconfig, as JSON. */
  readonly kubeconfig: string;
  readonly stop: () => void;
}

/**
 * @param named the runtimes that the measured services name
 * @param others how many more there are, like the last of them, under other names
 */
export async function startFakeApi(named: readonly Loose[], others: number): Promise<FakeApi> {
  const { cert, key } = await issueForLocalhost(Date.now());
  const server = createServer({ cert, key }, (incoming, answer) => answerTo(incoming, answer, named, others));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const ca = Buffer.from(cert).toString('base64');
  return {
    kubeconfig: JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': 'bench',
      contexts: [{ name: 'bench', context: { cluster: 'bench', user: 'bench' } }],
      clusters: [{ name: 'bench', cluster: { server: address, 'certificate-authority-data': ca } }],
      users: [{ name: 'bench', user: { token: 'none' } }],
    }),
    stop() {
      server.closeAllConnections();
      server.close();
    },
  };
}

function answerTo(
  incoming: IncomingMessage,
  answer: ServerResponse,
  named: readonly Loose[],
  others: number,
): void {
  const url = new URL(incoming.url ?? '/', 'https://localhost');
  answer.setHeader('content-type', 'application/json');
  // A quiet watch: nothing ever changes.
  if (url.searchParams.has('watch')) return answer.flushHeaders();
  if (url.pathname.includes('/persistentvolumeclaims/')) {
    const spec = { accessModes: ['ReadWriteMany'] };
    return void answer.end(
      JSON.stringify({ metadata: { name: 'models' }, spec, status: { phase: 'Bound' } }),
    );
  }
  const kind = url.pathname.endsWith('/clusterservingruntimes') ? 'ClusterServingRuntime' : 'ServingRuntime';
  const all = named.filter((runtime) => runtime.kind === kind);
  const [like] = all.slice(-1);
  const total = like === undefined ? 0 : all.length + (kind === 'ClusterServingRuntime' ? others : 0);
  const from = Number(url.searchParams.get('continue') ?? 0);
  const limit = Number(url.searchParams.get('limit') ?? total);
  const count = Math.max(0, Math.min(limit, total - from));
  const items = Array.from(
    { length: count },
    (_, index) =>
      all[from + index] ?? { ...like, metadata: { ...like.metadata, name: `other-${from + index}` } },
  );
  const next = from + count < total ? { continue: String(from + count) } : {};
  answer.end(
    JSON.stringify({
      apiVersion: 'serving.kserve.io/v1alpha1',
      kind: `${kind}List`,
      metadata: { resourceVersion: '1', ...next },
      items,
    }),
  );
}
