/** What headcount makes of one ServingRuntime or ClusterServingRuntime as it stands. */
import type { Cluster } from '../cluster/cluster.ts';
import type { Config } from '../config/config.ts';
import { readRuntime } from '../kserve/runtime.ts';
import { evaluateRuntime } from '../rules/index.ts';
import type { Finding } from '../rules/rule.ts';
import { kserveFacts } from './facts.ts';
import { ruleSettings } from './enforcement.ts';

/** @returns the findings of a runtime as it stands, of which nothing is known to run yet */
export async function assessRuntime(
  object: unknown,
  cluster: Cluster,
  config: Config,
): Promise<readonly Finding[]> {
  const kserve = await kserveFacts(cluster, config);
  const subject = { runtime: readRuntime(object), previous: null, affected: NONE, kserve };
  return evaluateRuntime({ ...subject, settings: ruleSettings(config) }, config.rules);
}

/** No service is known to use it. */
export const NONE = { services: [], complete: true } as const;
