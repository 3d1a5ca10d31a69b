/** The rules, written out in the order in which their messages appear, and how they are run. */
import type { Level } from './rule.ts';
import { rule as agent } from './agent.ts';
import { rule as autoscalerClass } from './autoscaler-class.ts';
import { bounded } from './bounded.ts';
import { rule as canary } from './canary.ts';
import { rule as deploymentMode } from './deployment-mode.ts';
import { rule as gpuCapacity } from './gpu-capacity.ts';
import { rule as gpuIdle } from './gpu-idle.ts';
import { rule as gpuResource } from './gpu-resource.ts';
import { rule as gpuTypeMix } from './gpu-type-mix.ts';
import { rule as headReplicas } from './head-replicas.ts';
import { rule as imageParity } from './image-parity.ts';
import { rule as merge } from './merge.ts';
import { rule as kserveRelease } from './kserve-release.ts';
import { rule as modelConfig } from './model-config.ts';
import { rule as nameLength } from './name-length.ts';
import { rule as parallelSizeEnv } from './parallel-size-env.ts';
import { rule as parallelSize } from './parallel-size.ts';
import { rule as reservedEnv } from './reserved-env.ts';
import { rule as runtime } from './runtime.ts';
import { rule as runtimeChange } from './runtime-change.ts';
import { rule as workerContainer } from './worker-container.ts';
import { rule as rollout } from './rollout.ts';
import { rule as startupProbe } from './startup-probe.ts';
import { rule as template } from './template.ts';
import { rule as notMultiNode } from './not-multi-node.ts';
import { rule as schedulingParity } from './scheduling-parity.ts';
import type { Finding, Owner, Report, Rule, Severity } from './rule.ts';
import type { RuntimeSubject, ServiceSubject } from './subject.ts';
import { withHelmHint } from './support/helm.ts';
import { rule as storageClaim } from './storage-claim.ts';
import { rule as storageUri } from './storage-uri.ts';
import { rule as unknownField } from './unknown-field.ts';
import { rule as vllmArgs } from './vllm-args.ts';
import { oncePer } from '../lib/once.ts';

export const RULES: readonly Rule[] = [
  kserveRelease,
  unknownField,
  parallelSizeEnv,
  parallelSize,
  storageUri,
  storageClaim,
  gpuResource,
  gpuTypeMix,
  gpuCapacity,
  gpuIdle,
  autoscalerClass,
  deploymentMode,
  headReplicas,
  runtime,
  runtimeChange,
  workerContainer,
  reservedEnv,
  merge,
  template,
  imageParity,
  agent,
  vllmArgs,
  nameLength,
  canary,
  rollout,
  startupProbe,
  notMultiNode,
  schedulingParity,
  modelConfig,
];

export const RULE_IDS: readonly string[] = RULES.map(({ id }) => id);

/** The level that is configured for each rule id; one that is absent is `default`. */
type Levels = Readonly<Record<string, Level>>;

/** @returns all findings about a service, in the rules' order, with the configured levels applied. */
export function evaluateService(subject: ServiceSubject, levels: Levels): readonly Finding[] {
  return evaluate((rule) => rule.checkService?.(subject), 'service', levels);
}

/** @returns all findings about a runtime, in the rules' order, with the configured levels applied. */
export function evaluateRuntime(subject: RuntimeSubject, levels: Levels): readonly Finding[] {
  const findings = evaluate((rule) => rule.checkRuntime?.(subject), 'runtime', levels);
  return subject.runtime.disabled ? findings.map(ofDisabled) : findings;
}

/** What the API server refuses, and services that run on the runtime until now, matter though it is disabled. */
const DENIED_OF_DISABLED: ReadonlySet<string> = new Set([unknownField.id, runtimeChange.id]);

/** No service runs on a disabled runtime, and KServe does not check it: what is wrong in it is denied when it is enabled. */
function ofDisabled(finding: Finding): Finding {
  const isLowered = finding.severity === 'deny' && !DENIED_OF_DISABLED.has(finding.rule);
  return isLowered ? { ...finding, severity: 'warn' } : finding;
}

interface RuleInForce {
  readonly rule: Rule;
  readonly level: Level;
}

/** The rules that are not off, in their order. All reviews have the same levels until the configuration changes. */
const inForce = oncePer((levels: Levels): readonly RuleInForce[] =>
  RULES.map((rule) => ({ rule, level: levels[rule.id] ?? 'default' })).filter(({ level }) => level !== 'off'),
);

/** @param object whose fields they are where the report does not say */
function evaluate(
  check: (rule: Rule) => Iterable<Report> | undefined,
  object: Owner,
  levels: Levels,
): readonly Finding[] {
  const findings: Finding[] = [];
  for (const { rule, level } of inForce(levels)) {
    const reports = check(rule);
    if (reports === undefined) continue;
    for (const report of bounded(reports)) {
      const { severity, field, owner = object, message, fix, short, count } = report;
      findings.push({
        rule: rule.id,
        severity: atLevel(severity, level),
        field,
        owner,
        message,
        fix: severity === 'deny' ? withHelmHint(message, fix) : fix,
        short,
        ...(count !== undefined && { count }),
      });
    }
  }
  return findings;
}

/** `deny` raises a warning, `warn` lowers a denial; notes stay notes. */
function atLevel(severity: Severity, level: Level): Severity {
  return severity === 'note' || level === 'default' || level === 'off' ? severity : level;
}
