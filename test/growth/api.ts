/**
 * As much of an API server as the server under test reads: two lists of runtimes, in pages, and watches through which
 * a runtime comes and goes while it runs.
 */
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { issueForLocalhost } from '../../src/certs/localhost.ts';
import { minimalRuntime, type Loose } from '../rules/cases.ts';

const PLURALS = {
  ServingRuntime: 'servingruntimes',
  ClusterServingRuntime: 'clusterservingruntimes',
} as const;
type RuntimeKind = keyof typeof PLURALS;

export class GrowthApi {
  /** A kubeconfig, as JSON. */
  readonly kubeconfig: string;
  readonly #server: Server;
  readonly #watches = new Set<{ readonly plural: string; readonly answer: ServerResponse }>();
  readonly #runtimes = new Map<string, Loose>();
  #version = 1;

  static async start(runtimes: readonly Loose[] = []): Promise<GrowthApi> {
    const { cert, key } = await issueForLocalhost(Date.now());
    const server = createServer({ cert, key }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new GrowthApi(server, cert, [minimalRuntime(), ...runtimes]);
  }

  private constructor(server: Server, cert: string, runtimes: readonly Loose[]) {
    this.#server = server;
    for (const runtime of runtimes) this.#runtimes.set(runtime.metadata.name, runtime);
    const cluster = {
      server: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
      'certificate-authority-data': Buffer.from(cert).toString('base64'),
    };
    this.kubeconfig = JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': 'test',
      contexts: [{ name: 'test', context: { cluster: 'test', user: 'test' } }],
      clusters: [{ name: 'test', cluster }],
      users: [{ name: 'test', user: { token: 'none' } }],
    });
    server.on('request', (incoming, answer) => this.#answer(incoming, answer));
  }

  add(runtime: Loose): void {
    this.#runtimes.set(runtime.metadata.name, runtime);
    this.#tell('ADDED', runtime);
  }

  remove(runtime: Loose): void {
    this.#runtimes.delete(runtime.metadata.name);
    // The name is all that a deletion is read for.
    this.#tell('DELETED', { ...runtime, spec: {} });
  }

  stop(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  #tell(type: string, runtime: Loose): void {
    const metadata = { ...runtime.metadata, resourceVersion: String((this.#version += 1)) };
    const plural = PLURALS[runtime.kind as RuntimeKind];
    for (const { answer } of [...this.#watches].filter((watch) => watch.plural === plural)) {
      answer.write(`${JSON.stringify({ type, object: { ...runtime, metadata } })}\n`);
    }
  }

  #answer(incoming: IncomingMessage, answer: ServerResponse): void {
    const { pathname, searchParams } = new URL(incoming.url ?? '/', 'https://localhost');
    answer.setHeader('content-type', 'application/json');
    const [, plural = '', name] = /\/(\w*servingruntimes)(?:\/(.+))?$/.exec(pathname) ?? [];
    if (searchParams.has('watch')) {
      const watch = { plural, answer };
      this.#watches.add(watch);
      answer.once('close', () => this.#watches.delete(watch));
      return answer.flushHeaders();
    }
    if (plural !== '' && name === undefined) {
      const [from, limit] = ['continue', 'limit'].map((key) => Number(searchParams.get(key) ?? 0));
      Readable.from(this.#list(plural, from ?? 0, limit || 500)).pipe(answer);
      return;
    }
    const found = pathname.includes('/persistentvolumeclaims/')
      ? { metadata: { name: 'models' }, spec: { accessModes: ['ReadWriteMany'] }, status: { phase: 'Bound' } }
      : this.#ofKind(plural).find(({ metadata }) => metadata.name === name);
    answer.statusCode = found === undefined ? 404 : 200;
    answer.end(
      JSON.stringify(found ?? { kind: 'Status', status: 'Failure', code: 404, message: 'not found' }),
    );
  }

  #ofKind(plural: string): readonly Loose[] {
    return [...this.#runtimes.values()].filter(({ kind }) => PLURALS[kind as RuntimeKind] === plural);
  }

  /** In pieces: a page may be longer than a string can be. */
  *#list(plural: string, from: number, limit: number): Iterable<string> {
    const all = this.#ofKind(plural);
    const more = from + limit < all.length ? { continue: String(from + limit) } : {};
    const metadata = JSON.stringify({ resourceVersion: String(this.#version), ...more });
    yield `{"kind":"List","apiVersion":"serving.kserve.io/v1alpha1","metadata":${metadata},"items":[`;
    for (const [index, runtime] of all.slice(from, from + limit).entries()) {
      yield `${index === 0 ? '' : ','}${JSON.stringify(runtime)}`;
    }
    yield ']}';
  }
}
