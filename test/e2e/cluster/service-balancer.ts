/**
 * Stands for a Service: one address, whose connections go to the ready replicas in turn. A replica that is asked to end
 * gets connections for a while, since a change of endpoints takes time in a cluster too.
 */
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** A replica, by where it listens. */
export interface Replica {
  readonly url: string;
}

export class Balancer {
  readonly url: string;
  readonly #server: Server;
  readonly #replicas: Replica[] = [];
  readonly #sockets = new Set<Socket>();
  #next = 0;

  get port(): number {
    return Number(new URL(this.url).port);
  }

  static async start(): Promise<Balancer> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new Balancer(server);
  }

  private constructor(server: Server) {
    this.#server = server;
    this.url = `https://localhost:${(server.address() as AddressInfo).port}`;
    server.on('connection', (socket: Socket) => this.#forward(socket));
  }

  add(replica: Replica): void {
    this.#replicas.push(replica);
  }

  remove(replica: Replica): void {
    this.#replicas.splice(this.#replicas.indexOf(replica), 1);
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #forward(from: Socket): void {
    this.#next += 1;
    const replica = this.#replicas[this.#next % this.#replicas.length];
    if (replica === undefined) return void from.destroy();
    const to = connect(Number(new URL(replica.url).port), '127.0.0.1');
    for (const socket of [from, to]) {
      this.#sockets.add(socket);
      socket.setNoDelay();
      socket.on('error', () => {});
      socket.on('close', () => {
        this.#sockets.delete(socket);
        from.destroy();
        to.destroy();
      });
    }
    from.pipe(to);
    to.pipe(from);
  }
}
