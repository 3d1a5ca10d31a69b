/**
 * What the pipeline needs to know of the world around an object. Implemented by the catalogue (YAML files)
 * and by a live cluster; tests pass a literal object. A method may answer at once or later.
 */
import type { RuntimeView } from '../kserve/runtime.ts';
import type { ClaimOutcome } from '../kserve/claim.ts';
import type { KServeConfig } from '../kserve/gpus.ts';
import type { Installed } from '../kserve/installed.ts';
import type { Labels } from '../lib/labels.ts';

export type Later<T> = T | Promise<T>;

/** The runtimes that a service of one namespace may be given. */
export interface Runtimes {
  readonly inNamespace: readonly RuntimeView[];
  readonly inCluster: readonly RuntimeView[];
}

/** Thrown when something can't be read and has no default. */
export class Unavailable extends Error {
  override readonly name = 'Unavailable';
}

export interface Cluster {
  /** KServe's own ConfigMap; the last known value, or KServe's defaults. Never fails. */
  kserve(): Later<KServeConfig>;
  /** The release of KServe that runs there, as far as it is known. Never fails. */
  installed(): Later<Installed>;
  /**
   * The ServingRuntime of the namespace or, failing that, the ClusterServingRuntime of this name.
   * @throws Unavailable
   */
  runtime(namespace: string, name: string): Later<RuntimeView | null>;
  /** @throws Unavailable */
  runtimes(namespace: string): Later<Runtimes>;
  /**
   * The runtime to plan on when the named runtime is unknown, but may exist: the built-in one if there is no
   * catalogue. Null when a lookup that finds nothing means that the runtime does not exist.
   */
  assumed(): RuntimeView | null;
  /** Never fails: what can't be read is `unchecked`. */
  claim(namespace: string, name: string): Later<ClaimOutcome>;
  /**
   * Labels of a namespace.
   * @throws Unavailable
   */
  namespaceLabels(namespace: string): Later<Labels>;
  /**
   * Pages of the InferenceServices of a namespace, or of all (null).
   * @throws Unavailable, also halfway
   */
  services(namespace: string | null): AsyncIterable<readonly unknown[]>;
  /** The same cluster, read now instead of from memory; null where this one remembers nothing. */
  fresh(): Cluster | null;
}

/** The kinds that a cluster may be remembered by; a closed set, since they become labels of metrics. */
export type CacheKind = 'ServingRuntime' | 'ClusterServingRuntime' | 'ConfigMap' | 'Namespace';

/** What is known of the objects of one kind. */
export interface CacheState {
  readonly kind: CacheKind;
  /** Have they been listed? */
  readonly synced: boolean;
  /** Seconds since the API server last said anything about them; Infinity before it ever did. */
  readonly age: number;
  readonly objects: number;
  /** How often all of them have been listed. */
  readonly lists: number;
  /** How many of them are not held whole. */
  readonly reduced: Readonly<Record<Reduced, number>>;
}

/**
 * What is held of an object that is not held whole. cut: everything except some long texts; name: only its name,
 * because the object is too large; elsewhere: only its name, and the object is read live when it is needed, because its
 * namespace has too many objects, or all namespaces together have.
 */
export type Reduced = 'cut' | 'name' | 'elsewhere';

/** An object of which not all can be held. */
export interface ReducedObject {
  readonly kind: CacheKind;
  /** '' where it is in none. */
  readonly namespace: string;
  readonly name: string;
  readonly held: Reduced;
}

/** The life of a cluster's memory, as the server sees it. */
export interface Cache {
  /**
   * Resolves when each kind has been listed once, or could not be.
   * @param onTrouble told why a kind can't be kept up to date, and null when it can again
   * @param onReduced told of each object that is too long to be held whole, once until it changes
   * @param onInstalled told which release of KServe runs, at the start and when that changes
   */
  start(
    onTrouble: (kind: CacheKind, problem: string | null) => void,
    onReduced?: (object: ReducedObject) => void,
    onInstalled?: (installed: Installed) => void,
  ): Promise<void>;
  stop(): void;
  /** @returns what is waited for, one line each; empty when everything needed has been listed. */
  notReady(): readonly string[];
  state(): readonly CacheState[];
}
