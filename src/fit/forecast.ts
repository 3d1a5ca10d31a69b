/**
 * Is there room for the pods of services, now and at the peak of a roll-out? (docs/plan.md, Will it fit?)
 *
 * now: the new pods beside all pods that are bound, except the service's own. peak: the new pods that start while the old
 * ones are still there. The old ones are the service's own where it has any; else those that it had before the change; else
 * those of `now`, which a later roll-out replaces. With Recreate the old pods go first, so that the peak is like now.
 * The services of one list roll one after the other: each takes the room that the ones before it have left.
 */
import type { PodTemplate } from '../kserve/pod-templates.ts';
import { startingPods, type Strategy } from '../kserve/strategy.ts';
import { least } from './answer.ts';
import { readDemand } from './demand.ts';
import { ownPods, type Own } from './own-pods.ts';
import { placed, type Outcome } from './placing.ts';
import type { Stock } from './stock.ts';
import { World } from './world.ts';

/** A service whose pods are to be placed. */
export interface Request {
  readonly namespace: string;
  /** null while only generateName is known: then no pod is its own. */
  readonly name: string | null;
  readonly templates: readonly PodTemplate[];
  /** The templates before a change, where that is known. */
  readonly before: readonly PodTemplate[] | null;
  readonly strategy: Strategy;
  /** Kueue's queue, which decides when the pods start; null for none. */
  readonly queue: string | null;
}

export interface Fit {
  readonly now: Outcome;
  readonly peak: Outcome;
  readonly queue: string | null;
}

/** More pods than these are not placed one by one. */
const MOST_PODS = 4_096;

/** @returns for each service its forecast, in the same order; null where there is no plan, or one of too many pods */
export function forecast(requests: readonly (Request | null)[], stock: Stock): readonly (Fit | null)[] {
  let world = World.of(stock);
  return requests.map((request) => {
    if (request === null || podsOf(request.templates) > MOST_PODS) return null;
    const { fit, after } = forecastOne(request, world);
    world = after;
    return fit;
  });
}

function podsOf(templates: readonly PodTemplate[]): number {
  return templates.reduce((sum, { replicas }) => sum + replicas, 0);
}

function forecastOne(request: Request, world: World): { readonly fit: Fit; readonly after: World } {
  const { namespace, name, templates, strategy, queue } = request;
  const demands = templates.map((template) => readDemand(template, namespace));
  const own = ownPods(namespace, name, world.pods);
  const without = world.without(new Set(own.map(({ pod }) => pod)));
  const here = without.copy();
  const { outcome: now, rivals } = placed(demands, here, own);
  const after = here.copy(rivals);
  if (strategy.recreate) return { fit: { now, peak: now, queue }, after };

  // Only where all pods of now have a node there is a roll-out of them.
  const running = here.copy(rivals.map((group) => ({ ...group, atLeast: group.atMost })));
  const old = oldPods(request, own, world, without, running);
  const starting = demands.map((demand) => ({
    ...demand,
    replicas: startingPods(demand, old.count(demand.role), strategy),
  }));
  const peak = notBetter(now, placed(starting, old.world, []).outcome);
  return { fit: { now, peak, queue }, after };
}

/** What may not fit now is not more certain at the peak. */
function notBetter(now: Outcome, peak: Outcome): Outcome {
  const answer = least(now.answer, peak.answer);
  return answer === peak.answer ? peak : { ...peak, fits: false, answer, otherwise: null };
}

/** What is there when a roll-out begins. */
interface Old {
  readonly count: (role: PodTemplate['role']) => number;
  /** With the old pods in it. */
  readonly world: World;
}

/**
 * @param before the templates of the service before a change, null where that is not known
 * @param world with the service's own pods
 * @param without the same, without them
 * @param running with the new pods in their place
 */
function oldPods(
  { before, templates, namespace }: Request,
  own: Own,
  world: World,
  without: World,
  running: World,
): Old {
  if (own.length > 0) {
    return { count: (role) => own.filter((one) => one.role === role).length, world: world.copy() };
  }
  const count =
    (old: readonly PodTemplate[]): Old['count'] =>
    (role) =>
      old.find((template) => template.role === role)?.replicas ?? 0;
  if (before === null) return { count: count(templates), world: running };
  const there = without.copy();
  const demands = before.map((template) => readDemand(template, namespace));
  const { rivals } = placed(demands, there, []);
  return { count: count(before), world: there.copy(rivals) };
}
