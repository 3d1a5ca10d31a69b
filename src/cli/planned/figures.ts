/** What a planned service is called, and the numbers that are told of it beside the plan's own. */
import type { Assessment } from '../../admission/assess.ts';
import type { Plan } from '../../kserve/plan.ts';
import { runningPlan } from '../../kserve/stopped.ts';
import { peakGpus, strategyOf } from '../../kserve/strategy.ts';
import type { ServiceView } from '../../kserve/view.ts';

/** The name, or the beginning of the name that the API server will make one of; '' where neither is given. */
export function nameOf({ name, generateName }: ServiceView): string {
  return name ?? generateName ?? '';
}

/** What runs of a service: a plan without pods while it is stopped; null where there is no plan. */
export function runningOf({ plan, service }: Pick<Assessment, 'plan' | 'service'>): Plan | null {
  return plan && runningPlan(plan, service);
}

/** GPUs that are reserved and not used; 0 where there are too few. */
export function idleGpus(plan: Plan): number {
  return Math.max(0, plan.allocated - usableGpus(plan));
}

/** GPUs that the sizes can use: further heads have no workers, so that they serve only where a head needs none. */
function usableGpus({ nodes, head, required }: Plan): number {
  return nodes === 1 ? head.replicas * required : required;
}

/** GPUs that one head and its workers lack; where there is no head, its own. */
export function lackingGpus({ available, allocated, required }: Plan): number {
  return Math.max(0, required - Math.min(available, allocated));
}

/** GPUs at the peak of a roll-out that changes no count. */
export function rolloutPeak(plan: Plan, service: ServiceView): number {
  const running = runningPlan(plan, service);
  return peakGpus(running, running, strategyOf(service));
}
