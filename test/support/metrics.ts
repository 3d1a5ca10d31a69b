/** Metrics for tests: of a server without caches, certificates, webhook configurations and exceptions, unless a test says otherwise. */
import { makeMetrics, type Metrics, type MetricsOptions } from '../../src/server/metrics.ts';

export function metricsForTest(options: Partial<MetricsOptions> = {}): Metrics {
  return makeMetrics({
    version: 'test',
    process: false,
    release: async () => ({ release: '0.19', from: 'default' }),
    exceptions: () => [],
    caches: () => [],
    certificates: () => ({ leafExpires: null, caExpires: null, trusted: null }),
    inForce: () => new Map(),
    ...options,
  });
}
