/**
 * What the Secret holds: a CA, a leaf that it signed, and the next CA while the CA is being replaced. An unusable
 * certificate counts as absent, so that later code handles both in the same way. The caller, who has a clock, checks
 * whether a certificate is valid now: the content is parsed once, and checked at every look.
 */
import { X509Certificate } from 'node:crypto';
import { idOf, type CertificateId } from './bundle.ts';
import { BACK_DATED, isOurCa } from './issue.ts';
import { problemWith, type Pair } from './source.ts';
import type { SecretData } from './stores.ts';

/** A certificate with its key. Times in milliseconds since 1970. */
export interface Held {
  readonly pair: Pair;
  readonly id: CertificateId;
  readonly certificate: X509Certificate;
  readonly from: number;
  readonly made: number;
  readonly to: number;
}

export interface Stored {
  readonly ca: Held | null;
  /** Signed by `ca`, and valid for every name. */
  readonly leaf: Held | null;
  readonly next: Held | null;
  /** Why there is no `ca` or no `leaf`; null when there are both. */
  readonly problem: string | null;
}

/** @param names that the leaf must serve */
export function readSecret(data: SecretData, names: readonly string[]): Stored {
  const next = caIn(data, 'next-ca');
  const ca = caIn(data, 'ca');
  if (typeof ca === 'string') {
    return { ca: null, leaf: null, next: orNull(next), problem: `ca.crt: ${ca}` };
  }
  const leaf = leafIn(data, ca, names);
  const problem = typeof leaf === 'string' ? `tls.crt: ${leaf}` : null;
  return { ca, leaf: orNull(leaf), next: orNull(next), problem };
}

export function validAt({ from, to }: Held, now: number): boolean {
  return from <= now && now < to;
}

/** @returns the pair, or what is wrong with it */
function caIn(data: SecretData, name: string): Held | string {
  const ca = pairIn(data, name, []);
  if (typeof ca === 'string') return ca;
  if (!isOurCa(ca.certificate)) return 'it is not a CA made by headcount';
  // We make only this kind of key, and we can sign with no other.
  const { namedCurve } = ca.certificate.publicKey.asymmetricKeyDetails ?? {};
  return namedCurve === 'prime256v1' ? ca : 'its key is not of the kind that headcount makes';
}

function leafIn(data: SecretData, ca: Held, names: readonly string[]): Held | string {
  const leaf = pairIn(data, 'tls', names);
  if (typeof leaf === 'string') return leaf;
  const signed =
    leaf.certificate.checkIssued(ca.certificate) && leaf.certificate.verify(ca.certificate.publicKey);
  return signed ? leaf : 'it is not signed by ca.crt';
}

function pairIn(data: SecretData, name: string, names: readonly string[]): Held | string {
  const pair = { cert: data[`${name}.crt`] ?? '', key: data[`${name}.key`] ?? '' };
  const certificate = parsed(pair.cert);
  if (certificate === null) return 'it is not a certificate in PEM';
  const from = Date.parse(certificate.validFrom);
  // Checked as of the start of its validity: this covers everything except the current time.
  const problem = problemWith(pair, from, names);
  if (problem !== null) return problem;
  const to = Date.parse(certificate.validTo);
  return { pair, id: idOf(certificate), certificate, from, made: from + BACK_DATED, to };
}

function parsed(pem: string): X509Certificate | null {
  try {
    return new X509Certificate(pem);
  } catch {
    return null;
  }
}

function orNull(found: Held | string): Held | null {
  return typeof found === 'string' ? null : found;
}
