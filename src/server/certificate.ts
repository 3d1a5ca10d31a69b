/** The server's side of its certificate: where it comes from, what is logged of it, and whether it is served. */
import type { AddressInfo, Server } from 'node:net';
import { connect } from 'node:tls';
import { certificateFiles } from '../certs/files.ts';
import type { CertificateEvent, CertificateSource, CertificateStatus } from '../certs/source.ts';
import type { Logger } from './log.ts';

const HANDSHAKE_TIMEOUT = 2_000;
export const NO_CERTIFICATE: CertificateStatus = { leafExpires: null, caExpires: null, trusted: null };

export interface CertificateOptions {
  /** Holds tls.crt and tls.key. */
  readonly certDir?: string;
  /** What the pair in certDir must serve. */
  readonly names?: readonly string[];
  /** Another source of certificates, instead of certDir. */
  readonly certificates?: (onEvent: (event: CertificateEvent) => void) => CertificateSource;
}

/** @returns the source that the options name; without one a pair for localhost, made in memory */
export async function certificateSource(
  { certificates, certDir, names = [] }: CertificateOptions,
  onEvent: (event: CertificateEvent) => void,
): Promise<CertificateSource> {
  if (certificates !== undefined) return certificates(onEvent);
  if (certDir !== undefined) {
    const onRejected = (problem: string): void => onEvent({ event: 'refused', problem });
    return certificateFiles({ directory: certDir, names, onRejected });
  }
  // Loaded only where it is used: issuing takes a library that a server with files never needs.
  const { localhostCertificate } = await import('../certs/localhost.ts');
  return localhostCertificate();
}

export function logCertificate(event: CertificateEvent, log: Logger): void {
  switch (event.event) {
    case 'wrote':
      return log.info({ step: event.step }, 'certificates written');
    case 'serves':
      return log.info({ expires: event.expires, caExpires: event.caExpires }, 'certificate taken');
    case 'refused':
      return log.warn({ problem: event.problem }, 'certificate rejected');
    case 'failed':
      return log.warn({ problem: (event.error as Error).message }, 'certificates not checked, trying again');
  }
}

/**
 * A real handshake, since a TLS server with an unusable pair listens all the same.
 * @returns why no client can be served, in short lines; none where all is well
 */
export async function certificateTrouble(
  server: Server,
  certificates: CertificateSource,
): Promise<readonly string[]> {
  if (certificates.current() === null) return ['there is no certificate yet'];
  if (!certificates.healthy()) return ['the certificate is not valid'];
  if (certificates.status().trusted === false) {
    return ['the caBundle of the webhook configurations does not carry our CA yet'];
  }
  const listening = server.address() as AddressInfo | null;
  if (listening === null) return ['the webhook does not listen yet'];
  const { address, port } = listening;
  const host = address === '::' || address === '0.0.0.0' ? 'localhost' : address;
  return new Promise((resolve) => {
    // Who signed it is not the question here, only whether it is served.
    const socket = connect({ host, port, rejectUnauthorized: false, timeout: HANDSHAKE_TIMEOUT });
    const end = (trouble: readonly string[]) => {
      resolve(trouble);
      socket.destroy();
    };
    socket.once('secureConnect', () => end([]));
    socket.once('timeout', () => end(['the TLS handshake takes too long']));
    socket.once('error', () => end(['the TLS handshake fails']));
  });
}
