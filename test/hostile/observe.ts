/** Puts what the server does into the words of the list. */
import { connect as connectTcp } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { setTimeout as sleep } from 'node:timers/promises';
import type { HttpRow, TlsRow } from './row.ts';
import { Wire, type Reply } from './wire.ts';

/** Longer than any of the server's own timeouts. */
const PATIENCE = 8_000;

/** @returns the answers to a row's bytes, all that come in the time that they take */
export async function repliesTo(
  port: number,
  { send }: Pick<HttpRow, 'send'>,
  wanted: number,
): Promise<readonly Reply[]> {
  const wire = await Wire.connect(port);
  try {
    void sending(wire, typeof send === 'string' || Buffer.isBuffer(send) ? [send] : send);
    const replies: Reply[] = [];
    while (replies.length < wanted) {
      const reply = await Promise.race([wire.next(), sleep(PATIENCE, null, { ref: false })]);
      if (reply === null) break;
      replies.push(reply);
    }
    return replies;
  } finally {
    wire.destroy();
  }
}

async function sending(wire: Wire, parts: readonly (string | Buffer | number)[]): Promise<void> {
  for (const part of parts) {
    if (wire.closed) return;
    if (typeof part === 'number') await sleep(part);
    else wire.send(part);
  }
}

/** @returns an answer in the words of the list */
export function words({ code, body }: Reply): string {
  if (code !== 200) return `HTTP ${code}`;
  const { allowed, status, warnings = [], patch } = JSON.parse(body).response;
  if (!allowed) {
    const rules = (status.details?.causes ?? []).map(({ reason }: { reason: string }) => reason);
    return `denied ${status.code}${rules.length > 0 ? ` (${[...new Set(rules)].join(', ')})` : ''}`;
  }
  const warned = warnings.map((text: string) => /\(([a-z-]+)\)$/.exec(text)?.[1] ?? text);
  return [
    'allowed',
    ...(patch === undefined ? [] : ['patched']),
    ...(warned.length > 0 ? [`warned (${[...new Set(warned)].join(', ')})`] : []),
  ].join(', ');
}

export async function handshake(port: number, { connect }: TlsRow): Promise<string> {
  if ('tcp' in connect) return raw(port, connect.tcp);
  return new Promise((resolve) => {
    const socket = connectTls({ host: '127.0.0.1', port, rejectUnauthorized: false, ...connect }, () => {
      resolve(`${socket.getProtocol()} ${socket.alpnProtocol || '-'}`);
      socket.destroy();
    });
    socket.on('error', () => resolve('refused'));
  });
}

/** Bytes that are no handshake: in time the server closes. */
function raw(port: number, bytes: Buffer): Promise<string> {
  return new Promise((resolve) => {
    const socket = connectTcp({ host: '127.0.0.1', port }, () => socket.write(bytes));
    const timer = setTimeout(() => resolve('still open'), PATIENCE);
    socket.on('error', () => {}).resume();
    socket.on('close', () => {
      clearTimeout(timer);
      resolve('closed');
    });
  });
}
