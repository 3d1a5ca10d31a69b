/**
 * What a cluster with headcount would make of a manifest: as in assess.ts, under what is enforced in its namespace. For the
 * command line, where there is no request. Where nothing is judged there, headcount writes nothing and finds nothing.
 */
import type { Cluster } from '../cluster/cluster.ts';
import type { Config } from '../config/config.ts';
import { readRuntime } from '../kserve/runtime.ts';
import { readService } from '../kserve/view.ts';
import type { Finding } from '../rules/rule.ts';
import { assessRuntime } from './assess-runtime.ts';
import { assessService, type Assessment, type Subject } from './assess.ts';
import type { Phase } from './decision.ts';
import { enforced, enforcementOf, notJudgedUnder, type Enforcement } from './enforcement.ts';

/**
 * A service that is created.
 * @param phase validate: judge the service as it is, as KServe sees a stored service
 */
export async function assess(
  object: unknown,
  cluster: Cluster,
  config: Config,
  phase: Phase = 'mutate',
): Promise<Assessment> {
  return assessVersion({ object, oldObject: null, name: '', namespace: '' }, cluster, config, phase);
}

/** A service that is created or updated. */
export async function assessVersion(
  subject: Subject,
  cluster: Cluster,
  config: Config,
  phase: Phase,
): Promise<Assessment> {
  const { namespace } = readService(subject.object, subject);
  const enforcement = await enforcementOf(namespace, cluster, config);
  if (notJudgedUnder(enforcement) !== null) {
    const asWritten = await assessService(subject, 'validate', enforcement, cluster, config);
    return { ...asWritten, findings: [] };
  }
  const assessment = await assessService(subject, phase, enforcement, cluster, config);
  return { ...assessment, findings: enforced(assessment.findings, enforcement) };
}

export interface RuntimeAssessment {
  readonly findings: readonly Finding[];
  readonly enforcement: Enforcement;
}

/** A runtime as it stands, of which nothing is known to run yet. */
export async function assessRuntimeAsEnforced(
  object: unknown,
  cluster: Cluster,
  config: Config,
): Promise<RuntimeAssessment> {
  const enforcement = await enforcementOf(readRuntime(object).namespace ?? '', cluster, config);
  if (notJudgedUnder(enforcement) !== null) return { findings: [], enforcement };
  return { findings: enforced(await assessRuntime(object, cluster, config), enforcement), enforcement };
}
