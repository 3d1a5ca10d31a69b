/** What the rules are told of a service: the facts, KServe's plan on them, and the settings that hold. */
import type { Config } from '../config/config.ts';
import { podContainers } from '../kserve/merge.ts';
import { planService, type Plan } from '../kserve/plan.ts';
import type { ServiceView } from '../kserve/view.ts';
import type { ServiceSubject } from '../rules/subject.ts';
import { mutationModeOf, ruleSettings, type Enforcement } from './enforcement.ts';
import type { Facts } from './facts.ts';

/**
 * @param declared the service as its author wrote it
 * @returns what is told of a service without an earlier version
 */
export function subjectOf(
  service: ServiceView,
  declared: ServiceView,
  facts: Facts,
  enforcement: Enforcement,
  config: Config,
): ServiceSubject {
  return {
    service,
    declared,
    previous: null,
    previousDeclared: () => null,
    ...facts,
    previousRuntime: null,
    ...planOf(service, declared, facts),
    previousPlan: null,
    mutationMode: mutationModeOf(declared, enforcement),
    settings: ruleSettings(config),
  };
}

/** What is planned, and the containers that it is planned from. */
type Planned = Pick<ServiceSubject, 'plan' | 'pods' | 'declaredPods'>;

const NOTHING_PLANNED: Planned = { plan: null, pods: null, declaredPods: null };

/** @returns the plan of a service as it stands, with what the rules ask of its containers */
function planOf(service: ServiceView, declared: ServiceView, { runtime: outcome, kserve }: Facts): Planned {
  if (service.worker === null || outcome.status !== 'found') return NOTHING_PLANNED;
  const { runtime } = outcome;
  const pods = podContainers(service, runtime);
  const plan = planService(service, runtime, kserve, pods);
  if (plan === null) return NOTHING_PLANNED;
  return { plan, pods, declaredPods: declared === service ? pods : podContainers(declared, runtime) };
}

/** @returns KServe's plan for a service as it stands; null where none can be made. */
export function planFor(service: ServiceView, facts: Facts): Plan | null {
  return facts.runtime.status === 'found' ? planService(service, facts.runtime.runtime, facts.kserve) : null;
}
