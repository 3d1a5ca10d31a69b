/**
 * A cluster that asks the API server for each question. For commands that ask once, and for the webhook when its
 * memory is not enough for a denial (cached.ts). A request is made only for DNS-1123 names: no object can have another
 * name, and another name must not get into a path.
 */
import { isSubdomain } from '../kserve/storage.ts';
import type { RuntimeView } from '../kserve/runtime.ts';
import type { ClaimOutcome } from '../kserve/claim.ts';
import type { KServeConfig } from '../kserve/gpus.ts';
import { CONTROLLER, readController, type Installed } from '../kserve/installed.ts';
import { Unavailable, type Cluster, type Runtimes } from './cluster.ts';
import { HeldRuntime, SHARE } from './held-runtime.ts';
import { ApiError } from './answer.ts';
import type { Api } from './api.ts';
import { KSERVE_CONFIG, KSERVE_DEFAULTS, readKServeConfig } from './kserve-config.ts';
import { NO_LABELS, readLabels, type Labels } from '../lib/labels.ts';
import { readClaim } from './objects.ts';

const SERVING = '/apis/serving.kserve.io';
export const SERVING_RUNTIMES = `${SERVING}/v1alpha1/servingruntimes`;
export const CLUSTER_SERVING_RUNTIMES = `${SERVING}/v1alpha1/clusterservingruntimes`;
export const NAMESPACES = '/api/v1/namespaces';

/** Requests at the same time. Those of reviews are short, and a flood of reviews must not flood the API server. */
const MOST_AT_ONCE = 64;
const NOT_FOUND = 404;
const PAGE_OF_SERVICES = 250;

export function kserveConfigPath(namespace: string): string {
  return `/api/v1/namespaces/${namespace}/configmaps`;
}

/**
 * Reads KServe's ConfigMap.
 * @returns KServe's defaults where it can't be read
 */
export async function liveKServeConfig(api: Api, namespace: string): Promise<KServeConfig> {
  try {
    return readKServeConfig(await api.get(`${kserveConfigPath(namespace)}/${KSERVE_CONFIG}`));
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return KSERVE_DEFAULTS;
  }
}

/**
 * Reads which release of KServe runs.
 * @param namespace KServe's own
 */
export async function liveInstalled(api: Api, namespace: string): Promise<Installed> {
  try {
    return readController(await api.get(`/apis/apps/v1/namespaces/${namespace}/deployments/${CONTROLLER}`));
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return { status: 'unread', why: `Deployment ${namespace}/${CONTROLLER}: ${causeOf(error)}` };
  }
}

export class LiveCluster implements Cluster {
  readonly #api: Api;
  readonly kserve: Cluster['kserve'];
  readonly installed: Cluster['installed'];
  /** Reads under way, so that many reviews that ask the same share one. */
  readonly #reads = new Map<string, Promise<unknown>>();

  /** @param known of KServe's ConfigMap and its controller: the last known where they can't be read now */
  constructor(api: Api, known: Pick<Cluster, 'kserve' | 'installed'>) {
    this.#api = api;
    this.kserve = known.kserve;
    this.installed = known.installed;
  }

  fresh(): null {
    return null;
  }

  /** Both kinds are asked for at once: the namespace's runtime hides the cluster's of the same name. */
  async runtime(namespace: string, name: string): Promise<RuntimeView | null> {
    if (!isSubdomain(namespace) || !isSubdomain(name)) return null;
    const [own, shared] = await Promise.all([
      this.#runtimeAt(inNamespace(SERVING_RUNTIMES, namespace, name)),
      this.#runtimeAt(`${CLUSTER_SERVING_RUNTIMES}/${name}`),
    ]);
    return own ?? shared;
  }

  async runtimes(namespace: string): Promise<Runtimes> {
    if (!isSubdomain(namespace)) return { inNamespace: [], inCluster: [] };
    const [own, shared] = await Promise.all([
      this.#all(inNamespace(SERVING_RUNTIMES, namespace), SHARE.ofNamespace),
      this.#all(CLUSTER_SERVING_RUNTIMES, Number.POSITIVE_INFINITY),
    ]);
    return { inNamespace: own, inCluster: shared };
  }

  assumed(): null {
    return null;
  }

  async claim(namespace: string, name: string): Promise<ClaimOutcome> {
    if (!isSubdomain(namespace) || !isSubdomain(name)) return { status: 'missing', name };
    try {
      return readClaim(await this.#get(inNamespace('/api/v1/persistentvolumeclaims', namespace, name)));
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      return error.status === NOT_FOUND
        ? { status: 'missing', name }
        : { status: 'unchecked', name, cause: causeOf(error) };
    }
  }

  async namespaceLabels(namespace: string): Promise<Labels> {
    if (!isSubdomain(namespace)) return NO_LABELS;
    try {
      return readLabels(await this.#get(`${NAMESPACES}/${namespace}`));
    } catch (error) {
      if (error instanceof ApiError && error.status === NOT_FOUND) return NO_LABELS;
      throw unavailable(error);
    }
  }

  async *services(namespace: string | null): AsyncIterable<readonly unknown[]> {
    if (namespace !== null && !isSubdomain(namespace)) return;
    const all = `${SERVING}/v1beta1/inferenceservices`;
    const path = namespace === null ? all : inNamespace(all, namespace);
    try {
      for await (const { items } of this.#api.pages(path, { limit: PAGE_OF_SERVICES })) yield items;
    } catch (error) {
      throw unavailable(error);
    }
  }

  async #runtimeAt(path: string): Promise<RuntimeView | null> {
    try {
      return HeldRuntime.of(await this.#get(path)).view;
    } catch (error) {
      if (error instanceof ApiError && error.status === NOT_FOUND) return null;
      throw unavailable(error);
    }
  }

  /** @param most characters that may be held of them together */
  async #all(path: string, most: number): Promise<readonly RuntimeView[]> {
    try {
      return await this.#once(path, async () => {
        const views: RuntimeView[] = [];
        let length = 0;
        for await (const { items } of this.#api.pages(path)) {
          for (const item of items) {
            const held = HeldRuntime.of(item);
            length += held.length;
            views.push((length > most ? held.elsewhere() : held).view);
          }
        }
        return views;
      });
    } catch (error) {
      throw unavailable(error);
    }
  }

  #get(path: string): Promise<unknown> {
    return this.#once(path, () => this.#api.get(path));
  }

  #once<T>(key: string, read: () => Promise<T>): Promise<T> {
    const known = this.#reads.get(key);
    if (known !== undefined) return known as Promise<T>;
    if (this.#reads.size >= MOST_AT_ONCE) {
      return Promise.reject(new ApiError(0, 'too many reads of the API server under way'));
    }
    const reading = read().finally(() => this.#reads.delete(key));
    this.#reads.set(key, reading);
    return reading;
  }
}

/** Turns a resource's path for all namespaces into that of one, or of one object in it. */
function inNamespace(resource: string, namespace: string, name?: string): string {
  const parts = resource.split('/');
  const plural = parts.pop() ?? '';
  return [...parts, 'namespaces', namespace, plural, ...(name === undefined ? [] : [name])].join('/');
}

/** The cause as users may read it. The API server's own messages would reveal our service account and its rights. */
function causeOf({ status, message }: ApiError): string {
  if (status === 0) return message;
  if (status === 403) return 'headcount may not read it (403)';
  return `the API server answered ${status}`;
}

/** @returns what to throw for an error of the API server: one whose words users may read */
export function unavailable(error: unknown): unknown {
  return error instanceof ApiError ? new Unavailable(causeOf(error)) : error;
}
