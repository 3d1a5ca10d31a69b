/**
 * KServe's own webhooks as a yardstick: its manager, as the end-to-end tests run it, on the core of the other servers and
 * with one thread for its Go code. Its defaulter reads a ConfigMap from the API server for each review.
 */
import { spawnSync } from 'node:child_process';
import { TestCluster } from '../test/e2e/cluster/cluster.ts';
import { installPrerequisites } from '../test/e2e/cluster/headcount.ts';
import { KServe, kserveCrds, kserveRuntime } from '../test/e2e/cluster/kserve.ts';
import { cpuOf, SERVER_CORE, type Measurable } from './measure.ts';

const PATHS = {
  validate: '/validate-serving-kserve-io-v1beta1-inferenceservice',
  mutate: '/mutate-serving-kserve-io-v1beta1-inferenceservice',
} as const;

export interface MeasuredKServe {
  readonly process: Measurable;
  /** The address of each webhook. */
  readonly urls: Readonly<Record<keyof typeof PATHS, string>>;
  readonly stop: () => Promise<void>;
}

export async function startKServe(): Promise<MeasuredKServe> {
  const cluster = await TestCluster.start();
  await installPrerequisites(cluster, undefined, kserveCrds());
  await cluster.must(['apply', '-f', '-'], kserveRuntime());
  const kserve = await KServe.start(cluster, { environment: { GOMAXPROCS: '1' } });
  spawnSync('taskset', ['-a', '-c', '-p', SERVER_CORE, String(kserve.pid)]);
  return {
    process: {
      get cpu() {
        return cpuOf(kserve.pid);
      },
    },
    urls: { validate: kserve.url + PATHS.validate, mutate: kserve.url + PATHS.mutate },
    async stop() {
      await kserve.stop();
      await cluster.stop();
    },
  };
}
