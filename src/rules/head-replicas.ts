/**
 * There is exactly one head.
 *
 * Reads: predictor.minReplicas and maxReplicas.
 * Allowed: absent, or 1. To pause a service there is the annotation serving.kserve.io/stop.
 * Why: KServe takes minReplicas as the head's replicas. Every head starts a Ray cluster of its own, and the
 * workers join one of them, so that a second head has no workers, and without a head nothing serves.
 * Source: docs/kserve.md, The guide; docs/kserve.md, Roll-out. KServe checks neither.
 */
import type { Setting } from '../kserve/setting.ts';
import type { Report, Rule } from './rule.ts';
import { quote } from '../lib/text.ts';

const STOP = 'serving.kserve.io/stop: "true"';

export const rule: Rule = {
  id: 'head-replicas',
  summary: 'A multi-node service has exactly one head',
  checkService({ service }) {
    if (service.worker === null) return [];
    return [service.minReplicas, service.maxReplicas].flatMap(check);
  },
};

function check(setting: Setting): readonly Report[] {
  if (setting.given === undefined || setting.value === 1) return [];
  const name = setting.field.slice(setting.field.lastIndexOf('.') + 1);
  const given = quote(setting.given);
  const pause =
    setting.value === 0 && name === 'minReplicas' ? `; to pause the service, add the annotation ${STOP}` : '';
  return [
    {
      severity: 'deny',
      field: setting.field,
      message: `${name} is ${given}, but a multi-node service has exactly one head`,
      fix: `write ${name}: 1, or remove it${pause}`,
      short: `${name} is ${given}: a multi-node service has exactly one head, so write 1${pause}`,
    },
  ];
}
