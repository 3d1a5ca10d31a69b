/** What a planned service is called, and the numbers that are told of it beside the plan's own. */
import type { Plan } from '../../kserve/plan.ts';
import type { ServiceView } from '../../kserve/view.ts';

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
