/** What runs of a plan: nothing while the service is stopped (docs/kserve.md, Services that KServe admits and cannot run). */
import { isStopped } from './pod-annotations.ts';
import type { Plan } from './plan.ts';
import type { ServiceView } from './view.ts';

/** @returns the plan itself, or one without pods where the annotation serving.kserve.io/stop says so */
export function runningPlan(plan: Plan, service: ServiceView): Plan {
  if (!isStopped(service)) return plan;
  const none = { replicas: 0, gpus: 0 };
  return {
    ...plan,
    nodes: 0,
    pods: 0,
    head: { ...plan.head, ...none },
    worker: { ...plan.worker, ...none },
    available: 0,
    allocated: 0,
  };
}
