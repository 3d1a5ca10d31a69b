/**
 * The Secret and the caBundles of self-managed certificates, on a real API server. src/certs decides
 * what to write. This file only reads and writes, and every write carries the version that was read.
 */
import type { CertificateStore, StoredSecret, Trust, TrustStore } from '../certs/stores.ts';
import { asList, asObject, asString, at, property } from '../lib/json.ts';
import { KINDS, type Kind } from '../registration/registration.ts';
import { orElse } from './answer.ts';
import type { Api } from './api.ts';
import { versionOf } from './objects.ts';
import { configurationPath } from './registration.ts';

/** Where the Secret is, and whose it is. */
export interface SecretPlace {
  readonly namespace: string;
  readonly name: string;
  /** The Service that the certificates are for: it owns the Secret, so that the Secret goes with it. */
  readonly service: string;
}

const NOT_FOUND = 404;
const CONFLICT = 409;

export function certificateStore(api: Api, { namespace, name, service }: SecretPlace): CertificateStore {
  const secrets = `/api/v1/namespaces/${namespace}/secrets`;
  const head = { apiVersion: 'v1', kind: 'Secret', type: 'Opaque' };
  return {
    async read(): Promise<StoredSecret | null> {
      const secret = await orElse(api.get(`${secrets}/${name}`), { [NOT_FOUND]: null });
      return secret === null ? null : { data: decoded(secret), version: versionOf(secret) };
    },
    async create(data) {
      const owner = await ownerOf(api, namespace, service);
      const metadata = { name, namespace, ...(owner && { ownerReferences: [owner] }) };
      const secret = { ...head, metadata, data: encoded(data) };
      return orElse(
        api.send('POST', secrets, secret).then(() => 'created' as const),
        { [CONFLICT]: 'exists' as const },
      );
    },
    async replace(data, version) {
      // A JSON patch keeps labels, annotations and owners. The version in it makes an outdated write a conflict.
      const patch = [
        { op: 'replace', path: '/metadata/resourceVersion', value: version },
        { op: 'add', path: '/data', value: encoded(data) },
      ];
      return orElse(
        api.send('PATCH', `${secrets}/${name}`, patch).then(() => 'replaced' as const),
        { [CONFLICT]: 'conflict' as const, [NOT_FOUND]: 'gone' as const },
      );
    },
  };
}

export function trustStore(api: Api): TrustStore {
  return {
    async read(): Promise<readonly Trust[]> {
      const found = await Promise.all(
        KINDS.map(async (kind) => {
          const configuration = await orElse(api.get(configurationPath(kind)), { [NOT_FOUND]: null });
          return configuration === null
            ? []
            : [{ name: kind, version: versionOf(configuration), bundles: bundlesOf(configuration) }];
        }),
      );
      return found.flat();
    },
    async write(name, bundles, version) {
      const patch = [
        { op: 'replace', path: '/metadata/resourceVersion', value: version },
        ...bundles.map((bundle, index) => ({
          op: 'add',
          path: `/webhooks/${index}/clientConfig/caBundle`,
          value: toBase64(bundle),
        })),
      ];
      return orElse(
        api.send('PATCH', configurationPath(name as Kind), patch).then(() => 'written' as const),
        { [CONFLICT]: 'conflict' as const, [NOT_FOUND]: 'gone' as const },
      );
    },
  };
}

/** A Secret without an owner is better than none. */
async function ownerOf(api: Api, namespace: string, service: string): Promise<object | null> {
  const none = { [NOT_FOUND]: null, 403: null };
  const owner = await orElse(api.get(`/api/v1/namespaces/${namespace}/services/${service}`), none);
  const uid = at(owner, 'metadata', 'uid');
  return uid === undefined ? null : { apiVersion: 'v1', kind: 'Service', name: service, uid };
}

function bundlesOf(configuration: unknown): readonly string[] {
  return asList(property(configuration, 'webhooks')).map((webhook) =>
    fromBase64(at(webhook, 'clientConfig', 'caBundle')),
  );
}

function decoded(secret: unknown): Readonly<Record<string, string>> {
  const data = Object.entries(asObject(property(secret, 'data')) ?? {});
  return Object.fromEntries(data.map(([key, value]) => [key, fromBase64(value)]));
}

function encoded(data: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, toBase64(value)]));
}

function fromBase64(text: unknown): string {
  return Buffer.from(asString(text) ?? '', 'base64').toString('utf8');
}

function toBase64(text: string): string {
  return Buffer.from(text).toString('base64');
}
