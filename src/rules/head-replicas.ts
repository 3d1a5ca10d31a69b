/**
 * There is exactly one head.
 *
 * Reads: predictor.minReplicas and maxReplicas.
 * Allowed: absent, or 1; a maxReplicas of 0, which KServe takes as absent. To pause a service there is the annotation
 * serving.kserve.io/stop.
 * Why: KServe takes minReplicas as the head's replicas. Every head starts a Ray cluster of its own, and the
 * workers join one of them, so that a second head has no workers, and without a head nothing serves.
 * Warned: maxReplicas above 1, which does nothing, since multi-node has no autoscaler.
 * Source: docs/kserve.md, The guide; docs/kserve.md, Roll-out. KServe checks neither.
 */
import { isStopped } from '../kserve/pod-annotations.ts';
import type { Setting } from '../kserve/setting.ts';
import type { Report, Rule } from './rule.ts';
import { quote } from '../lib/text.ts';

const STOP = 'serving.kserve.io/stop: "true"';

export const rule: Rule = {
  id: 'head-replicas',
  summary: 'A multi-node service has exactly one head',
  checkService({ service }) {
    if (service.worker === null) return [];
    return [...least(service.minReplicas, isStopped(service)), ...most(service.maxReplicas)];
  },
};

function least({ given, value, field }: Setting, isPaused: boolean): readonly Report[] {
  if (given === undefined || value === 1) return [];
  if (given === '1') return [inQuotes(field)];
  const pause = value === 0 && !isPaused ? `; to pause the service, add the annotation ${STOP}` : '';
  return [
    {
      severity: 'deny',
      field,
      message: `minReplicas is ${quote(given)}, but a multi-node service has exactly one head`,
      fix: `write minReplicas: 1, or remove it${pause}`,
      short: `minReplicas is ${quote(given)}: a multi-node service has exactly one head, so write 1${pause}`,
    },
  ];
}

function inQuotes(field: string): Report {
  return {
    severity: 'deny',
    field,
    message: 'minReplicas is "1", and the API server takes a number only',
    fix: 'write it without quotes: minReplicas: 1',
    short: 'minReplicas is "1": write it without quotes, since the API server takes a number only',
  };
}

function most({ given, value, field }: Setting): readonly Report[] {
  if (given === undefined || value === 0 || value === 1) return [];
  const found = `maxReplicas is ${quote(given)}`;
  if (value === null || value < 0) {
    return [
      {
        severity: 'deny',
        field,
        message: `${found}, which is no number of replicas`,
        fix: 'write maxReplicas: 1, or remove it',
        short: `${found}, which is no number of replicas: write 1`,
      },
    ];
  }
  return [
    {
      severity: 'warn',
      field,
      message: `${found}, but there is exactly one head: without an autoscaler the number does nothing`,
      fix: 'write maxReplicas: 1, or remove it',
      short: `${found}, which does nothing: a multi-node service has exactly one head and no autoscaler`,
    },
  ];
}
