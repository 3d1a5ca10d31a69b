/**
 * A cluster as the webhook asks it, thousands of times a second: runtimes, KServe's ConfigMap and, where
 * labels are honoured, namespaces are held in memory (informer.ts); claims are read live and remembered for
 * seconds. What is not in memory is read live. Memory alone is never the reason for a denial: admit.ts
 * asks `fresh` before it denies.
 */
import type { RuntimeView } from '../kserve/runtime.ts';
import type { ClaimOutcome } from '../kserve/claim.ts';
import type { KServeConfig } from '../kserve/gpus.ts';
import type { Installed } from '../kserve/installed.ts';
import type { Cache, CacheKind, CacheState, Cluster, Reduced, ReducedObject, Runtimes } from './cluster.ts';
import { HeldRuntime, SHARE } from './held-runtime.ts';
import { identify, Informer, type InformerTimes } from './informer.ts';
import type { Api } from './api.ts';
import { InstalledRelease } from './installed-release.ts';
import { KSERVE_CONFIG, KSERVE_DEFAULTS, readKServeConfig } from './kserve-config.ts';
import {
  CLUSTER_SERVING_RUNTIMES,
  kserveConfigPath,
  LiveCluster,
  NAMESPACES,
  SERVING_RUNTIMES,
} from './live.ts';
import { readLabels, type Labels } from '../lib/labels.ts';

export interface CachedClusterOptions {
  readonly api: Api;
  /** Where KServe's ConfigMap is. */
  readonly kserveNamespace: string;
  /** Are labels of namespaces asked for? Only then are namespaces watched. */
  readonly namespaces: boolean;
  readonly times?: InformerTimes;
  /** Milliseconds between two looks at KServe's controller; a test's are smaller. */
  readonly lookInterval?: number;
}

/** Milliseconds that a claim is remembered. Its access modes never change, but it may be deleted. */
const CLAIM_LIFE = 5_000;
const MOST_CLAIMS = 4_096;
const NOT_LISTED: KServeConfig = { ...KSERVE_DEFAULTS, unread: 'it has not been listed yet' };
/** Without these nothing can be judged; the others have defaults. */
const NEEDED: readonly CacheKind[] = ['ServingRuntime', 'ClusterServingRuntime'];

const NOT_ONE: CacheState['reduced'] = { cut: 0, name: 0, elsewhere: 0 };

type AnyInformer = Pick<
  Informer<unknown>,
  'start' | 'stop' | 'synced' | 'problem' | 'age' | 'size' | 'lists'
>;
type RuntimeViews = readonly RuntimeView[];

export class CachedCluster implements Cluster, Cache {
  readonly #live: LiveCluster;
  readonly #own: Informer<HeldRuntime>;
  readonly #shared: Informer<HeldRuntime>;
  readonly #config: Informer<KServeConfig>;
  readonly #installed: InstalledRelease;
  readonly #namespaces: Informer<Labels> | null;
  readonly #kserveNamespace: string;
  readonly #claims = new Map<string, { readonly until: number; readonly claim: ClaimOutcome }>();
  #multiNode: { readonly revision: number; readonly groups: Map<string, WeakRef<RuntimeViews>> } | undefined;
  #onReduced: (object: ReducedObject) => void = () => {};

  constructor({ api, kserveNamespace, namespaces, times = {}, lookInterval }: CachedClusterOptions) {
    this.#live = new LiveCluster(api, { kserve: () => this.kserve(), installed: () => this.installed() });
    this.#installed = new InstalledRelease(api, kserveNamespace, lookInterval);
    this.#kserveNamespace = kserveNamespace;
    this.#own = new Informer({
      api,
      times,
      path: SERVING_RUNTIMES,
      keep: (object) => this.#held('ServingRuntime', this.#own, object),
      share: SHARE,
    });
    this.#shared = new Informer({
      api,
      times,
      path: CLUSTER_SERVING_RUNTIMES,
      keep: (object) => this.#held('ClusterServingRuntime', this.#shared, object),
    });
    this.#config = new Informer({
      api,
      times,
      path: kserveConfigPath(kserveNamespace),
      query: { fieldSelector: `metadata.name=${KSERVE_CONFIG}` },
      keep: readKServeConfig,
    });
    this.#namespaces = namespaces ? new Informer({ api, times, path: NAMESPACES, keep: readLabels }) : null;
  }

  async start(
    onTrouble: (kind: CacheKind, problem: string | null) => void,
    onReduced: (object: ReducedObject) => void = () => {},
    onInstalled: (installed: Installed) => void = () => {},
  ): Promise<void> {
    this.#onReduced = onReduced;
    await Promise.all([
      this.#installed.start(onInstalled),
      ...this.#informers().map(([kind, informer]) => informer.start((problem) => onTrouble(kind, problem))),
    ]);
  }

  stop(): void {
    for (const [, informer] of this.#informers()) informer.stop();
    this.#installed.stop();
  }

  notReady(): readonly string[] {
    return this.#informers()
      .filter(([kind, { synced }]) => NEEDED.includes(kind) && !synced)
      .map(([kind, { problem }]) => `${kind}s have not been listed yet${problem ? `: ${problem}` : ''}`);
  }

  state(): readonly CacheState[] {
    const reduced = { ServingRuntime: reducedOf(this.#own), ClusterServingRuntime: reducedOf(this.#shared) };
    return this.#informers().map(([kind, { synced, age, size, lists }]) => ({
      kind,
      synced,
      age,
      objects: size,
      lists,
      reduced: { ...NOT_ONE, ...(kind in reduced && reduced[kind as keyof typeof reduced]) },
    }));
  }

  fresh(): Cluster {
    return this.#live;
  }

  /** What the first look at KServe's controller has found; looks now where nobody has. */
  firstInstalled(): Promise<Installed> {
    return this.#installed.first();
  }

  installed(): Installed {
    return this.#installed.current;
  }

  kserve(): KServeConfig {
    const known = this.#config.get(this.#kserveNamespace, KSERVE_CONFIG);
    if (known !== undefined) return known;
    return this.#config.synced ? KSERVE_DEFAULTS : NOT_LISTED;
  }

  runtime(namespace: string, name: string): RuntimeView | null | Promise<RuntimeView | null> {
    if (!this.#synced()) return this.#live.runtime(namespace, name);
    const held = this.#own.get(namespace, name) ?? this.#shared.get('', name);
    return held?.extent === 'elsewhere' ? this.#live.runtime(namespace, name) : (held?.view ?? null);
  }

  /**
   * Only multi-node ones, since KServe selects no other for a multi-node service. Where there was no room for one of them,
   * other namespaces may have taken it, so all are read live.
   */
  runtimes(namespace: string): Runtimes | Promise<Runtimes> {
    if (!this.#synced()) return this.#live.runtimes(namespace);
    const inNamespace = this.#multiNodeOf(this.#own, namespace);
    return inNamespace.some(({ notHeld }) => notHeld === 'too-many')
      ? this.#live.runtimes(namespace)
      : { inNamespace, inCluster: this.#multiNodeOf(this.#shared, '') };
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

  #held(kind: CacheKind, informer: Informer<HeldRuntime>, object: unknown): HeldRuntime {
    const held = HeldRuntime.of(object);
    const { namespace, name } = identify(object);
    const { extent } = held;
    if (extent !== 'whole' && informer.get(namespace, name)?.extent !== extent) {
      this.#onReduced({ kind, namespace, name, held: extent });
    }
    return held;
  }

  #synced(): boolean {
    return this.#own.synced && this.#shared.synced;
  }

  /** Weakly cached, because views take several times the memory of their texts. */
  #multiNodeOf(informer: Informer<HeldRuntime>, namespace: string): RuntimeViews {
    const revision = this.#own.revision + this.#shared.revision;
    if (this.#multiNode?.revision !== revision) this.#multiNode = { revision, groups: new Map() };
    const { groups } = this.#multiNode;
    const known = groups.get(namespace)?.deref();
    if (known !== undefined) return known;
    const found = [...informer.inNamespace(namespace).values()]
      .filter(({ isMultiNode }) => isMultiNode)
      .map(({ view }) => view);
    groups.set(namespace, new WeakRef(found));
    return found;
  }

  #informers(): readonly (readonly [CacheKind, AnyInformer])[] {
    return [
      ['ServingRuntime', this.#own],
      ['ClusterServingRuntime', this.#shared],
      ['ConfigMap', this.#config],
      ...(this.#namespaces === null ? [] : [['Namespace', this.#namespaces] as const]),
    ];
  }
}

function reducedOf(informer: Informer<HeldRuntime>): CacheState['reduced'] {
  const counts: Record<Reduced, number> = { ...NOT_ONE };
  for (const { extent } of informer.all()) if (extent !== 'whole') counts[extent] += 1;
  return counts;
}
