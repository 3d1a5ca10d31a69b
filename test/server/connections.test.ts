/** Connections that wait for a request: they are kept, but never in place of others. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { Connections } from '../../src/server/connections.ts';

const HEADERS = 300;
const [SOFT, HARD] = [4, 8];

test('silent connections up to the hard limit leave room for a client that asks', async () => {
  const connections = new Connections(60_000);
  const options = { headersTimeout: HEADERS, requestTimeout: HEADERS, connectionsCheckingInterval: 50 };
  const server = createServer(options, (_request, response) => response.end('ok'));
  server.on('clientError', connections.onError);
  connections.limit(server, SOFT, HARD);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const opened: Socket[] = [];
  const open = async (): Promise<Socket> => {
    const socket = connect(port, '127.0.0.1');
    opened.push(socket);
    socket.on('error', () => {});
    socket.resume();
    await once(socket, 'connect');
    return socket;
  };
  try {
    for (let count = 0; count < HARD; count++) await open();
    await sleep(3 * HEADERS);
    expect(opened.filter(({ closed }) => !closed).length).toBeLessThanOrEqual(SOFT);

    const client = await open();
    client.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
    expect(String((await once(client, 'data'))[0])).toMatch(/^HTTP\/1.1 200 /);
  } finally {
    for (const socket of opened) socket.destroy();
    server.close();
  }
});
