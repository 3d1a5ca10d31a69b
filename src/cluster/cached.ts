/**
 * A cluster as the webhook asks it, thousands of times a second: runtimes, KServe's ConfigMap and, where
 * labels are honoured, namespaces are held in memory (informer.ts); claims are read live and remembered for
 * seconds. What memory can't tell is read live, and nothing is refused on the word of memory alone: see
 * `fresh`, which admit.ts asks again before it denies.
 */
import { readRuntime, type RuntimeView } from '../isvc/runtime.ts';
import { asList, asObject, at, property, type JsonObject } from '../json.ts';
import type { ClaimOutcome } from '../rules/rule.ts';
import type { KServeFacts } from '../topology/gpus.ts';
import type { Cache, CacheKind, CacheState, Cluster, Runtimes } from './cluster.ts';
import { Informer, type InformerTimes } from './informer.ts';
import type { Api } from './kube.ts';
import { KSERVE_CONFIG, KSERVE_DEFAULTS, readKServeConfig } from './kserve-config.ts';
import {
  CLUSTER_SERVING_RUNTIMES,
  kserveConfigPath,
  LiveCluster,
  NAMESPACES,
  SERVING_RUNTIMES,
} from './live.ts';
import { readLabels, type Labels } from './objects.ts';

export interface CachedClusterOptions {
  readonly api: Api;
  /** Where KServe's ConfigMap is. */
  readonly kserveNamespace: string;
  /** Are labels of namespaces asked for? Only then are namespaces watched. */
  readonly namespaces: boolean;
  readonly times?: InformerTimes;
}

/** A claim's access modes never change; that it was deleted is noticed after so many milliseconds. */
const CLAIM_LIFE = 5_000;
const MOST_CLAIMS = 4_096;
const NOT_LISTED: KServeFacts = { ...KSERVE_DEFAULTS, unread: 'it has not been listed yet' };
/** Without these nothing can be judged; the others have defaults. */
const NEEDED: readonly CacheKind[] = ['ServingRuntime', 'ClusterServingRuntime'];

export class CachedCluster implements Cluster, Cache {
  readonly #live: LiveCluster;
  readonly #own: Informer<HeldRuntime>;
  readonly #shared: Informer<HeldRuntime>;
  readonly #config: Informer<KServeFacts>;
  readonly #namespaces: Informer<Labels> | null;
  readonly #kserveNamespace: string;
  readonly #claims = new Map<string, { readonly until: number; readonly claim: ClaimOutcome }>();
  #multiNode: { readonly revision: number; readonly groups: Map<string, readonly RuntimeView[]> } | undefined;

  constructor({ api, kserveNamespace, namespaces, times = {} }: CachedClusterOptions) {
    const keep = (object: unknown): HeldRuntime => new HeldRuntime(object);
    this.#live = new LiveCluster(api, () => this.kserve());
    this.#kserveNamespace = kserveNamespace;
    this.#own = new Informer({ api, times, path: SERVING_RUNTIMES, keep });
    this.#shared = new Informer({ api, times, path: CLUSTER_SERVING_RUNTIMES, keep });
    this.#config = new Informer({
      api,
      times,
      path: kserveConfigPath(kserveNamespace),
      query: { fieldSelector: `metadata.name=${KSERVE_CONFIG}` },
      keep: readKServeConfig,
    });
    this.#namespaces = namespaces ? new Informer({ api, times, path: NAMESPACES, keep: readLabels }) : null;
  }

  async start(onTrouble: (kind: CacheKind, problem: string | null) => void): Promise<void> {
    await Promise.all(
      this.#informers().map(([kind, informer]) => informer.start((problem) => onTrouble(kind, problem))),
    );
  }

  stop(): void {
    for (const [, informer] of this.#informers()) informer.stop();
  }

  notReady(): readonly string[] {
    return this.#informers()
      .filter(([kind, { synced }]) => NEEDED.includes(kind) && !synced)
      .map(([kind, { problem }]) => `${kind}s have not been listed yet${problem ? `: ${problem}` : ''}`);
  }

  state(): readonly CacheState[] {
    return this.#informers().map(([kind, { synced, age, size, lists }]) => ({
      kind,
      synced,
      age,
      objects: size,
      lists,
    }));
  }

  fresh(): Cluster {
    return this.#live;
  }

  kserve(): KServeFacts {
    const known = this.#config.get(this.#kserveNamespace, KSERVE_CONFIG);
    if (known !== undefined) return known;
    return this.#config.synced ? KSERVE_DEFAULTS : NOT_LISTED;
  }

  runtime(namespace: string, name: string): RuntimeView | null | Promise<RuntimeView | null> {
    if (!this.#synced()) return this.#live.runtime(namespace, name);
    return (this.#own.get(namespace, name) ?? this.#shared.get('', name))?.view ?? null;
  }

  /** Only multi-node ones, since KServe selects no other for a multi-node service. */
  runtimes(namespace: string): Runtimes | Promise<Runtimes> {
    if (!this.#synced()) return this.#live.runtimes(namespace);
    return {
      inNamespace: this.#multiNodeOf(this.#own, namespace),
      inCluster: this.#multiNodeOf(this.#shared, ''),
    };
  }

  assumed(): null {
    return null;
  }

  claim(namespace: string, name: string): ClaimOutcome | Promise<ClaimOutcome> {
    const key = `${namespace}/${name}`;
    const known = this.#claims.get(key);
    return known !== undefined && known.until > performance.now()
      ? known.claim
      : this.#readClaim(key, namespace, name);
  }

  namespaceLabels(namespace: string): Labels | Promise<Labels> {
    return this.#namespaces?.get('', namespace) ?? this.#live.namespaceLabels(namespace);
  }

  services(namespace: string | null): AsyncIterable<readonly unknown[]> {
    return this.#live.services(namespace);
  }

  async #readClaim(key: string, namespace: string, name: string): Promise<ClaimOutcome> {
    const claim = await this.#live.claim(namespace, name);
    if (claim.status !== 'found') return claim;
    this.#claims.delete(key);
    for (const oldest of this.#claims.keys()) {
      if (this.#claims.size < MOST_CLAIMS) break;
      this.#claims.delete(oldest);
    }
    this.#claims.set(key, { until: performance.now() + CLAIM_LIFE, claim });
    return claim;
  }

  #synced(): boolean {
    return this.#own.synced && this.#shared.synced;
  }

  #multiNodeOf(informer: Informer<HeldRuntime>, namespace: string): readonly RuntimeView[] {
    const revision = this.#own.revision + this.#shared.revision;
    if (this.#multiNode?.revision !== revision) this.#multiNode = { revision, groups: new Map() };
    const { groups } = this.#multiNode;
    const known = groups.get(namespace);
    if (known !== undefined) return known;
    const found = [...informer.inNamespace(namespace).values()]
      .filter(({ isMultiNode }) => isMultiNode)
      .map(({ view }) => view);
    groups.set(namespace, found);
    return found;
  }

  #informers(): readonly (readonly [CacheKind, Informer<unknown>])[] {
    return [
      ['ServingRuntime', this.#own],
      ['ClusterServingRuntime', this.#shared],
      ['ConfigMap', this.#config],
      ...(this.#namespaces === null ? [] : [['Namespace', this.#namespaces] as const]),
    ];
  }
}

/**
 * A runtime in as little memory as there may be: as text, read when it is asked for. The view of one that is in
 * use stays as long as the garbage collector lets it.
 */
class HeldRuntime {
  readonly isMultiNode: boolean;
  readonly #text: string;
  #view: WeakRef<RuntimeView> | undefined;

  constructor(object: unknown) {
    this.#text = JSON.stringify(trimmed(object));
    this.isMultiNode = asObject(at(object, 'spec', 'workerSpec')) !== null;
  }

  get view(): RuntimeView {
    const known = this.#view?.deref();
    if (known !== undefined) return known;
    const view = readRuntime(frozen(JSON.parse(this.#text)));
    this.#view = new WeakRef(view);
    return view;
  }
}

const CONTAINER = ['name', 'resources', 'env', 'envFrom', 'args', 'command'];
const PROBES = ['startupProbe', 'livenessProbe', 'readinessProbe'];
/** What a probe runs is of no interest, and often a long script. */
const PROBE = ['initialDelaySeconds', 'periodSeconds', 'failureThreshold'];
const POD = ['nodeSelector', 'tolerations'];
const WORKER = ['tensorParallelSize', 'pipelineParallelSize'];
const RUNTIME = ['disabled', 'multiModel', 'supportedModelFormats', 'protocolVersions', 'annotations'];

/** @returns a runtime with no more than a RuntimeView reads, directly or later. */
function trimmed(object: unknown): JsonObject {
  const spec = property(object, 'spec');
  const worker = asObject(property(spec, 'workerSpec'));
  return {
    kind: property(object, 'kind'),
    metadata: pick(property(object, 'metadata'), ['name', 'namespace', 'creationTimestamp']),
    spec: {
      ...pick(spec, [...RUNTIME, ...POD]),
      ...containersOf(spec),
      ...(worker && { workerSpec: { ...pick(worker, [...WORKER, ...POD]), ...containersOf(worker) } }),
    },
  };
}

function containersOf(pod: unknown): JsonObject {
  return Object.fromEntries(
    ['containers', 'initContainers'].flatMap((key) =>
      property(pod, key) === undefined ? [] : [[key, asList(property(pod, key)).map(containerOf)]],
    ),
  );
}

function containerOf(container: unknown): JsonObject {
  const probes = PROBES.filter((key) => asObject(property(container, key)) !== null);
  return {
    ...pick(container, CONTAINER),
    ...Object.fromEntries(probes.map((key) => [key, pick(property(container, key), PROBE)])),
  };
}

function pick(object: unknown, keys: readonly string[]): JsonObject {
  return Object.fromEntries(
    keys.flatMap((key) => (property(object, key) === undefined ? [] : [[key, property(object, key)]])),
  );
}

function frozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const item of Object.values(value)) frozen(item);
  }
  return value;
}
