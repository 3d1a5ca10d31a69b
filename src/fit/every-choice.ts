/**
 * Pods of one or two kinds, exactly: what becomes of them over all orders in which kube-scheduler may take them, and all
 * nodes with room that it may choose?
 *
 * A pod is left over where the others have been placed so that no node has room for one more of its kind. So the question
 * is how few pods can do that. One kind has few pods, mostly a head or two; for each number of them on a node it is known
 * what the node takes of the other kind. The sums over all nodes are added up node by node, for each number of the few.
 */
import type { Alike } from './alike.ts';
import { times } from './amounts.ts';
import type { Node } from './node.ts';
import type { Room } from './room.ts';

/** Of one of two kinds there may be no more pods than this: the work grows with its square. */
const MOST_FEW = 16;

const NONE: Alike = { requests: new Map(), nodes: new Set(), atLeast: 0, atMost: 0 };

export class EveryChoice {
  readonly #room: Room;
  readonly #few: Alike;
  readonly #many: Alike;

  /** @returns null where there are too many kinds or too many pods of both */
  static of(room: Room, groups: readonly Alike[]): EveryChoice | null {
    const [many = NONE, few = NONE, ...more] = groups.toSorted((a, b) => b.atMost - a.atMost);
    return more.length > 0 || few.atMost > MOST_FEW ? null : new EveryChoice(room, few, many);
  }

  private constructor(room: Room, few: Alike, many: Alike) {
    this.#room = room;
    this.#few = few;
    this.#many = many;
  }

  /** Is there an order and a choice of nodes that leaves no room for a pod of the group? */
  canLeaveOver(group: Alike): boolean {
    if (group.atMost === 0) return false;
    const [few, many] = [this.#few.atMost, BigInt(this.#many.atMost)];
    return group === this.#few
      ? this.#least(few - 1, (node, count) => this.#blocking(node, count)).some((sum) => isUpTo(sum, many))
      : this.#least(few, (node, count) => this.#filling(node, count)).some((sum) => isUpTo(sum, many - 1n));
  }

  /** Is there a placement of all pods that are certain? */
  canPlaceAll(): boolean {
    const most = this.#least(this.#few.atLeast, (node, count) => {
      const filling = this.#filling(node, count);
      return filling === null ? null : -filling;
    }).at(-1);
    return isUpTo(most ?? null, -BigInt(this.#many.atLeast));
  }

  /** How many of the many a node takes beside so many of the few; null where these have no room. */
  #filling(node: Node, count: number): bigint | null {
    if (!this.#takes(node, count)) return null;
    return this.#many.nodes.has(node.name)
      ? this.#room.slots(node, this.#many.requests, times(this.#few.requests, count))
      : 0n;
  }

  /** The fewest of the many that, beside so many of the few, leave no room for one more of these; null for none. */
  #blocking(node: Node, count: number): bigint | null {
    const filling = this.#filling(node, count);
    if (filling === null || !this.#takes(node, count + 1)) return filling === null ? null : 0n;
    const beside = this.#filling(node, count + 1) ?? 0n;
    return beside < filling ? beside + 1n : null;
  }

  /** Has the node room for so many of the few? */
  #takes(node: Node, count: number): boolean {
    if (count === 0) return true;
    const { nodes, requests } = this.#few;
    return nodes.has(node.name) && this.#room.slots(node, requests) >= BigInt(count);
  }

  /**
   * @param cost of a node with so many of the few on it; null where that can't be
   * @returns by the number of the few on all nodes together, up to `most`, the least sum of the costs
   */
  #least(most: number, cost: (node: Node, count: number) => bigint | null): readonly (bigint | null)[] {
    let sums: readonly (bigint | null)[] = [0n, ...Array<null>(most).fill(null)];
    for (const node of this.#room.nodes) {
      const next = Array<bigint | null>(most + 1).fill(null);
      for (let count = 0; count <= most; count++) {
        const own = cost(node, count);
        if (own === null) continue;
        for (let total = count; total <= most; total++) {
          const before = sums[total - count] ?? null;
          const known = next[total] ?? null;
          if (before !== null && (known === null || before + own < known)) next[total] = before + own;
        }
      }
      sums = next;
    }
    return sums;
  }
}

function isUpTo(sum: bigint | null, limit: bigint): boolean {
  return sum !== null && sum <= limit;
}
