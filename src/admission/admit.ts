/**
 * The pipeline: a review's request in, a decision out. Reads top to bottom as the README's diagram: scope,
 * enforcement, assessment (intent, view, runtime, plan, rules), decision, patch.
 */
import type { Cluster } from '../cluster/cluster.ts';
import type { Config } from '../config/config.ts';
import { isMultiNode } from '../kserve/view.ts';
import { isProbe } from '../registration/probe.ts';
import type { Finding } from '../rules/rule.ts';
import { diff, type Operation } from '../mutation/patch.ts';
import { assessService, atOnce, type Assessment, type Compute, type Subject } from './assess.ts';
import { assessRuntimeChange } from './assess-runtime-change.ts';
import type { AdmissionRequest, Decision, NotJudged, Phase } from './decision.ts';
import { enforced, enforcementOf, notJudgedUnder, type Enforcement } from './enforcement.ts';
import { hasTooLargeAnnotations, isSingleNode, scopeOf } from './scope.ts';

/**
 * @param phase mutate: judge the object with our changes and answer with the patch; validate: judge the object as
 *   it was sent
 * @param compute runs the part of the assessment that reads nothing
 * @throws only for bugs, and what `compute` throws; a cluster that can't be read is part of the decision
 */
export async function admit(
  phase: Phase,
  request: AdmissionRequest,
  cluster: Cluster,
  config: Config,
  compute: Compute = atOnce,
): Promise<Decision> {
  const { group, kind } = request.kind;
  if (isProbe(group, kind, request.name)) return { outcome: 'probed' };
  const scope = scopeOf(request);
  if (scope.judge === null) return passed(scope.why);
  if (phase === 'mutate' && hasTooLargeAnnotations(request.object)) return passed('annotations-too-large');
  const enforcement = await enforcementOf(request.namespace, cluster, config);
  const notJudged = notJudgedUnder(enforcement);
  if (notJudged !== null) return passed(notJudged);
  if (scope.judge === 'runtime') return admitRuntime(phase, request, enforcement, cluster, config, compute);

  const subject = {
    ...request,
    oldObject: request.operation === 'UPDATE' ? (request.oldObject ?? null) : null,
  };
  const assessment = await assessConfirmed(subject, phase, enforcement, cluster, config, compute);
  if (assessment.runtime.status === 'unavailable' && isMultiNode(request.object)) {
    const { name, cause, notHeld } = assessment.runtime;
    const what = name === null ? 'the runtimes' : `runtime "${name}"`;
    if (phase === 'mutate')
      return allowed([], [`could not read ${what} (${cause}): nothing was computed`], []);
    // Trying again does not help with a runtime that is not held. KServe may run it, so the rule "runtime" warns.
    if (config.lookupFailure === 'deny' && notHeld === null) {
      return { outcome: 'failed', code: 503, message: `could not read ${what}, try again (${cause})` };
    }
  }
  const findings = enforced(assessment.findings, enforcement);
  const patch = phase === 'mutate' ? diff(request.object, assessment.stored) : [];
  if (findings.length === 0 && patch.length === 0 && isSingleNode(request)) return passed('not-multi-node');
  return decide(phase, findings, remarksOn(phase, request.namespace, assessment, enforcement), patch, config);
}

/**
 * The cache may be out of date, so it is never the only reason for a denial. A service that would be denied or
 * could not be planned is assessed again with a live read. If the live read fails, a runtime in the cache still counts.
 */
async function assessConfirmed(
  subject: Subject,
  phase: Phase,
  enforcement: Enforcement,
  cluster: Cluster,
  config: Config,
  compute: Compute,
): Promise<Assessment> {
  const assessment = await assessService(subject, phase, enforcement, cluster, config, compute);
  const { runtime, findings } = assessment;
  const doubtful =
    findings.some(({ severity }) => severity === 'deny') || ['missing', 'none'].includes(runtime.status);
  const now = doubtful ? cluster.fresh() : null;
  if (now === null) return assessment;
  const again = await assessService(subject, phase, enforcement, now, config, compute);
  const known = runtime.status === 'found' || runtime.status === 'unsuitable';
  const unread = again.runtime.status === 'unavailable' && again.runtime.notHeld === null;
  return unread && known ? assessment : again;
}

async function admitRuntime(
  phase: Phase,
  request: AdmissionRequest,
  enforcement: Enforcement,
  cluster: Cluster,
  config: Config,
  compute: Compute,
): Promise<Decision> {
  if (phase === 'mutate') return allowed([], [], []);
  const old = request.operation === 'UPDATE' ? (request.oldObject ?? null) : null;
  const findings = await assessRuntimeChange(request.object, old, cluster, config, compute);
  return decide(
    phase,
    enforced(findings, enforcement),
    remarksOnEnforcement(request.namespace, enforcement),
    [],
    config,
  );
}

function decide(
  phase: Phase,
  findings: readonly Finding[],
  remarks: readonly string[],
  patch: readonly Operation[],
  config: Config,
): Decision {
  const denials = findings.filter((finding) => finding.severity === 'deny');
  const warnings = findings.filter((finding) => finding.severity === 'warn');
  if (denials.length === 0) return allowed(warnings, remarks, patch);
  if (phase === 'mutate' && config.denyAt === 'validate') return allowed(warnings, remarks, patch);
  const { docsUrl } = config;
  return { outcome: 'deny', findings: denials, warnings, ...(docsUrl !== '' && { docsUrl }) };
}

/** Warnings that no rule gives: they are not about the manifest, but about what headcount could read. */
function remarksOn(
  phase: Phase,
  namespace: string,
  { claim, kserve, ambiguous }: Assessment,
  enforcement: Enforcement,
): readonly string[] {
  const remarks: string[] = [];
  if (phase === 'validate') {
    remarks.push(...remarksOnEnforcement(namespace, enforcement));
    if (claim.status === 'unchecked') remarks.push(`claim "${claim.name}" not checked: ${claim.cause}`);
    if (kserve.unread !== undefined) remarks.push(`KServe's ConfigMap not checked: ${kserve.unread}`);
  }
  if (phase === 'mutate' && ambiguous) {
    remarks.push(
      'an applied value equals the one headcount had derived: taken as ours, the earlier one is kept',
    );
  }
  return remarks;
}

function remarksOnEnforcement(namespace: string, { unread }: Enforcement): readonly string[] {
  return unread === undefined ? [] : [`labels of namespace "${namespace}" not checked: ${unread}`];
}

function allowed(
  warnings: readonly Finding[],
  remarks: readonly string[],
  patch: readonly Operation[],
): Decision {
  return { outcome: 'allow', notJudged: null, warnings, remarks, patch };
}

function passed(why: NotJudged): Decision {
  return { outcome: 'allow', notJudged: why, warnings: [], remarks: [], patch: [] };
}
