/**
 * Connections: how many there may be, and which are closed when.
 *
 * The client of an API server keeps connections on which it has asked nothing yet: while one is being made for a request,
 * another becomes free and serves it. Node closes such a connection after `headersTimeout`, with an answer 408 that the
 * next request may take for its own. Here it may wait as long as one between two requests.
 */
import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { nextTurn } from './load.ts';

const STATUS: Readonly<Record<string, string>> = {
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
};

export class Connections {
  readonly #idleTime: number;
  /** Those on which nothing was asked for `headersTimeout` after they were made. */
  readonly #unasked = new Set<Socket>();
  #open = 0;
  #soft = Number.POSITIVE_INFINITY;
  #ending = false;

  /** @param idleTime milliseconds that a connection may wait for a request */
  constructor(idleTime: number) {
    this.#idleTime = idleTime;
  }

  /**
   * Past `soft` connections the idle ones are closed: a client that keeps them open for no use must not keep
   * others out. Past `hard` no more are taken.
   */
  limit(server: Server, soft: number, hard: number): void {
    let closing = false;
    this.#soft = soft;
    server.maxConnections = hard;
    server.on('connection', (socket) => {
      this.#open++;
      socket.once('close', () => this.#open--);
      if (this.#open <= soft || closing) return;
      closing = true;
      // Once this turn has read what arrived: a connection with a request that nobody has read yet looks idle.
      setImmediate(() => {
        closing = false;
        this.#closeIdle(server);
      });
    });
  }

  /** Closes the idle ones, and from now on those that Node finds too slow, whatever has come of them. */
  async end(server: Server): Promise<void> {
    this.#ending = true;
    // A timer that ends a drain fires before the sockets are read. A request that has arrived by then makes its connection
    // a busy one, but only once it is read: it would be closed with the idle ones, and an API server does not ask again.
    await nextTurn();
    this.#closeIdle(server);
  }

  /** What Node reports of a connection: no HTTP, or too slow. For Fastify's `clientErrorHandler`. */
  readonly onError = (error: Error & { readonly code?: string }, socket: Socket): void => {
    if (error.code === 'ECONNRESET' || socket.destroyed) return;
    // At the hard limit no connection comes whose arrival would close these, so past the soft one none is kept.
    const mayStay = !this.#ending && this.#open <= this.#soft;
    if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT' && isUnasked(socket) && mayStay) return this.#keep(socket);
    const status = STATUS[error.code ?? ''] ?? '400 Bad Request';
    if (socket.writable) socket.write(`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
    socket.destroy(error);
  };

  #closeIdle(server: Server): void {
    server.closeIdleConnections();
    for (const socket of this.#unasked) if (isUnasked(socket)) socket.destroy();
  }

  #keep(socket: Socket): void {
    this.#unasked.add(socket);
    socket.once('close', () => this.#unasked.delete(socket));
    // Node closes it then, and sets the time anew after each request.
    socket.setTimeout(this.#idleTime);
  }
}

/** Nothing but the handshake has come. */
function isUnasked(socket: Socket): boolean {
  return socket.bytesRead === 0;
}
