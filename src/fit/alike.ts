/** Pods that are alike: each requests the same, and may take the same nodes. */
import type { Amounts } from './amounts.ts';
import type { Demand } from './demand.ts';
import { refusalOf } from './refusal.ts';
import type { Room } from './room.ts';

export interface Alike {
  /** What one of them takes of a node. */
  readonly requests: Amounts;
  /** The names of the nodes that they may take, with room or without. */
  readonly nodes: ReadonlySet<string>;
  /** How many get a node for certain. */
  readonly atLeast: number;
  /** How many may ask for one. */
  readonly atMost: number;
}

/** @returns all pods of a demand: each has to get a node */
export function alikeOf(room: Room, demand: Demand): Alike {
  const nodes = room.nodes.filter((node) => refusalOf(node, demand) === null);
  return {
    requests: demand.pod.requests,
    nodes: new Set(nodes.map(({ name }) => name)),
    atLeast: demand.replicas,
    atMost: demand.replicas,
  };
}

/** Groups that are alike are one; those of no pods are left out. */
export function merged(groups: readonly Alike[]): readonly Alike[] {
  const result: Alike[] = [];
  for (const group of groups) {
    if (group.atMost === 0) continue;
    const index = result.findIndex((one) => isAlike(one, group));
    const known = result[index];
    if (known === undefined) result.push(group);
    else {
      const [atLeast, atMost] = [known.atLeast + group.atLeast, known.atMost + group.atMost];
      result[index] = { ...known, atLeast, atMost };
    }
  }
  return result;
}

function isAlike(one: Alike, other: Alike): boolean {
  return (
    one.requests.size === other.requests.size &&
    [...one.requests].every(([name, amount]) => other.requests.get(name) === amount) &&
    one.nodes.size === other.nodes.size &&
    one.nodes.isSubsetOf(other.nodes)
  );
}
