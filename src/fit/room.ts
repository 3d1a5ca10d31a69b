/**
 * The nodes and what is taken of them; it changes while pods come and go. A pod goes to the first node that has room for
 * it: kube-scheduler chooses among the nodes by scores, so it may take another one.
 */
import { NOTHING, plus, type Amounts } from './amounts.ts';
import type { Demand } from './demand.ts';
import type { Node } from './node.ts';
import type { Pod } from './pod.ts';
import { refusalOf } from './refusal.ts';

export class Room {
  readonly #nodes: readonly Node[];
  readonly #taken: Map<string, Amounts>;

  /** @param pods only those that are bound take room */
  static of(nodes: readonly Node[], pods: readonly Pod[]): Room {
    const ordered = [...nodes].sort((a, b) => (a.name < b.name ? -1 : 1));
    const room = new Room(ordered, new Map());
    for (const pod of pods) if (pod.node !== null) room.take(pod.node, pod.requests);
    return room;
  }

  private constructor(nodes: readonly Node[], taken: Map<string, Amounts>) {
    this.#nodes = nodes;
    this.#taken = taken;
  }

  /** In the order of their names. */
  get nodes(): readonly Node[] {
    return this.#nodes;
  }

  copy(): Room {
    return new Room(this.#nodes, new Map(this.#taken));
  }

  take(node: string, requests: Amounts): void {
    this.#taken.set(node, plus(this.#taken.get(node) ?? new Map(), requests));
  }

  release(node: string, requests: Amounts): void {
    const given = new Map([...requests].map(([name, amount]) => [name, -amount]));
    this.take(node, given);
  }

  /** What is free of a resource on a node; below zero where more is taken than there is. */
  free({ name, allocatable }: Node, resource: string): bigint {
    return (allocatable.get(resource) ?? 0n) - (this.#taken.get(name)?.get(resource) ?? 0n);
  }

  /** Has the node too little of a resource for this amount? Of nothing there is always enough. */
  lacks(node: Node, resource: string, amount: bigint): boolean {
    return amount > 0n && amount > this.free(node, resource);
  }

  hasRoom(node: Node, requests: Amounts): boolean {
    for (const [resource, amount] of requests) if (this.lacks(node, resource, amount)) return false;
    return true;
  }

  /**
   * @param requests of one pod
   * @param beside what the node gives away first
   * @returns how many such pods the node has room for
   */
  slots(node: Node, requests: Amounts, beside: Amounts = NOTHING): bigint {
    let least: bigint | null = null;
    for (const [resource, amount] of requests) {
      if (amount <= 0n) continue;
      const free = this.free(node, resource) - (beside.get(resource) ?? 0n);
      const slots = free > 0n ? free / amount : 0n;
      if (least === null || slots < least) least = slots;
    }
    return least ?? 0n;
  }

  /**
   * Places pods that are all alike, one with each call.
   * @param preferred names of nodes that are tried before the others
   * @returns a function that takes the next place, and gives the name of its node; null where there is none left
   */
  placer(demand: Demand, preferred: ReadonlySet<string>): () => string | null {
    const allowed = this.#nodes.filter((node) => refusalOf(node, demand) === null);
    const order = [
      ...allowed.filter(({ name }) => preferred.has(name)),
      ...allowed.filter(({ name }) => !preferred.has(name)),
    ];
    // Nodes only fill up meanwhile, so one without room is not tried again.
    let index = 0;
    return () => {
      for (; index < order.length; index++) {
        const node = order[index];
        if (node === undefined || !this.hasRoom(node, demand.pod.requests)) continue;
        this.take(node.name, demand.pod.requests);
        return node.name;
      }
      return null;
    };
  }
}
