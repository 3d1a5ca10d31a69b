/**
 * Is there room for the pods of services, now and at the peak of a roll-out? (docs/plan.md, Will it fit?)
 *
 * now: the new pods beside all pods that are bound, except the service's own. peak: the new pods that start while the old
 * ones are still there. The old ones are the service's own where it has any; else those that it had before the change; else
 * those of `now`, which a later roll-out replaces. With Recreate the old pods go first, so that the peak is like now.
 * The services of one list roll one after the other: each takes the room that the ones before it have left.
 */
import type { PodTemplate } from '../kserve/pod-templates.ts';
import { roleOfPod } from '../kserve/own-pods.ts';
import { startingPods, type Strategy } from '../kserve/strategy.ts';
import { readDemand, type Demand } from './demand.ts';
import { headChoice, type Otherwise } from './head-choice.ts';
import type { Pod } from './pod.ts';
import { quotaText, type QuotaEnd, type Quotas } from './quota.ts';
import type { Room } from './room.ts';
import type { Stock } from './stock.ts';
import { waitingFor } from './waiting.ts';

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

export interface PlacedPod {
  readonly role: PodTemplate['role'];
  /** null where it waits. */
  readonly node: string | null;
  /** A sentence; null where it has a node. */
  readonly waitsFor: string | null;
}

export interface Outcome {
  readonly fits: boolean;
  readonly pods: readonly PlacedPod[];
  /** The first quota that refuses a pod; null where none does. */
  readonly quota: QuotaEnd | null;
  /** A node that kube-scheduler may take for the head as well, and that leads to the other result; null for none. */
  readonly otherwise: Otherwise | null;
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
  let world: World = { room: stock.room(), quotas: stock.usedQuotas(), pods: stock.pods };
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

interface World {
  readonly room: Room;
  readonly quotas: Quotas;
  /** Those that no service of the list has replaced yet. */
  readonly pods: readonly Pod[];
}

function copyOf({ room, quotas, pods }: World): World {
  return { room: room.copy(), quotas: quotas.copy(), pods };
}

/** The service's pods that run, by role. */
type Own = readonly { readonly role: PodTemplate['role']; readonly pod: Pod }[];

function forecastOne(request: Request, world: World): { readonly fit: Fit; readonly after: World } {
  const demands = request.templates.map((template) => readDemand(template, request.namespace));
  const own = ownPods(request, world.pods);
  const replaced = new Set<Pod>(own.map(({ pod }) => pod));
  const without = { ...copyOf(world), pods: world.pods.filter((pod) => !replaced.has(pod)) };
  for (const pod of replaced) {
    if (pod.node !== null) without.room.release(pod.node, pod.requests);
    without.quotas.remove(pod);
  }
  const after = copyOf(without);
  const now = placed(demands, after, own);
  if (request.strategy.recreate) return { fit: { now, peak: now, queue: request.queue }, after };

  const old = oldPods(request, own, world, without, after);
  const starting = demands.map((demand) => ({
    ...demand,
    replicas: startingPods(demand, old.count(demand.role), request.strategy),
  }));
  const beside = placed(starting, old.world, []);
  const peak = now.fits ? beside : { ...beside, fits: false, otherwise: null };
  return { fit: { now, peak, queue: request.queue }, after };
}

function ownPods({ namespace, name }: Request, pods: readonly Pod[]): Own {
  if (name === null) return [];
  return pods.flatMap((pod) => {
    const role = pod.namespace === namespace ? roleOfPod(pod.labels, name) : null;
    return role === null ? [] : [{ role, pod }];
  });
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
 * @param after with the new pods in their place
 */
function oldPods(
  { before, templates, namespace }: Request,
  own: Own,
  world: World,
  without: World,
  after: World,
): Old {
  if (own.length > 0) {
    return { count: (role) => own.filter((one) => one.role === role).length, world: copyOf(world) };
  }
  const count =
    (old: readonly PodTemplate[]): Old['count'] =>
    (role) =>
      old.find((template) => template.role === role)?.replicas ?? 0;
  if (before === null) return { count: count(templates), world: copyOf(after) };
  const there = copyOf(without);
  const demands = before.map((template) => readDemand(template, namespace));
  placed(demands, there, []);
  return { count: count(before), world: there };
}

/**
 * Places pods in the order in which KServe makes them, and leaves them in the world.
 * @param own pods of the same roles that run already: their nodes are tried first
 */
function placed(demands: readonly Demand[], { room, quotas }: World, own: Own): Outcome {
  const other = headChoice(room, demands);
  const pods: PlacedPod[] = [];
  let quota: QuotaEnd | null = null;
  for (const demand of demands) {
    const { role, pod } = demand;
    const running = own.filter((one) => one.role === role).flatMap((one) => one.pod.node ?? []);
    const place = room.placer(demand, new Set(running));
    // Pods of a role are alike: what the first one waits for, all after it wait for.
    let waitsFor: string | null = null;
    for (let index = 0; index < demand.replicas; index++) {
      const end = quotas.add(pod);
      quota ??= end;
      const node = end === null ? place() : null;
      if (node !== null) pods.push({ role, node, waitsFor: null });
      else if (end !== null) pods.push({ role, node, waitsFor: quotaText(end) });
      else pods.push({ role, node, waitsFor: (waitsFor ??= waitingFor(room, demand)) });
    }
  }
  const fits = pods.every(({ node }) => node !== null);
  return { fits, pods, quota, otherwise: quota === null ? other(fits) : null };
}
