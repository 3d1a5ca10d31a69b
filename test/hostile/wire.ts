/**
 * Bytes to the server and back over TLS, as they are: an HTTP client would tidy up what the tests are about.
 * Also the quickest way to ask thousands of times a second.
 */
import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls';

export interface Reply {
  readonly code: number;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const END_OF_HEAD = Buffer.from('\r\n\r\n');

/** One connection; answers are taken in the order in which they come. */
export class Wire {
  readonly socket: TLSSocket;
  #received: Buffer = Buffer.alloc(0);
  readonly #replies: Reply[] = [];
  #wanted: ((reply: Reply | null) => void)[] = [];
  #closed = false;

  /** @throws what the handshake failed with */
  static async connect(port: number, options: ConnectionOptions = {}): Promise<Wire> {
    const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false, ...options });
    await new Promise<void>((resolve, reject) => {
      socket.once('secureConnect', resolve).once('error', reject);
      socket.once('close', () => reject(new Error('closed before the handshake was over')));
    });
    return new Wire(socket);
  }

  private constructor(socket: TLSSocket) {
    this.socket = socket;
    socket.on('data', (chunk: Buffer) => this.#take(chunk));
    // A reset is an answer too: `next` then gives null.
    socket.on('error', () => {});
    socket.on('close', () => {
      this.#closed = true;
      for (const wanted of this.#wanted.splice(0)) wanted(null);
    });
  }

  get closed(): boolean {
    return this.#closed;
  }

  send(bytes: string | Buffer): void {
    this.socket.write(bytes);
  }

  /** @returns the next answer; null when the connection ends without one */
  next(): Promise<Reply | null> {
    const [ready] = this.#replies.splice(0, 1);
    if (ready !== undefined) return Promise.resolve(ready);
    if (this.#closed) return Promise.resolve(null);
    return new Promise((resolve) => this.#wanted.push(resolve));
  }

  /** Resolves when the server has closed the connection. */
  ended(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#closed) resolve();
      else this.socket.once('close', () => resolve());
    });
  }

  destroy(): void {
    this.socket.destroy();
  }

  #take(chunk: Buffer): void {
    this.#received = this.#received.length === 0 ? chunk : Buffer.concat([this.#received, chunk]);
    for (;;) {
      const end = this.#received.indexOf(END_OF_HEAD);
      if (end < 0) return;
      const [status = '', ...lines] = this.#received.toString('latin1', 0, end).split('\r\n');
      const headers: Record<string, string> = {};
      for (const line of lines) {
        const colon = line.indexOf(':');
        headers[line.slice(0, colon).toLowerCase()] = line.slice(colon + 1).trim();
      }
      const start = end + END_OF_HEAD.length;
      const length = Number(headers['content-length'] ?? 0);
      if (this.#received.length < start + length) return;
      const body = this.#received.toString('utf8', start, start + length);
      this.#received = this.#received.subarray(start + length);
      const code = Number(status.split(' ')[1]);
      // 100 Continue stands before the answer proper.
      if (code >= 200) this.#give({ code, headers, body });
    }
  }

  #give(reply: Reply): void {
    const wanted = this.#wanted.shift();
    if (wanted === undefined) this.#replies.push(reply);
    else wanted(reply);
  }
}

/** @returns the bytes of a request as an API server sends it */
export function post(path: string, body: string | Buffer, headers: readonly string[] = []): Buffer {
  const bytes = Buffer.from(body);
  const lines = [
    `POST ${path} HTTP/1.1`,
    'host: headcount',
    'content-type: application/json',
    `content-length: ${bytes.length}`,
    ...headers,
  ];
  return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`), bytes]);
}
