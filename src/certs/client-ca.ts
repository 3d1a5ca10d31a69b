/**
 * The CA of the clients that may call, for platforms whose API server has a client certificate. The file is read
 * again when it changes. If the new text holds no certificate, the previous CA stays in force.
 */
import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { poll } from '../lib/poll.ts';

export interface ClientCa {
  /** PEM. */
  current(): string;
  /** @param onChange told of each new text: null when it is in force, else why it is not */
  watch(onChange: (problem: string | null) => void): void;
  stop(): void;
}

const INTERVAL = 3_000;

/**
 * @param interval milliseconds between two looks
 * @throws when the file can't be read or holds no certificate
 */
export async function clientCa(path: string, interval = INTERVAL): Promise<ClientCa> {
  let text = await readFile(path, 'utf8');
  if (!isCertificate(text))
    throw new Error(`no certificate in ${path}: expected the CA of the clients in PEM`);
  let current = text;
  let stop = (): void => {};

  async function look(onChange: (problem: string | null) => void): Promise<void> {
    const seen = await readFile(path, 'utf8').catch(() => text);
    if (seen === text) return;
    text = seen;
    if (!isCertificate(text)) return onChange(`no certificate in ${path}`);
    current = text;
    onChange(null);
  }

  return {
    current: () => current,
    watch(onChange) {
      stop = poll(() => look(onChange), interval);
    },
    stop: () => stop(),
  };
}

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).ca;
  } catch {
    return false;
  }
}
