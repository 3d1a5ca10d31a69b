/** Where the serving certificate comes from, whoever issues it; and the check that each pair must pass. */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { createSecureContext } from 'node:tls';

/** PEM texts; the certificate may be a chain with the leaf first. */
export interface Pair {
  readonly cert: string;
  readonly key: string;
}

export interface CertificateSource {
  /** Resolves with the first pair in use. @throws when there is none: nothing could be served. */
  start(): Promise<Pair>;
  current(): Pair | null;
  /** Called with each pair that replaces another one. */
  onChange(listener: (pair: Pair) => void): void;
  /** Is there a pair, and is it valid now? */
  healthy(): boolean;
  status(): CertificateStatus;
  stop(): void;
}

/** For the log and the counters. Nothing in them is secret. */
export type CertificateEvent =
  /** This replica has written. */
  | { readonly event: 'wrote'; readonly step: string }
  /** This replica serves another pair. */
  | { readonly event: 'serves'; readonly expires: Date; readonly caExpires: Date }
  /** The Secret holds something else than a CA and a leaf of it. Once for each content. */
  | { readonly event: 'refused'; readonly problem: string }
  /** The API server could not be asked, or refused. */
  | { readonly event: 'failed'; readonly error: unknown };

export interface CertificateStatus {
  /** Seconds, negative when it ran out; null while there is none. */
  readonly leafExpires: number | null;
  readonly caExpires: number | null;
  /** Does every caBundle carry the CA of what is served, as of the last look? null where others see to that. */
  readonly trusted: boolean | null;
}

/**
 * A TLS server accepts an empty or mismatched pair and then fails every handshake, so each pair is checked
 * before it is used.
 * @param now milliseconds since 1970
 * @param names DNS names that it must serve; Kubernetes looks at the alternative names only
 * @returns what is wrong with the pair, or null
 */
export function problemWith({ cert, key }: Pair, now: number, names: readonly string[] = []): string | null {
  try {
    const leaf = new X509Certificate(cert);
    if (!leaf.checkPrivateKey(createPrivateKey(key))) return 'the key is not the one of the certificate';
    if (Date.parse(leaf.validFrom) > now) return `the certificate is not valid before ${leaf.validFrom}`;
    if (Date.parse(leaf.validTo) <= now) return `the certificate ran out on ${leaf.validTo}`;
    const missing = names.find((name) => leaf.checkHost(name, { subject: 'never' }) === undefined);
    if (missing !== undefined) return `the certificate is not for ${missing}`;
    createSecureContext({ cert, key });
    return null;
  } catch {
    // The cause is left out: OpenSSL's texts may quote what they could not read, a key included.
    return 'the certificate or the key is not PEM, or was not written completely';
  }
}

/** @returns the seconds until a pair runs out, null without one */
export function expiresIn(pair: Pair | null, now: number): number | null {
  return pair === null ? null : (Date.parse(new X509Certificate(pair.cert).validTo) - now) / 1_000;
}
