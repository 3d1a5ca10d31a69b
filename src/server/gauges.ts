/** Gauges that ask at each scrape what is so now, each with labels of its own. */
import { Gauge, type Registry } from 'prom-client';
import type { CacheState } from '../cluster/cluster.ts';
import { endOf, type Exception } from '../config/exceptions.ts';

export function reducedGauge(caches: () => readonly CacheState[], registers: Registry[]): Gauge {
  return new Gauge({
    name: 'headcount_cache_reduced',
    help: 'Objects not held whole, by kind and by what is held: cut (all but long args), name (too large), elsewhere (too many in a namespace, or in all together: read when asked for).',
    labelNames: ['kind', 'held'],
    registers,
    collect() {
      for (const { kind, reduced } of caches()) {
        for (const [held, objects] of Object.entries(reduced)) this.set({ kind, held }, objects);
      }
    },
  });
}

export function inForceGauge(
  inForce: () => ReadonlyMap<string, string | null>,
  registers: Registry[],
): Gauge {
  return new Gauge({
    name: 'headcount_webhooks_in_force',
    help: '1 while the webhook configuration is in force, 0 while the API server asks nothing by it.',
    labelNames: ['configuration'],
    registers,
    collect() {
      for (const [configuration, problem] of inForce()) this.set({ configuration }, Number(problem === null));
    },
  });
}

/** The labels are the platform's own words, and as many as its configuration has exceptions. */
export function exceptionGauge(exceptions: () => readonly Exception[], registers: Registry[]): Gauge {
  return new Gauge({
    name: 'headcount_exception_end_timestamp_seconds',
    help: 'When the last day of each exception of the configuration is over.',
    labelNames: ['rules', 'namespaces', 'until'],
    registers,
    collect() {
      this.reset();
      for (const exception of exceptions()) {
        const { rules, namespaces, until } = exception;
        const labels = { rules: rules.join(','), namespaces: namespaces.join(','), until };
        this.set(labels, endOf(exception) / 1_000);
      }
    },
  });
}

export function releaseGauge(
  release: () => Promise<{ readonly release: string; readonly from: string }>,
  registers: Registry[],
): Gauge {
  return new Gauge({
    name: 'headcount_kserve_release',
    help: 'Always 1; the release of KServe that is planned for, and where it is from: configuration, cluster, or default where the cluster does not tell.',
    labelNames: ['release', 'from'],
    registers,
    async collect() {
      const labels = await release();
      this.reset();
      this.set({ ...labels }, 1);
    },
  });
}
