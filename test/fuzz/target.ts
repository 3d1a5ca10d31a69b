/** The server under test, asked one case at a time on a connection that is kept; a new one where it was closed. */
import { Wire, type Reply } from '../hostile/wire.ts';
import type { Server } from '../support/server.ts';
import { bytesOf, type Case } from './case.ts';

/** Longer than the server takes for anything. */
const PATIENCE = 15_000;

export class Lane {
  readonly #port: number;
  #wire: Wire | null = null;
  #asked = Number.POSITIVE_INFINITY;
  readonly #watch: NodeJS.Timeout;

  constructor({ port }: Server) {
    this.#port = port;
    this.#watch = setInterval(() => {
      if (performance.now() - this.#asked > PATIENCE) this.#wire?.destroy();
    }, 1_000).unref();
  }

  /** @returns null where the server gave no answer */
  async ask(one: Case): Promise<Reply | null> {
    try {
      if (this.#wire === null || this.#wire.closed) this.#wire = await Wire.connect(this.#port);
    } catch {
      return null;
    }
    this.#asked = performance.now();
    this.#wire.send(bytesOf(one));
    const reply = await this.#wire.next();
    this.#asked = Number.POSITIVE_INFINITY;
    return reply;
  }

  close(): void {
    clearInterval(this.#watch);
    this.#wire?.destroy();
  }
}
