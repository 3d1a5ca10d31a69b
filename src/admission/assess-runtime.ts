/** What headcount makes of one ServingRuntime or ClusterServingRuntime, created or changed. */
import type { Cluster } from '../cluster/cluster.ts';
import type { Config } from '../config.ts';
import { readRuntime } from '../isvc/runtime.ts';
import { evaluateRuntime } from '../rules/index.ts';
import type { Finding } from '../rules/rule.ts';
import { affectedServices } from './affected.ts';
import { kserveFacts } from './facts.ts';
import { ruleSettings } from './policy.ts';
import { ratchet } from './ratchet.ts';

/** @returns the findings of a runtime that is created as it stands. */
export async function assessRuntime(
  object: unknown,
  cluster: Cluster,
  config: Config,
): Promise<readonly Finding[]> {
  return assessRuntimeChange(object, null, cluster, config);
}

/** @returns the findings of a created (`old` null) or updated runtime, ratcheted against the stored one. */
export async function assessRuntimeChange(
  object: unknown,
  old: unknown,
  cluster: Cluster,
  config: Config,
): Promise<readonly Finding[]> {
  const runtime = readRuntime(object);
  const previous = old === null ? null : readRuntime(old);
  const kserve = await kserveFacts(cluster, config);
  const affected = await affectedServices(runtime, previous, cluster, config);
  const settings = ruleSettings(config);
  const findings = evaluateRuntime({ runtime, previous, affected, kserve, settings }, config.rules);
  if (previous === null) return findings;
  const none = { services: [], complete: true };
  return ratchet(
    findings,
    evaluateRuntime({ runtime: previous, previous: null, affected: none, kserve, settings }, config.rules),
  );
}
