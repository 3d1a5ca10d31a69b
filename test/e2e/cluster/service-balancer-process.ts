/**
 * The process behind `Balancer`, so that nothing that a test does holds up what goes through it. Told `add` or `remove` and
 * the port of a replica; says its own port first.
 */
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

export interface Change {
  readonly what: 'add' | 'remove';
  readonly port: number;
}

const replicas: number[] = [];
let next = 0;

function forward(from: Socket): void {
  next += 1;
  const replica = replicas[next % replicas.length];
  if (replica === undefined) return void from.destroy();
  const to = connect(replica, '127.0.0.1');
  for (const socket of [from, to]) {
    socket.setNoDelay();
    socket.on('error', () => {});
    socket.on('close', () => {
      from.destroy();
      to.destroy();
    });
  }
  from.pipe(to);
  to.pipe(from);
}

process.on('message', ({ what, port }: Change) => {
  if (what === 'add') replicas.push(port);
  else replicas.splice(replicas.indexOf(port), 1);
});
process.on('disconnect', () => process.exit());
const server = createServer(forward).listen(0, '127.0.0.1');
await once(server, 'listening');
process.send?.((server.address() as AddressInfo).port);
