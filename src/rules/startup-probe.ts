/**
 * A large model has the time to load.
 *
 * Reads: the probes of head and worker after KServe's merge, which goes field by field.
 * Warned: no start-up probe beside a liveness probe, or one whose window ends before the guide's default of 60 s + 40 x 30 s; a model
 * that is still loading then is restarted, again and again.
 * Noted: liveness or readiness without initialDelaySeconds where there is no start-up probe: they start to count at
 * once. A start-up probe holds both back until it has succeeded.
 * Source: docs/kserve.md, The guide; Kubernetes, probe defaults (delay 0 s, period 10 s, threshold 3).
 */
import type { ContainerView } from '../kserve/container.ts';
import type { JsonObject } from '../lib/json.ts';
import { serviceWorkerContainer } from '../kserve/merge.ts';
import type { Report, Rule } from './rule.ts';

const GUIDE_WINDOW = 60 + 40 * 30;

export const rule: Rule = {
  id: 'startup-probe',
  summary: 'The start-up probe leaves a large model the time to load',
  needsPlan: true,
  checkService({ service, runtime, plan }) {
    if (service.worker === null || service.model === null || plan === null || runtime.status !== 'found')
      return [];
    const own = serviceWorkerContainer(service);
    return [
      ...probes('head', service.model, runtime.runtime.head, service.model.field),
      ...(plan.worker.replicas > 0
        ? probes(
            'worker',
            own,
            runtime.runtime.worker?.container ?? null,
            own?.field ?? service.worker.containersField,
          )
        : []),
    ];
  },
};

type ProbeKey = 'startupProbe' | 'livenessProbe' | 'readinessProbe';

function probes(
  role: string,
  own: ContainerView | null,
  ofRuntime: ContainerView | null,
  field: string,
): readonly Report[] {
  const merged = (key: ProbeKey): JsonObject | null => {
    const base = ofRuntime?.[key] ?? null;
    const over = own?.[key] ?? null;
    return base === null || over === null ? (over ?? base) : { ...base, ...over };
  };
  const startup = merged('startupProbe');
  return [
    ...(startup !== null
      ? tooShort(role, startup, field)
      : [
          ...(merged('livenessProbe') === null ? [] : [absent(role, field)]),
          ...withoutDelay(role, 'livenessProbe', merged('livenessProbe'), field),
          ...withoutDelay(role, 'readinessProbe', merged('readinessProbe'), field),
        ]),
  ];
}

function absent(role: string, container: string): Report {
  return {
    severity: 'warn',
    field: `${container}.startupProbe`,
    message: `the ${role} has no startupProbe, so its livenessProbe can restart it while the model is loading`,
    fix: 'write one that asks as the livenessProbe does, with initialDelaySeconds 60, periodSeconds 30, failureThreshold 40',
    short: `the ${role} has no startupProbe: a model that loads slowly can be restarted`,
  };
}

function tooShort(role: string, probe: JsonObject, container: string): readonly Report[] {
  const delay = seconds(probe, 'initialDelaySeconds', 0);
  const threshold = seconds(probe, 'failureThreshold', 3);
  const period = seconds(probe, 'periodSeconds', 10);
  const window = delay + threshold * period;
  if (window >= GUIDE_WINDOW) return [];
  const sum = `${delay} s + ${threshold} x ${period} s = ${window} s`;
  return [
    {
      severity: 'warn',
      field: `${container}.startupProbe`,
      message: `the ${role} has ${sum} to start, less than the guide's 60 s + 40 x 30 s = ${GUIDE_WINDOW} s`,
      fix: `if the model takes longer to load, write failureThreshold: ${Math.ceil((GUIDE_WINDOW - delay) / period)}`,
      short: `the ${role} has ${sum} to start, less than the guide's ${GUIDE_WINDOW} s`,
    },
  ];
}

function withoutDelay(
  role: string,
  key: ProbeKey,
  probe: JsonObject | null,
  container: string,
): readonly Report[] {
  if (probe === null || probe['initialDelaySeconds'] !== undefined) return [];
  return [
    {
      severity: 'note',
      field: `${container}.${key}`,
      message: `the ${role}'s ${key} has no initialDelaySeconds; the guide suggests to raise it for large models`,
      fix: 'write initialDelaySeconds, if the model takes long to load',
      short: `the ${role}'s ${key} has no initialDelaySeconds`,
    },
  ];
}

/** A number of a probe, as Kubernetes takes it: 0 stands for the default where the default is not 0. */
function seconds(probe: JsonObject, key: string, otherwise: number): number {
  const given = probe[key];
  return typeof given === 'number' && given > 0 ? given : otherwise;
}
