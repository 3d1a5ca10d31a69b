/**
 * Where self-managed certificates are kept, as its user sees it: one Secret, and the caBundles of the webhook
 * configurations. Apart from the code that talks to an API server, so that every life cycle runs in memory.
 *
 * Every call reads or writes the API server itself, never a cache, and settles within seconds; it rejects when
 * the API server can't be asked, and may then have written or not. Versions are compared for equality only, and
 * two different contents never share one.
 */

/** Keys of the Secret and their texts. */
export type SecretData = Readonly<Record<string, string>>;

export interface StoredSecret {
  readonly data: SecretData;
  readonly version: string;
}

export interface CertificateStore {
  /** Null when there is no such Secret. */
  read(): Promise<StoredSecret | null>;
  create(data: SecretData): Promise<'created' | 'exists'>;
  /** Writes `data` in place of all that is there, if the version is still this one. */
  replace(data: SecretData, version: string): Promise<'replaced' | 'conflict' | 'gone'>;
}

/** One webhook configuration. */
export interface Trust {
  /** Tells it from the others, such as `validating/multinode.headcount.dev`. */
  readonly name: string;
  readonly version: string;
  /** The caBundle of each of its webhooks, in their order: PEM, '' when there is none. */
  readonly bundles: readonly string[];
}

export interface TrustStore {
  /** Those that exist. */
  read(): Promise<readonly Trust[]>;
  write(name: string, bundles: readonly string[], version: string): Promise<'written' | 'conflict' | 'gone'>;
}
