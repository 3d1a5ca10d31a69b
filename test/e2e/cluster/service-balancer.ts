/**
 * Stands for a Service: one address, whose connections go to the ready replicas in turn. A replica that is asked to end
 * gets connections for a while, since a change of endpoints takes time in a cluster too.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Change } from './service-balancer-process.ts';

/** A replica, by where it listens. */
export interface Replica {
  readonly url: string;
}

export class Balancer {
  readonly port: number;
  readonly #process: ChildProcess;

  static async start(): Promise<Balancer> {
    const child = fork(join(import.meta.dirname, 'service-balancer-process.ts'));
    const [port] = await once(child, 'message');
    return new Balancer(child, port);
  }

  private constructor(child: ChildProcess, port: number) {
    this.#process = child;
    this.port = port;
  }

  get url(): string {
    return `https://localhost:${this.port}`;
  }

  add(replica: Replica): void {
    this.#tell('add', replica);
  }

  remove(replica: Replica): void {
    this.#tell('remove', replica);
  }

  async stop(): Promise<void> {
    const ended = once(this.#process, 'exit');
    this.#process.disconnect();
    await ended;
  }

  #tell(what: Change['what'], { url }: Replica): void {
    this.#process.send({ what, port: Number(new URL(url).port) } satisfies Change);
  }
}
