/** Addresses to listen on: which to use, how to show them, and why one can't be used. */
import type { AddressInfo, Server } from 'node:net';
import { networkInterfaces } from 'node:os';

/** @returns the address that stands for all, of both families where there is IPv6 */
export function everyAddress(): string {
  const all = Object.values(networkInterfaces()).flat();
  return all.some((address) => address?.family === 'IPv6') ? '::' : '0.0.0.0';
}

/** @returns host and port of a server that listens */
export function addressOf(server: Server): string {
  const { address, port, family } = server.address() as AddressInfo;
  return family === 'IPv6' ? `[${address}]:${port}` : `${address}:${port}`;
}

/**
 * @param options those that name ports, for the user
 * @returns why a server could not start, for the user
 */
export function startProblem(error: unknown, options: string): string {
  const { code, address, port, message } = error as NodeJS.ErrnoException & {
    address?: string;
    port?: number;
  };
  if (code === 'EADDRINUSE') return `port ${port} on ${address} is taken: choose another with ${options}`;
  if (code === 'EACCES') return `port ${port} on ${address} may not be used: choose another with ${options}`;
  return message;
}
