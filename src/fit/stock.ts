/** What a cluster has: Nodes, Pods and ResourceQuotas, from a list of objects of any kinds and shapes. */
import { asString, at, property } from '../lib/json.ts';
import { readNode, type Node } from './node.ts';
import { isFinished, readPod, type Pod } from './pod.ts';
import { Quotas, readQuota, type Quota } from './quota.ts';
import { Room } from './room.ts';

const STOCK_KINDS: readonly string[] = ['Node', 'Pod', 'ResourceQuota'];

/** Is it an object that a stock is made of? */
export function isStock(object: unknown): boolean {
  const kind = asString(property(object, 'kind'));
  return property(object, 'apiVersion') === 'v1' && kind !== null && STOCK_KINDS.includes(kind);
}

/** How much there is of each kind. */
export interface Ground {
  readonly nodes: number;
  readonly pods: number;
  readonly quotas: number;
}

export class Stock {
  readonly #nodes = new Map<string, Node>();
  readonly #pods = new Map<string, Pod>();
  readonly #quotas = new Map<string, Quota>();

  /** Objects of other kinds, and pods that have ended, are left out; of two of the same kind and name the last counts. */
  add(object: unknown): void {
    if (!isStock(object)) return;
    const key = `${text(object, 'namespace') ?? 'default'}/${text(object, 'name') ?? ''}`;
    switch (property(object, 'kind')) {
      case 'Node':
        this.#nodes.set(text(object, 'name') ?? '', readNode(object));
        return;
      case 'Pod':
        if (isFinished(object)) this.#pods.delete(key);
        else this.#pods.set(key, readPod(object));
        return;
      case 'ResourceQuota':
        this.#quotas.set(key, readQuota(object));
        return;
    }
  }

  get nodes(): readonly Node[] {
    return [...this.#nodes.values()];
  }

  get pods(): readonly Pod[] {
    return [...this.#pods.values()];
  }

  get quotas(): readonly Quota[] {
    return [...this.#quotas.values()];
  }

  ground(): Ground {
    return { nodes: this.#nodes.size, pods: this.#pods.size, quotas: this.#quotas.size };
  }

  room(): Room {
    return Room.of(this.nodes, this.pods);
  }

  usedQuotas(): Quotas {
    return Quotas.of(this.quotas, this.pods);
  }
}

function text(object: unknown, key: string): string | null {
  return asString(at(object, 'metadata', key));
}
