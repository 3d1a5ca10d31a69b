/**
 * No canaries on multi-node.
 *
 * Reads: predictor.canaryTrafficPercent and spec.canary, where workerSpec is set.
 * Allowed: neither.
 * Why: traffic is split between revisions of the head, and multi-node has one head, one set of workers and
 * no revisions: the percentage does nothing, or two halves of two clusters run.
 * Source: docs/kserve.md, The guide (Standard mode only, which has no traffic split); docs/kserve.md, Releases.
 */
import type { Report, Rule } from './rule.ts';
import { quote } from '../lib/text.ts';

export const rule: Rule = {
  id: 'canary',
  summary: 'A multi-node service has no canary',
  checkService({ service }) {
    if (service.worker === null) return [];
    const { canaryTraffic, canaries } = service;
    return [
      ...(canaryTraffic.given === undefined ? [] : [traffic(canaryTraffic.field, canaryTraffic.given)]),
      ...(canaries === null ? [] : [predictors(canaries)]),
    ];
  },
};

function traffic(field: string, given: unknown): Report {
  return {
    severity: 'deny',
    field,
    message: `canaryTrafficPercent is ${quote(given)}, but traffic can't be split between multi-node revisions`,
    fix: `remove ${field}, and try a new version as a service of its own`,
    short: `canaryTrafficPercent ${quote(given)} does not work with workerSpec: remove it`,
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
