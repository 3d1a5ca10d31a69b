/**
 * The interfaces of the storage for self-managed certificates: one Secret, and the caBundles of the webhook
 * configurations. They are separate from the code that talks to an API server, so that tests need none.
 *
 * Every call goes to the API server itself, never to a cache, and settles within seconds. It rejects when the API
 * server can't be reached; a write may or may not have happened then. Versions are compared for equality only, and
 * two different contents never share a version.
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
