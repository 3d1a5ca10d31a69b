/** What the pods of a forecast are placed in; it changes while pods come and go. */
import type { Pod } from './pod.ts';
import type { Quotas } from './quota.ts';
import type { Alike } from './alike.ts';
import { together } from './rivals.ts';
import type { Room } from './room.ts';
import type { Stock } from './stock.ts';

export class World {
  /** With the pods of the forecast on the nodes that it names. */
  readonly room: Room;
  /** Without those among them that kube-scheduler may put elsewhere: these are the rivals. */
  readonly firm: Room;
  readonly rivals: readonly Alike[];
  readonly quotas: Quotas;
  /** Those that run, and that no service of the list has replaced yet. */
  readonly pods: readonly Pod[];

  static of(stock: Stock): World {
    return new World(stock.room(), stock.room(), [], stock.usedQuotas(), stock.pods);
  }

  private constructor(
    room: Room,
    firm: Room,
    rivals: readonly Alike[],
    quotas: Quotas,
    pods: readonly Pod[],
  ) {
    this.room = room;
    this.firm = firm;
    this.rivals = rivals;
    this.quotas = quotas;
    this.pods = pods;
  }

  /** @param more pods that kube-scheduler may put elsewhere */
  copy(more: readonly Alike[] = []): World {
    const rivals = together([...this.rivals, ...more]);
    return new World(this.room.copy(), this.firm.copy(), rivals, this.quotas.copy(), this.pods);
  }

  /** @returns a copy without some of the pods that run */
  without(gone: ReadonlySet<Pod>): World {
    const left = this.pods.filter((pod) => !gone.has(pod));
    const { room, firm, rivals, quotas } = this.copy();
    for (const pod of gone) {
      if (pod.node !== null) for (const one of [room, firm]) one.release(pod.node, pod.requests);
      quotas.remove(pod);
    }
    return new World(room, firm, rivals, quotas, left);
  }
}
