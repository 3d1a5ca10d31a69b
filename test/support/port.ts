/** A free port, for a server that can't choose one itself. */
import { once } from 'node:events';
import { createServer } from 'node:net';

/** Below what kernels give to outgoing connections: another test's client must not take it before the server does. */
const [LOWEST, HIGHEST] = [12_000, 30_000];

/** @returns a port of 127.0.0.1 on which nothing listens */
export async function freePort(): Promise<number> {
  const port = LOWEST + Math.floor(Math.random() * (HIGHEST - LOWEST));
  const server = createServer().listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    return freePort();
  }
  server.close();
  await once(server, 'close');
  return port;
}
