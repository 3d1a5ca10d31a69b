/** A planned service as data: the shape that schemas/plan.v1.json fixes. */
import type { Assessment } from '../../admission/assess.ts';
import { NOT_MODELLED } from '../../fit/not-modelled.ts';
import type { Ground } from '../../fit/stock.ts';
import type { PlannedService } from './report.ts';
import { idleGpus, nameOf, rolloutPeak, runningOf } from './figures.ts';
import { notJudgedText } from '../shared/enforcement-text.ts';

/** One service without its findings. */
export function serviceJson({
  assessment,
  change,
  fit,
}: Pick<PlannedService, 'assessment' | 'fit'> & Partial<PlannedService>): object {
  const { declared, service, runtime, plan, normalized, enforcement } = assessment;
  const notJudged = notJudgedText(enforcement, service.namespace);
  return {
    namespace: service.namespace,
    name: nameOf(service),
    runtime:
      runtime.status === 'found'
        ? { kind: runtime.runtime.kind, name: runtime.runtime.name, selected: runtime.how }
        : null,
    backend: plan?.backend ?? null,
    ...numbersJson(assessment, change?.gpus.peak),
    normalized: normalized
      ? {
          tensorParallelSize: declared.worker?.tensorParallelSize.value ?? null,
          pipelineParallelSize: declared.worker?.pipelineParallelSize.value ?? null,
        }
      : null,
    ...(notJudged !== null && { notJudged }),
    fit,
  };
}

/**
 * Sizes, pods and GPUs; null where there is no plan, no pods where the service is stopped.
 * @param peak of the roll-out that is known to come; else that of one which changes no count is told
 */
export function numbersJson(assessment: Assessment, peak?: number | null): object {
  const plan = runningOf(assessment);
  return {
    tensorParallelSize: plan?.tensorParallelSize ?? null,
    pipelineParallelSize: plan?.pipelineParallelSize ?? null,
    nodes: plan?.nodes ?? null,
    gpu: plan && {
      resource: plan.head.type,
      required: plan.required,
      allocated: plan.allocated,
      idle: idleGpus(plan),
      rolloutPeak: peak ?? rolloutPeak(plan, assessment.service),
    },
    head: plan && { replicas: plan.head.replicas, gpus: plan.head.gpus },
    worker: plan && { replicas: plan.worker.replicas, gpus: plan.worker.gpus },
  };
}

/** On what all forecasts were made, and what they leave out. */
export function fitJson(ground: Ground): object {
  return { ...ground, notModelled: NOT_MODELLED };
}
