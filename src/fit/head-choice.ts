/**
 * Does it matter where the head goes? kube-scheduler chooses among the nodes with room by scores, and may take another one
 * than the first. Workers are alike: whichever way they are placed, a node takes as many as have room on it. So all that
 * their number depends on is the head's node.
 */
import type { Demand } from './demand.ts';
import { refusalOf } from './refusal.ts';
import type { Room } from './room.ts';

/** Another node for the head, with the other result. */
export interface Otherwise {
  readonly head: string;
  readonly fits: boolean;
}

/**
 * @param room before any of the pods is placed
 * @returns a function that finds, for a result, the first node by name on which the head would lead to the other one;
 *   null where the result is the same wherever the head goes
 */
export function headChoice(
  room: Room,
  [head, worker]: readonly Demand[],
): (fits: boolean) => Otherwise | null {
  if (head?.replicas !== 1 || worker === undefined) return () => null;
  const slots = new Map(
    room.nodes
      .filter((node) => refusalOf(node, worker) === null)
      .map((node) => [node, room.slots(node, worker.pod.requests)]),
  );
  const all = [...slots.values()].reduce((sum, one) => sum + one, 0n);
  const choices = room.nodes
    .filter((node) => refusalOf(node, head) === null && room.hasRoom(node, head.pod.requests))
    .map((node) => {
      const here = slots.get(node);
      const lost = here === undefined ? 0n : here - room.slots(node, worker.pod.requests, head.pod.requests);
      return { head: node.name, fits: all - lost >= BigInt(worker.replicas) };
    });
  return (fits) => choices.find((choice) => choice.fits !== fits) ?? null;
}
