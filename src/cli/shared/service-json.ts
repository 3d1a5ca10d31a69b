/** A planned service as data: the shape that schemas/plan.v1.json fixes. */
import type { Assessment } from '../../admission/assess.ts';
import type { ServiceView } from '../../kserve/view.ts';
import type { Finding } from '../../rules/rule.ts';
import type { Plan } from '../../kserve/plan.ts';

/** One service without its findings. */
export function serviceJson(assessment: Assessment): object {
  const { declared, service, runtime, plan, normalized } = assessment;
  return {
    namespace: service.namespace,
    name: nameOf(service),
    runtime:
      runtime.status === 'found'
        ? { kind: runtime.runtime.kind, name: runtime.runtime.name, selected: runtime.how }
        : null,
    backend: plan?.backend ?? null,
    ...numbersJson(assessment),
    normalized: normalized
      ? {
          tensorParallelSize: declared.worker?.tensorParallelSize.value ?? null,
          pipelineParallelSize: declared.worker?.pipelineParallelSize.value ?? null,
        }
      : null,
  };
}

/** Sizes, pods and GPUs; null where there is no plan. */
export function numbersJson({ service, plan }: Assessment): object {
  return {
    tensorParallelSize: plan?.tensorParallelSize ?? null,
    pipelineParallelSize: plan?.pipelineParallelSize ?? null,
    nodes: plan?.nodes ?? null,
    gpu: plan && {
      resource: plan.head.type,
      required: plan.required,
      allocated: plan.allocated,
      idle: idleGpus(plan),
      rolloutPeak: rolloutPeak(plan, service),
    },
    head: plan && { replicas: plan.head.replicas, gpus: plan.head.gpus },
    worker: plan && { replicas: plan.worker.replicas, gpus: plan.worker.gpus },
  };
}

export function findingJson({ rule, severity, field, message, fix }: Finding): object {
  return { rule, severity, field, message, fix };
}

/** The name, or the beginning of the name that the API server will make one of; '' where neither is given. */
export function nameOf({ name, generateName }: ServiceView): string {
  return name ?? generateName ?? '';
}

/** GPUs that are reserved and not used; 0 where there are too few. */
export function idleGpus({ allocated, required }: Plan): number {
  return Math.max(0, allocated - required);
}

/**
 * GPUs at the peak of a roll-out. KServe brings up all new pods before an old one goes (worker roll-out is
 * forced to maxSurge 100 %), unless the strategy is Recreate.
 */
export function rolloutPeak({ allocated }: Plan, { strategy }: ServiceView): number {
  return strategy === 'Recreate' ? allocated : 2 * allocated;
}
