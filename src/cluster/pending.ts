/**
 * The reads of one review that the cluster has not answered yet. A review that misses its deadline can then say what it
 * waited for.
 */
import type { RuntimeView } from '../kserve/runtime.ts';
import type { ClaimOutcome } from '../kserve/claim.ts';
import type { KServeConfig } from '../kserve/gpus.ts';
import type { Installed } from '../kserve/installed.ts';
import type { Labels } from '../lib/labels.ts';
import type { Cluster, Later, Runtimes } from './cluster.ts';

/** A cluster for one review: the same answers. */
export class PendingReads implements Cluster {
  readonly #cluster: Cluster;
  readonly #reads: Set<string>;

  /** @param reads holds what is being read, such as "PersistentVolumeClaim team/models", while it is */
  constructor(cluster: Cluster, reads: Set<string>) {
    this.#cluster = cluster;
    this.#reads = reads;
  }

  installed(): Later<Installed> {
    return this.#noted("the Deployment of KServe's controller", this.#cluster.installed());
  }

  kserve(): Later<KServeConfig> {
    return this.#noted("KServe's ConfigMap", this.#cluster.kserve());
  }

  runtime(namespace: string, name: string): Later<RuntimeView | null> {
    return this.#noted(`runtime ${name}`, this.#cluster.runtime(namespace, name));
  }

  runtimes(namespace: string): Later<Runtimes> {
    return this.#noted(`the runtimes for namespace ${namespace}`, this.#cluster.runtimes(namespace));
  }

  assumed(): RuntimeView | null {
    return this.#cluster.assumed();
  }

  claim(namespace: string, name: string): Later<ClaimOutcome> {
    return this.#noted(`PersistentVolumeClaim ${namespace}/${name}`, this.#cluster.claim(namespace, name));
  }

  namespaceLabels(namespace: string): Later<Labels> {
    return this.#noted(`namespace ${namespace}`, this.#cluster.namespaceLabels(namespace));
  }

  async *services(namespace: string | null): AsyncGenerator<readonly unknown[]> {
    const what = namespace === null ? 'the InferenceServices' : `the InferenceServices of ${namespace}`;
    this.#reads.add(what);
    try {
      for await (const page of this.#cluster.services(namespace)) yield page;
    } finally {
      this.#reads.delete(what);
    }
  }

  fresh(): Cluster | null {
    const fresh = this.#cluster.fresh();
    return fresh && new PendingReads(fresh, this.#reads);
  }

  /** What memory answers is not noted: it is there already. */
  #noted<T>(what: string, answer: Later<T>): Later<T> {
    if (!(answer instanceof Promise)) return answer;
    this.#reads.add(what);
    return answer.finally(() => this.#reads.delete(what));
  }
}
