/** Places the pods of one service, and says what holds of them wherever kube-scheduler puts them. */
import type { PodTemplate } from '../kserve/pod-templates.ts';
import { alikeOf, merged, type Alike } from './alike.ts';
import { answerFor, least, type Answer } from './answer.ts';
import type { Demand } from './demand.ts';
import { headChoice, type Otherwise } from './head-choice.ts';
import type { Own } from './own-pods.ts';
import { quotaText, type QuotaEnd } from './quota.ts';
import { waitingFor } from './waiting.ts';
import type { World } from './world.ts';

export interface PlacedPod {
  readonly role: PodTemplate['role'];
  /** null where it waits. */
  readonly node: string | null;
  /** A sentence; null where it has a node. */
  readonly waitsFor: string | null;
}

export interface Outcome {
  /** Does every pod get a node, whatever kube-scheduler chooses? */
  readonly fits: boolean;
  /** yes where it fits; no where no choice of kube-scheduler makes it fit; else its choice decides. */
  readonly answer: Answer;
  /** Where the first nodes by name are chosen. */
  readonly pods: readonly PlacedPod[];
  /** The first quota that refuses a pod; null where none does. */
  readonly quota: QuotaEnd | null;
  /** A node that kube-scheduler may take for the head as well, and that leads to the other result; null for none. */
  readonly otherwise: Otherwise | null;
}

interface Placed {
  readonly outcome: Outcome;
  /** Those of the pods that kube-scheduler may put elsewhere: rivals of the pods that come after them. */
  readonly rivals: readonly Alike[];
}

/**
 * Places pods in the order in which KServe makes them, and leaves them in the world.
 * @param own pods of the same roles that run already: their nodes are tried first, and pods that get them stay there
 */
export function placed(demands: readonly Demand[], world: World, own: Own): Placed {
  const { room, firm, quotas } = world;
  const namespaces = demands.map(({ pod }) => pod.namespace);
  const other = headChoice(room, demands);
  const groups = demands.map((demand) => alikeOf(room, demand));
  const byRoom = answerFor(firm, groups, world.rivals);
  const isSettled = namespaces.every((namespace) => quotas.isSettled(namespace));

  const roles = demands.map((demand) => placeRole(demand, world, own));
  const pods = roles.flatMap((role) => role.pods);
  const quota = roles.find(({ end }) => end !== null)?.end ?? null;
  const isAdmitted = roles.some(({ admitted }) => admitted > 0);
  if (quota !== null && isAdmitted) quotas.unsettle(namespaces);
  const byQuota = quota === null ? 'yes' : 'no';
  const answer = least(byRoom, isSettled ? byQuota : 'depends');
  const outcome = {
    fits: answer === 'yes',
    answer,
    pods,
    quota,
    otherwise: quota === null ? other(pods.every(({ node }) => node !== null)) : null,
  };
  const areAlike = merged([...groups, ...world.rivals]).length === 1;
  const isCertain = quota === null && (byRoom === 'yes' || areAlike);
  const rivals = groups.map((group, index) => {
    const { bound = 0, staying = 0 } = roles[index] ?? {};
    // Which pods a quota admits depends on which come first.
    const atMost = isAdmitted ? group.atMost - staying : 0;
    return { ...group, atLeast: isCertain ? bound - staying : 0, atMost };
  });
  return { outcome, rivals };
}

interface PlacedRole {
  readonly pods: readonly PlacedPod[];
  /** How many the quotas admit. */
  readonly admitted: number;
  /** How many have a node. */
  readonly bound: number;
  /** How many of them on a node where one of the role runs already. */
  readonly staying: number;
  /** The first quota that refuses one; null where none does. */
  readonly end: QuotaEnd | null;
}

function placeRole(demand: Demand, { room, firm, quotas }: World, own: Own): PlacedRole {
  const { role, pod } = demand;
  const running = new Set(own.filter((one) => one.role === role).flatMap((one) => one.pod.node ?? []));
  const place = room.placer(demand, running);
  const pods: PlacedPod[] = [];
  let [admitted, bound, staying] = [0, 0, 0];
  let first: QuotaEnd | null = null;
  // Pods of a role are alike: what the first one waits for, all after it wait for.
  let waitsFor: string | null = null;
  for (let index = 0; index < demand.replicas; index++) {
    const end = quotas.add(pod);
    if (end !== null) {
      first ??= end;
      pods.push({ role, node: null, waitsFor: quotaText(end) });
      continue;
    }
    admitted++;
    const node = place();
    if (node === null) {
      waitsFor ??= waitingFor(room, demand);
      pods.push({ role, node, waitsFor });
      continue;
    }
    bound++;
    if (running.has(node)) {
      staying++;
      firm.take(node, pod.requests);
    }
    pods.push({ role, node, waitsFor: null });
  }
  return { pods, admitted, bound, staying, end: first };
}
