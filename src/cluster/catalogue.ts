/**
 * A cluster made of manifests: what the command line and `serve --offline` ask instead of an API server.
 * Every object is read once, when it is added.
 */
import type { RuntimeView } from '../kserve/runtime.ts';
import { isStock } from '../fit/stock.ts';
import { asString, at, property } from '../lib/json.ts';
import { isOfKServe } from '../kserve/kinds.ts';
import type { ClaimOutcome } from '../kserve/claim.ts';
import type { KServeConfig } from '../kserve/gpus.ts';
import type { Installed } from '../kserve/installed.ts';
import { ASSUMED_RUNTIME, BUILTIN_RUNTIME } from './builtin-runtime.ts';
import type { Cluster, ReducedObject, Runtimes } from './cluster.ts';
import { HeldRuntime } from './held-runtime.ts';
import { KSERVE_CONFIG, KSERVE_DEFAULTS, readKServeConfig } from './kserve-config.ts';
import { NO_LABELS, readLabels, type Labels } from '../lib/labels.ts';
import { namespaceOf, readClaim } from './objects.ts';

/**
 * Which part of a catalogue an object is; null for kinds that say nothing about a service. `stock` is what pods are placed
 * on: only a forecast reads it.
 */
export type Part = 'service' | 'runtime' | 'claim' | 'kserve' | 'namespace' | 'stock';

export function partOf(object: unknown): Part | null {
  const kind = property(object, 'kind');
  if (isOfKServe(object)) {
    if (kind === 'InferenceService') return 'service';
    return kind === 'ServingRuntime' || kind === 'ClusterServingRuntime' ? 'runtime' : null;
  }
  if (property(object, 'apiVersion') !== 'v1') return null;
  if (isStock(object)) return 'stock';
  if (kind === 'PersistentVolumeClaim') return 'claim';
  if (kind === 'Namespace') return 'namespace';
  return kind === 'ConfigMap' && at(object, 'metadata', 'name') === KSERVE_CONFIG ? 'kserve' : null;
}

/**
 * @param objects in any order; of two with the same kind, namespace and name the last counts
 * @param extent what an absent object means. complete: it does not exist; assumed: it is unknown, and an unknown
 *   runtime is taken to be like the built-in one; partial: the caller asks another cluster, and there is no built-in
 *   runtime
 */
export function catalogueOf(objects: readonly unknown[], extent: Extent): Cluster {
  const catalogue = new Catalogue(extent);
  for (const object of objects) catalogue.add(object);
  return catalogue;
}

const NO_CLUSTER: Installed = { status: 'unread', why: 'no cluster was asked' };

export type Extent = 'complete' | 'assumed' | 'partial';

export class Catalogue implements Cluster {
  #extent: Extent;
  #lacksFiles = false;
  readonly #onReduced: (runtime: ReducedObject) => void;
  readonly #assumed = HeldRuntime.of(ASSUMED_RUNTIME).view;
  readonly #runtimes = new Map<string, RuntimeView>();
  readonly #claims = new Map<string, ClaimOutcome>();
  readonly #labels = new Map<string, Labels>();
  readonly #services = new Map<string, unknown>();
  #kserve = KSERVE_DEFAULTS;

  /** @param onReduced told of each runtime that is too long to be held whole */
  constructor(extent: Extent, onReduced: (runtime: ReducedObject) => void = () => {}) {
    this.#extent = extent;
    this.#onReduced = onReduced;
    if (extent !== 'partial') this.#setRuntime(HeldRuntime.of(BUILTIN_RUNTIME).view);
  }

  /** Some files could not be read, so an absent object may be in one of them: it is unknown, not missing. */
  lacksFiles(): void {
    this.#lacksFiles = true;
    if (this.#extent === 'complete') this.#extent = 'assumed';
  }

  /** Of two objects with the same kind, namespace and name the last counts. */
  add(object: unknown): void {
    switch (partOf(object)) {
      case 'runtime':
        return this.#addRuntime(HeldRuntime.of(object));
      case 'claim':
        return this.#addClaim(object);
      case 'kserve':
        this.#kserve = readKServeConfig(object);
        return;
      case 'namespace':
        this.#labels.set(asString(at(object, 'metadata', 'name')) ?? '', readLabels(object));
        return;
      case 'service':
        this.#services.set(
          keyOf(namespaceOf(object), asString(at(object, 'metadata', 'name')) ?? ''),
          object,
        );
        return;
      case 'stock':
      case null:
    }
  }

  #addRuntime({ view, extent }: HeldRuntime): void {
    this.#setRuntime(view);
    const { kind, name, namespace } = view;
    if (extent !== 'whole') this.#onReduced({ kind, name, namespace: namespace ?? '', held: extent });
  }

  #setRuntime(runtime: RuntimeView): void {
    this.#runtimes.set(keyOf(runtime.namespace, runtime.name), runtime);
  }

  #addClaim(object: unknown): void {
    const claim = readClaim(object);
    if (claim.status === 'found') this.#claims.set(keyOf(namespaceOf(object), claim.name), claim);
  }

  kserve(): KServeConfig {
    return this.#kserve;
  }

  installed(): Installed {
    return NO_CLUSTER;
  }

  runtime(namespace: string, name: string): RuntimeView | null {
    return this.#runtimes.get(keyOf(namespace, name)) ?? this.#runtimes.get(keyOf(null, name)) ?? null;
  }

  runtimes(namespace: string): Runtimes {
    const all = [...this.#runtimes.values()];
    return {
      inNamespace: all.filter((runtime) => runtime.namespace === namespace),
      inCluster: all.filter((runtime) => runtime.namespace === null),
    };
  }

  assumed(): RuntimeView | null {
    return this.#extent === 'assumed' ? this.#assumed : null;
  }

  claim(namespace: string, name: string): ClaimOutcome {
    const found = this.#claims.get(keyOf(namespace, name));
    if (found !== undefined) return found;
    const unchecked = (cause: string): ClaimOutcome => ({ status: 'unchecked', name, cause });
    // Manifests without any claim say nothing of claims.
    if (this.#claims.size === 0) return unchecked('no claims were given (--catalog or --cluster)');
    return this.#lacksFiles
      ? unchecked("a file that may hold it can't be read")
      : { status: 'missing', name };
  }

  namespaceLabels(namespace: string): Labels {
    return this.#labels.get(namespace) ?? NO_LABELS;
  }

  async *services(namespace: string | null): AsyncIterable<readonly unknown[]> {
    const all = [...this.#services.values()];
    yield all.filter((service) => namespace === null || namespaceOf(service) === namespace);
  }

  fresh(): null {
    return null;
  }
}

/** Neither part may hold a slash. */
function keyOf(namespace: string | null, name: string): string {
  return `${namespace ?? ''}/${name}`;
}
