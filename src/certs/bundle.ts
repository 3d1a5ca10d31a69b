/**
 * A caBundle as text. Text that is not ours stays byte for byte, because somebody put it there. The API server reads
 * the bundle, so a certificate is what Go's encoding/pem accepts as one.
 */
import { X509Certificate } from 'node:crypto';
import { isOurCa } from './issue.ts';

const CERTIFICATE =
  /^-----BEGIN CERTIFICATE-----[^\S\n]*\n([A-Za-z0-9+/= \t\r\n]+)\n-----END CERTIFICATE-----[^\S\n]*(?:\n|$)/gm;

/** The DER in base64: equal for equal certificates, however their PEM is wrapped. */
export type CertificateId = string;

export function idOf(certificate: X509Certificate): CertificateId {
  return certificate.raw.toString('base64');
}

/** @returns the certificates of a bundle in their order; other text is passed over */
export function idsIn(bundle: string): readonly CertificateId[] {
  return [...bundle.matchAll(CERTIFICATE)].map(([, body = '']) => unwrapped(body));
}

/** Adds the missing CAs in front: behind a block that somebody left incomplete, they would become part of it. */
export function withCas(bundle: string, cas: readonly CertificateId[]): string {
  const present = idsIn(bundle);
  const missing = cas.filter((ca) => !present.includes(ca));
  return missing.map(toPem).join('') + bundle;
}

/** Removes all of our CAs except those in `keep`. */
export function withoutOldCas(bundle: string, keep: readonly CertificateId[]): string {
  return bundle.replaceAll(CERTIFICATE, (block: string, body: string) => {
    const id = unwrapped(body);
    return !keep.includes(id) && isOurs(id) ? '' : block;
  });
}

function isOurs(id: CertificateId): boolean {
  try {
    return isOurCa(new X509Certificate(Buffer.from(id, 'base64')));
  } catch {
    // Not a certificate, so not one of ours.
    return false;
  }
}

function unwrapped(body: string): CertificateId {
  return body.replaceAll(/\s/g, '');
}

function toPem(id: CertificateId): string {
  const lines = id.replaceAll(/.{64}(?=.)/g, '$&\n');
  return `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`;
}
