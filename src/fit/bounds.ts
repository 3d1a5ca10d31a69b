/** Pods of any number of kinds: what is certain without trying their orders and nodes. */
import type { Alike } from './alike.ts';
import { greatest, only, plus, times, type Amounts } from './amounts.ts';
import type { Node } from './node.ts';
import type { Room } from './room.ts';

/**
 * Does every pod of a group find a node, wherever the others are? They are too few to close all its nodes, even if each of
 * them takes as much as the largest.
 * @param groups with the group itself among them
 */
export function alwaysFindNodes(room: Room, group: Alike, groups: readonly Alike[]): boolean {
  const rivals = groups.filter((one) => one === group || !one.nodes.isDisjointFrom(group.nodes));
  const others = rivals.reduce((sum, { atMost }) => sum + BigInt(atMost), -1n);
  let closing = 0n;
  for (const node of room.nodes) {
    if (group.nodes.has(node.name)) closing += fewestToClose(room, node, group, rivals);
    if (closing > others) return true;
  }
  return false;
}

/** How many pods it takes at least until the node has no room for one of the group. */
function fewestToClose(room: Room, node: Node, { requests }: Alike, rivals: readonly Alike[]): bigint {
  if (!room.hasRoom(node, requests)) return 0n;
  const there = rivals.filter(({ nodes }) => nodes.has(node.name));
  const largest = greatest(...there.map((rival) => rival.requests));
  const counting = only(largest, (name) => (requests.get(name) ?? 0n) > 0n);
  return room.slots(node, counting, requests) + 1n;
}

/** Is there too little for all pods that are certain on the nodes where they have to be, however they are placed? */
export function isTooLittle(room: Room, groups: readonly Alike[]): boolean {
  const names = new Set(groups.flatMap(({ nodes }) => [...nodes]));
  const nodes = room.nodes.filter(({ name }) => names.has(name));
  const asked = plus(...groups.map(({ requests, atLeast }) => times(requests, atLeast)));
  for (const [resource, amount] of asked) {
    const free = nodes.reduce((sum, node) => sum + max(room.free(node, resource), 0n), 0n);
    if (amount > free) return true;
  }
  const smallest = least(groups.map(({ requests }) => requests));
  const places = nodes.reduce((sum, node) => sum + room.slots(node, smallest), 0n);
  return places < groups.reduce((sum, { atLeast }) => sum + BigInt(atLeast), 0n);
}

/** The smallest amount of each resource; what one of them lacks is left out. */
function least([first = new Map(), ...others]: readonly Amounts[]): Amounts {
  return new Map(
    [...first].map(([name, amount]) => [
      name,
      others.map((one) => one.get(name) ?? 0n).reduce((low, one) => (one < low ? one : low), amount),
    ]),
  );
}

function max(one: bigint, other: bigint): bigint {
  return one > other ? one : other;
}
