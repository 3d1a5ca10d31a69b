/**
 * The figures of an audit in the text format of Prometheus, for node_exporter's text files or a Pushgateway. Labels are
 * bounded whatever the cluster holds: no names, no namespaces. Both readers add the time themselves.
 */
import { Gauge, Registry } from 'prom-client';
import { runningPlan } from '../../kserve/stopped.ts';
import { RULE_IDS } from '../../rules/index.ts';
import { SEVERITIES, type Finding } from '../../rules/rule.ts';
import { idleGpus } from '../planned/figures.ts';
import { assessmentsOf, findingsOf, type Audited } from './audited.ts';

const VERDICTS = ['denied', 'warned', 'fine'] as const;

/** @returns every label that there can be, so that what has gone is 0 and not absent */
export async function metrics(audited: Audited): Promise<string> {
  const registry = new Registry();
  const registers = [registry];
  const services = new Gauge({
    name: 'headcount_audit_services',
    help: 'Services of the last audit, by what a cluster with headcount would answer.',
    labelNames: ['verdict'],
    registers,
  });
  const findings = new Gauge({
    name: 'headcount_audit_findings',
    help: 'Findings of the last audit, by rule and severity.',
    labelNames: ['rule', 'severity'],
    registers,
  });
  const gpus = new Gauge({
    name: 'headcount_audit_gpus',
    help: 'GPUs that the services of the last audit reserve, and those of them that no size uses.',
    labelNames: ['use'],
    registers,
  });
  for (const verdict of VERDICTS) services.set({ verdict }, 0);
  for (const rule of RULE_IDS) for (const severity of SEVERITIES) findings.set({ rule, severity }, 0);
  for (const use of ['reserved', 'idle']) gpus.set({ use }, 0);

  for (const finding of findingsOf(audited)) findings.inc({ rule: finding.rule, severity: finding.severity });
  for (const { service, plan, findings: found } of assessmentsOf(audited)) {
    services.inc({ verdict: verdictOf(found) });
    if (plan === null) continue;
    const running = runningPlan(plan, service);
    gpus.inc({ use: 'reserved' }, running.allocated);
    gpus.inc({ use: 'idle' }, idleGpus(running));
  }
  return registry.metrics();
}

function verdictOf(findings: readonly Finding[]): (typeof VERDICTS)[number] {
  const has = (severity: Finding['severity']): boolean =>
    findings.some((finding) => finding.severity === severity);
  if (has('deny')) return 'denied';
  return has('warn') ? 'warned' : 'fine';
}
