/**
 * No canaries on multi-node.
 *
 * Reads: predictor.canaryTrafficPercent and spec.canary, where workerSpec is set; workerSpec inside spec.canary.
 * Allowed: neither. A percentage of 100 splits nothing and is ignored, so it draws a warning.
 * Why: traffic is split between revisions of the head, and multi-node has one head, one set of workers and
 * no revisions: the percentage does nothing, or two halves of two clusters run. From 0.20 on KServe refuses
 * workerSpec inside spec.canary; older releases do not know the field.
 * Source: docs/kserve.md, The guide (Standard mode only, which has no traffic split); docs/kserve.md, Releases;
 * docs/kserve.md, What KServe's webhooks check.
 */
import type { Report, Rule } from './rule.ts';
import type { Setting } from '../kserve/setting.ts';
import { quote } from '../lib/text.ts';

const ALL = 100;

export const rule: Rule = {
  id: 'canary',
  summary: 'A multi-node service has no canary',
  checkService({ service }) {
    const { canaryTraffic, canaries, canaryWorkers } = service;
    if (service.worker === null) return canaryWorkers.map(workers);
    return [
      ...(canaryTraffic.given === undefined ? [] : [traffic(canaryTraffic)]),
      ...(canaries === null ? [] : [predictors(canaries)]),
    ];
  },
};

function traffic({ field, given, value }: Setting): Report {
  const all = value === ALL;
  return {
    severity: all ? 'warn' : 'deny',
    field,
    message: all
      ? 'canaryTrafficPercent 100 does nothing: a multi-node service has no revisions to split traffic between'
      : `canaryTrafficPercent is ${quote(given)}, but traffic can't be split between multi-node revisions`,
    fix: all ? `remove ${field}` : `remove ${field}, and try a new version as a service of its own`,
    short: all
      ? 'canaryTrafficPercent 100 does nothing with workerSpec: remove it'
      : `canaryTrafficPercent ${quote(given)} does not work with workerSpec: remove it`,
  };
}

function predictors(field: string): Report {
  return {
    severity: 'deny',
    field,
    message: 'canary predictors are set together with workerSpec, but multi-node has no canaries',
    fix: `remove ${field}, and try a new version as a service of its own`,
    short: `canary predictors do not work with workerSpec: remove ${field}`,
  };
}

function workers(field: string): Report {
  return {
    severity: 'deny',
    field,
    message: 'workerSpec stands in a canary predictor, and multi-node has no canaries',
    fix: `remove ${field}, and try the multi-node version as a service of its own`,
    short: `workerSpec in a canary predictor does not work: remove ${field}`,
  };
}
