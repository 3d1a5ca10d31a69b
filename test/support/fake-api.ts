/**
 * The parts of an API server that headcount reads, over TLS, with faults for each kind of read. Tests combine every
 * fault with every rule that reads; bringing a real API server into each of these states would take minutes.
 */
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { issueForLocalhost } from '../../src/certs/localhost.ts';
import type { Loose } from '../rules/cases.ts';

/** The time-out last: one list is shared by all who ask, also by those of the next fault. */
export const FAULTS = ['403', '404', '429', '500', 'reset', 'bad JSON', 'time-out'] as const;
export type Fault = (typeof FAULTS)[number];

/** What is read: one runtime, lists of runtimes, claims, labels of namespaces, KServe's ConfigMap, services, nodes. */
export type Read = 'runtime' | 'runtimes' | 'claim' | 'namespace' | 'config' | 'services' | 'nodes';

const READS: readonly (readonly [Read, RegExp])[] = [
  ['runtime', /servingruntimes\/[^/?]+$/],
  ['runtimes', /servingruntimes(\?|$)/],
  ['claim', /persistentvolumeclaims/],
  ['namespace', /^\/api\/v1\/namespaces(\/[^/]+)?(\?|$)/],
  ['config', /configmaps/],
  ['services', /inferenceservices/],
  ['nodes', /^\/api\/v1\/nodes/],
];

export class FakeApi {
  /** A kubeconfig, as JSON. */
  readonly kubeconfig: string;
  /** What it has been asked, in order. */
  readonly seen: string[] = [];
  /** What goes wrong; nothing else does. */
  faults: Partial<Record<Read, Fault>> = {};
  /** Milliseconds that an answer takes. */
  delays: Partial<Record<Read, number>> = {};
  readonly #server: Server;
  readonly #objects: readonly Loose[];

  /** @param objects all that there is, of the kinds that headcount reads */
  static async start(objects: readonly Loose[]): Promise<FakeApi> {
    const { cert, key } = await issueForLocalhost(Date.now());
    const server = createServer({ cert, key }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new FakeApi(server, cert, objects);
  }

  private constructor(server: Server, cert: string, objects: readonly Loose[]) {
    this.#server = server;
    this.#objects = objects;
    const { port } = server.address() as AddressInfo;
    const ca = Buffer.from(cert).toString('base64');
    this.kubeconfig = JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': 'test',
      contexts: [{ name: 'test', context: { cluster: 'test', user: 'test' } }],
      clusters: [
        { name: 'test', cluster: { server: `https://127.0.0.1:${port}`, 'certificate-authority-data': ca } },
      ],
      users: [{ name: 'test', user: { token: 'none' } }],
    });
    server.on('request', (incoming, answer) => this.#answer(incoming, answer));
  }

  stop(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  #answer(incoming: IncomingMessage, answer: ServerResponse): void {
    const url = incoming.url ?? '';
    this.seen.push(url);
    const read = READS.find(([, path]) => path.test(url))?.[0];
    const fault = read === undefined ? undefined : this.faults[read];
    answer.setHeader('content-type', 'application/json');
    if (fault !== undefined) return fail(fault, incoming, answer);
    // A quiet watch: nothing ever changes.
    if (url.includes('watch=true')) return answer.flushHeaders();
    const found = this.#read(new URL(url, 'https://localhost'));
    answer.statusCode = found === null ? 404 : 200;
    const delay = read === undefined ? undefined : this.delays[read];
    setTimeout(() => answer.end(JSON.stringify(found ?? status(404))), delay);
  }

  #read({ pathname, searchParams }: URL): Loose {
    const parts = pathname.split('/').slice(pathname.startsWith('/apis/') ? 4 : 3);
    const namespace = parts[0] === 'namespaces' && parts.length > 2 ? parts[1] : undefined;
    const [plural = '', name] = namespace === undefined ? parts : parts.slice(2);
    const wanted = name ?? /metadata\.name=(.+)/.exec(searchParams.get('fieldSelector') ?? '')?.[1];
    const items = this.#objects.filter(
      ({ kind, metadata }) =>
        `${kind.toLowerCase()}s` === plural &&
        (namespace === undefined || metadata.namespace === namespace) &&
        (wanted === undefined || metadata.name === wanted),
    );
    if (name !== undefined) return items[0] ?? null;
    const kind = `${items[0]?.kind ?? ''}List`;
    const from = Number(searchParams.get('continue') ?? 0);
    const end = from + Number(searchParams.get('limit') ?? items.length);
    const metadata = { resourceVersion: '1', ...(end < items.length && { continue: String(end) }) };
    return { kind, apiVersion: items[0]?.apiVersion ?? 'v1', metadata, items: items.slice(from, end) };
  }
}

function fail(fault: Fault, incoming: IncomingMessage, answer: ServerResponse): void {
  switch (fault) {
    case 'time-out':
      return;
    case 'reset':
      incoming.socket.destroy();
      return;
    case 'bad JSON':
      answer.end('{"kind":');
      return;
    case '403':
    case '404':
    case '429':
    case '500':
      answer.statusCode = Number(fault);
      answer.end(JSON.stringify(status(Number(fault))));
  }
}

/** A message that names our rights, which must not reach a user. */
function status(code: number): Loose {
  const message = 'User "system:serviceaccount:headcount-system:headcount" cannot do this';
  return { kind: 'Status', apiVersion: 'v1', status: 'Failure', code, message };
}
