/**
 * A cluster with manifests on top: the manifests count as if they were already applied. For commands that get both
 * manifests and a cluster.
 */
import type { RuntimeView } from '../kserve/runtime.ts';
import type { ClaimOutcome } from '../kserve/claim.ts';
import type { KServeConfig } from '../kserve/gpus.ts';
import type { Cluster, Runtimes } from './cluster.ts';
import { KSERVE_DEFAULTS } from './kserve-config.ts';
import { namespaceOf } from './objects.ts';
import { asString, at } from '../lib/json.ts';
import type { Labels } from '../lib/labels.ts';

export function layered(over: Cluster, under: Cluster): Cluster {
  return {
    async kserve(): Promise<KServeConfig> {
      const given = await over.kserve();
      return given === KSERVE_DEFAULTS ? under.kserve() : given;
    },
    installed: () => under.installed(),
    async runtime(namespace: string, name: string): Promise<RuntimeView | null> {
      const given = await over.runtime(namespace, name);
      if (given !== null && given.namespace !== null) return given;
      const found = await under.runtime(namespace, name);
      return found === null || found.namespace === null ? (given ?? found) : found;
    },
    async runtimes(namespace: string): Promise<Runtimes> {
      const [given, found] = await Promise.all([over.runtimes(namespace), under.runtimes(namespace)]);
      return {
        inNamespace: merged(given.inNamespace, found.inNamespace),
        inCluster: merged(given.inCluster, found.inCluster),
      };
    },
    assumed: () => null,
    async claim(namespace: string, name: string): Promise<ClaimOutcome> {
      const given = await over.claim(namespace, name);
      return given.status === 'found' ? given : under.claim(namespace, name);
    },
    async namespaceLabels(namespace: string): Promise<Labels> {
      return new Map([
        ...(await under.namespaceLabels(namespace)),
        ...(await over.namespaceLabels(namespace)),
      ]);
    },
    async *services(namespace: string | null): AsyncIterable<readonly unknown[]> {
      const given = new Set<string>();
      for await (const page of over.services(namespace)) {
        for (const service of page) given.add(keyOf(service));
        yield page;
      }
      for await (const page of under.services(namespace)) {
        yield page.filter((service) => !given.has(keyOf(service)));
      }
    },
    fresh: () => null,
  };
}

function keyOf(service: unknown): string {
  return `${namespaceOf(service)}/${asString(at(service, 'metadata', 'name')) ?? ''}`;
}

function merged(over: readonly RuntimeView[], under: readonly RuntimeView[]): readonly RuntimeView[] {
  const given = new Set(over.map(({ name }) => name));
  return [...over, ...under.filter(({ name }) => !given.has(name))];
}
