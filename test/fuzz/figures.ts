/** What a run is judged by, beside the answers: how long, how much memory, what is left open. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Server } from '../support/server.ts';

interface Resources {
  /** MiB, after a garbage collection. */
  readonly memory: number;
  readonly descriptors: number;
  /** Sockets, timers and the like that Node holds. */
  readonly handles: number;
}

/** What the server holds while nobody is connected. */
export async function resourcesOf(server: Server): Promise<Resources> {
  await sleep(500);
  const memory = await server.settledMemory();
  const handles = await server.metric('nodejs_active_handles_total');
  // The connection that asked may still be closing.
  let descriptors = server.descriptors;
  for (let look = 0; look < 10; look++) {
    await sleep(50);
    descriptors = Math.min(descriptors, server.descriptors);
  }
  return { memory, descriptors, handles };
}

/** Reads the time of each decision out of the server's log, as it is written. */
export class DecisionTimes {
  readonly #server: Server;
  /** Milliseconds. */
  readonly all: number[] = [];

  constructor(server: Server) {
    this.#server = server;
  }

  /** Call it often: the log of a million decisions does not fit into memory. */
  read(): void {
    for (const [, ms] of this.#server.output.matchAll(/"ms":([\d.]+),"dryRun"/g)) this.all.push(Number(ms));
    this.#server.forgetOutput();
  }
}
