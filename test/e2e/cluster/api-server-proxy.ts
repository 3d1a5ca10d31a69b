/**
 * A proxy between headcount and the API server. It passes requests on, or answers as a failing API server, load balancer
 * or network would. It counts the requests.
 */
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, request, type Server } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { join } from 'node:path';
import { issueForLocalhost } from '../../../src/certs/localhost.ts';
import type { Endpoint, TestCluster } from './cluster.ts';

export type Mode =
  | 'pass'
  /** The version is too old: every watch. */
  | 'gone'
  | 'too-many'
  | 'error'
  | 'forbidden'
  | 'no-json'
  /** Connections are closed as soon as something comes. */
  | 'reset'
  /** Nothing is answered, and nothing more comes on connections that are open. */
  | 'black-hole';

export class Proxy {
  /** When each request came (ms), and its path. */
  readonly seen: { readonly at: number; readonly path: string }[] = [];
  readonly endpoint: Endpoint;
  #mode: Mode = 'pass';
  readonly #cluster: TestCluster;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #streams = new Set<IncomingMessage>();

  static async start(cluster: TestCluster): Promise<Proxy> {
    const { cert, key } = await issueForLocalhost(Date.now());
    const server = createServer({ cert, key }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const caFile = join(cluster.directory, `proxy-${(server.address() as AddressInfo).port}.crt`);
    writeFileSync(caFile, cert);
    return new Proxy(cluster, server, caFile);
  }

  private constructor(cluster: TestCluster, server: Server, caFile: string) {
    this.#cluster = cluster;
    this.#server = server;
    const { port } = server.address() as AddressInfo;
    this.endpoint = { server: `https://127.0.0.1:${port}`, caFile };
    server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
      socket.on('error', () => {});
      // A black hole takes no new connections either; here they are taken and left alone.
      if (this.#mode === 'black-hole') socket.pause();
    });
    server.on('request', (incoming, answer) => this.#handle(incoming, answer));
  }

  get mode(): Mode {
    return this.#mode;
  }

  set mode(mode: Mode) {
    const before = this.#mode;
    this.#mode = mode;
    if (mode === 'pass' && before === 'black-hole') {
      // What was lost stays lost: the other side has to find that out.
      for (const socket of this.#sockets) socket.resume();
      return;
    }
    for (const stream of this.#streams) {
      if (mode === 'black-hole') stream.pause();
      else stream.destroy();
    }
    if (mode === 'reset') for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  /** @returns requests whose path matches, since a time (ms) */
  count(path: RegExp, since = 0): number {
    return this.seen.filter((asked) => asked.at >= since && path.test(asked.path)).length;
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #handle(incoming: IncomingMessage, answer: ServerResponse): void {
    const path = incoming.url ?? '';
    this.seen.push({ at: Date.now(), path });
    answer.on('error', () => {});
    const refuse = (code: number, reason: string, headers: Record<string, string> = {}): void => {
      answer.writeHead(code, { 'content-type': 'application/json', ...headers });
      answer.end(
        JSON.stringify({ kind: 'Status', apiVersion: 'v1', code, reason, message: `${reason} by proxy` }),
      );
    };
    switch (this.#mode) {
      case 'pass':
        return this.#pass(incoming, answer);
      case 'gone':
        return path.includes('watch=true') ? refuse(410, 'Expired') : this.#pass(incoming, answer);
      case 'too-many':
        return refuse(429, 'TooManyRequests', { 'retry-after': '1' });
      case 'error':
        return refuse(500, 'InternalError');
      case 'forbidden':
        return refuse(403, 'Forbidden');
      case 'no-json':
        answer.writeHead(200, { 'content-type': 'text/html' });
        answer.end('<html>maintenance</html>');
        return;
      case 'reset':
        incoming.socket.destroy();
        return;
      case 'black-hole':
    }
  }

  #pass(incoming: IncomingMessage, answer: ServerResponse): void {
    const { method, headers, url } = incoming;
    const outgoing = request(
      `${this.#cluster.server}${url}`,
      { method, headers: { ...headers, host: '127.0.0.1' }, rejectUnauthorized: false },
      (response) => {
        this.#streams.add(response);
        answer.writeHead(response.statusCode ?? 502, response.headers);
        answer.flushHeaders();
        response.on('close', () => {
          this.#streams.delete(response);
          if (!response.complete) answer.destroy();
        });
        response.pipe(answer);
        answer.on('close', () => response.destroy());
      },
    );
    outgoing.on('error', () => answer.destroy());
    incoming.pipe(outgoing);
  }
}
