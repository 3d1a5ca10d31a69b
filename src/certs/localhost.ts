/**
 * A self-signed pair for localhost and 127.0.0.1, in memory: for `--offline` without `--cert-dir`, to try
 * headcount on a local machine. It is never renewed: it is valid for a year, which is longer than any such trial. After
 * that, readiness fails.
 */
import { generate } from 'selfsigned';
import { expiresIn, problemWith, type CertificateSource, type Pair } from './source.ts';

const HOUR = 3_600_000;
const YEAR = 365 * 24 * HOUR;
const DNS_NAME = 2;
const IP_ADDRESS = 7;

export function localhostCertificate(now: () => number = Date.now): CertificateSource {
  let current: Pair | null = null;
  return {
    async start() {
      current = await issueForLocalhost(now());
      return current;
    },
    current: () => current,
    // It never changes.
    onChange: () => {},
    healthy: () => current !== null && problemWith(current, now()) === null,
    status: () => ({ leafExpires: expiresIn(current, now()), caExpires: null, trusted: null }),
    stop: () => {},
  };
}

/** @param now milliseconds since 1970; the pair is valid from an hour before, since clocks differ */
export async function issueForLocalhost(now: number): Promise<Pair> {
  const { cert, private: key } = await generate([{ name: 'commonName', value: 'localhost' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    notBeforeDate: new Date(now - HOUR),
    notAfterDate: new Date(now + YEAR),
    extensions: [
      { name: 'basicConstraints', cA: false, critical: true },
      { name: 'keyUsage', digitalSignature: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      {
        name: 'subjectAltName',
        altNames: [
          { type: DNS_NAME, value: 'localhost' },
          { type: IP_ADDRESS, ip: '127.0.0.1' },
          { type: IP_ADDRESS, ip: '::1' },
        ],
      },
    ],
  });
  return { cert, key };
}
