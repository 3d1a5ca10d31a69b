/** What headcount makes of one ServingRuntime or ClusterServingRuntime that is created or changed. */
import type { Cluster } from '../cluster/cluster.ts';
import type { Config } from '../config/config.ts';
import { readRuntime } from '../kserve/runtime.ts';
import { evaluateRuntime } from '../rules/index.ts';
import type { Finding } from '../rules/rule.ts';
import { affectedServices } from './affected.ts';
import { NONE } from './assess-runtime.ts';
import type { Compute } from './assess.ts';
import { kserveFacts } from './facts.ts';
import { ruleSettings } from './enforcement.ts';
import { ratchet } from './ratchet.ts';

/** @returns the findings of a created (`old` null) or updated runtime, ratcheted against the stored one. */
export async function assessRuntimeChange(
  object: unknown,
  old: unknown,
  cluster: Cluster,
  config: Config,
  compute: Compute,
): Promise<readonly Finding[]> {
  const runtime = readRuntime(object);
  const previous = old === null ? null : readRuntime(old);
  const kserve = await kserveFacts(cluster, config);
  const affected = await affectedServices(runtime, previous, cluster, config);
  const settings = ruleSettings(config);
  return compute(() => {
    const findings = evaluateRuntime({ runtime, previous, affected, kserve, settings }, config.rules);
    // KServe does not check a disabled runtime, so one that is enabled is judged as if it were new.
    if (previous === null || previous.disabled) return findings;
    return ratchet(findings, [
      evaluateRuntime({ runtime: previous, previous: null, affected: NONE, kserve, settings }, config.rules),
    ]);
  });
}
