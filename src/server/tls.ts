/** What the TLS server of the webhook speaks, and whom it listens to. */
import type { ServerOptions } from 'node:https';
import type { Pair } from '../certs/source.ts';

/**
 * @param clientCa PEM, where clients must show a certificate
 * @returns the options of the TLS server. setSecureContext needs all of them, not only the pair, because it resets
 *   missing options to Node's defaults.
 */
export function tlsOptions(pair: Pair | null, clientCa?: string): ServerOptions {
  return {
    ...pair,
    ...(clientCa !== undefined && { ca: clientCa, requestCert: true, rejectUnauthorized: true }),
    minVersion: 'TLSv1.2',
    ciphers: [
      'TLS_AES_128_GCM_SHA256',
      'TLS_AES_256_GCM_SHA384',
      'TLS_CHACHA20_POLY1305_SHA256',
      'ECDHE-ECDSA-AES128-GCM-SHA256',
      'ECDHE-RSA-AES128-GCM-SHA256',
      'ECDHE-ECDSA-AES256-GCM-SHA384',
      'ECDHE-RSA-AES256-GCM-SHA384',
      'ECDHE-ECDSA-CHACHA20-POLY1305',
      'ECDHE-RSA-CHACHA20-POLY1305',
    ].join(':'),
    ALPNProtocols: ['http/1.1'],
  };
}
