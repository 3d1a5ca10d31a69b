/** The forecast for planned services: what of an assessment decides about the room for its pods. */
import type { Assessment } from '../../admission/assess.ts';
import { forecast, type Request } from '../../fit/forecast.ts';
import { queueOf } from '../../fit/queue.ts';
import type { Stock } from '../../fit/stock.ts';
import { podTemplates, type PodTemplate } from '../../kserve/pod-templates.ts';
import { runningPlan } from '../../kserve/stopped.ts';
import { strategyOf } from '../../kserve/strategy.ts';
import { rolls, type PlannedService } from './report.ts';

/** @returns the services with their forecast; they roll in this order */
export function withFit(services: readonly PlannedService[], stock: Stock): readonly PlannedService[] {
  const fits = forecast(
    services.map(({ assessment, change }) => requestOf(assessment, change?.before ?? null)),
    stock,
  );
  return services.map((service, index) => {
    const fit = fits[index] ?? null;
    return { ...service, fit: fit && !rolls(service.change) ? { ...fit, peak: fit.now } : fit };
  });
}

/** Is there one that does not fit, and that no queue decides about? */
export function isShort(services: readonly PlannedService[]): boolean {
  return services.some(({ fit }) => fit !== null && fit.queue === null && !(fit.now.fits && fit.peak.fits));
}

function requestOf(assessment: Assessment, before: Assessment | null): Request | null {
  const templates = templatesOf(assessment);
  if (templates === null) return null;
  const { service } = assessment;
  return {
    namespace: service.namespace,
    name: service.name,
    templates,
    before: before && templatesOf(before),
    strategy: strategyOf(service),
    queue: queueOf(service),
  };
}

function templatesOf({ service, runtime, plan }: Assessment): readonly PodTemplate[] | null {
  if (plan === null || runtime.status !== 'found') return null;
  return podTemplates(service, runtime.runtime, runningPlan(plan, service));
}
