/** A storage URI taken apart: its protocol and, for pvc://, the claim that it names. */
import { LONGEST_SUBDOMAIN } from './names.ts';

export interface StorageUri {
  /** Lower-case letters, digits, + and -, without "://". */
  readonly protocol: string;
  readonly rest: string;
}

/** @returns null where the text is no URI with a protocol. */
export function parseStorageUri(uri: string): StorageUri | null {
  const match = /^([a-zA-Z][a-zA-Z0-9+.-]{0,40}):\/\//.exec(uri);
  return match === null ? null : { protocol: match[1] ?? '', rest: uri.slice(match[0].length) };
}

const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

/** Is it a name that Kubernetes takes for a claim or a runtime (RFC 1123 subdomain)? */
export function isSubdomain(name: string): boolean {
  return name.length <= LONGEST_SUBDOMAIN && SUBDOMAIN.test(name);
}

/** @returns what stands between pvc:// and the next slash, valid or not. */
export function statedClaim(uri: StorageUri): string {
  const slash = uri.rest.indexOf('/');
  return slash === -1 ? uri.rest : uri.rest.slice(0, slash);
}

/** @returns the claim of `pvc://<claim>[/path]`; null for anything else, a claim of an invalid name too. */
export function claimName(uri: unknown): string | null {
  const parsed = typeof uri === 'string' ? parseStorageUri(uri) : null;
  if (parsed?.protocol !== 'pvc') return null;
  const claim = statedClaim(parsed);
  return isSubdomain(claim) ? claim : null;
}
