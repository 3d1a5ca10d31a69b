/**
 * A port that swallows packets, as a packet filter that drops them does, without the rights that one takes: the
 * listener is stopped, and its queue of connections full, so that the kernel drops every further SYN. Whoever
 * connects gets neither a connection nor a reset.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { ended } from './cluster.ts';

const LISTENER = `require('node:net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, function () {
  process.stdout.write(String(this.address().port));
})`;
/** Far more than a queue of one takes. */
const MOST = 16;
/** Milliseconds after which a connection on loopback will not come any more; a SYN is sent again after a second. */
const HANGS = 1_500;

export class BlackHole {
  readonly port: number;
  readonly #listener: ChildProcess;
  readonly #sockets: Socket[] = [];

  /** @throws when connections are still made: this kernel queues them otherwise */
  static async open(): Promise<BlackHole> {
    const listener = spawn(process.execPath, ['-e', LISTENER], { stdio: ['ignore', 'pipe', 'inherit'] });
    process.once('exit', () => listener.kill('SIGKILL'));
    const [port] = (await once(listener.stdout, 'data')) as [Buffer];
    listener.kill('SIGSTOP');
    const hole = new BlackHole(listener, Number(port.toString()));
    for (let count = 0; count < MOST; count++) if (await hole.swallows()) return hole;
    await hole.close();
    throw new Error(`the port still takes connections after ${MOST}`);
  }

  private constructor(listener: ChildProcess, port: number) {
    this.#listener = listener;
    this.port = port;
  }

  get url(): string {
    return `https://127.0.0.1:${this.port}`;
  }

  /** Connects. @returns true when nothing came back: no connection, and no error */
  async swallows(): Promise<boolean> {
    const socket = connect({ host: '127.0.0.1', port: this.port });
    this.#sockets.push(socket);
    const answer = new Promise<'answered'>((resolve) => {
      for (const event of ['connect', 'error']) socket.on(event, () => resolve('answered'));
    });
    return (await Promise.race([answer, sleep(HANGS, 'nothing' as const)])) === 'nothing';
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await ended(this.#listener);
  }
}
