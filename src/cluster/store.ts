/**
 * Objects of one kind by namespace and name. If users of a namespace can write them, each namespace has
 * a limit, and all namespaces together have one: objects beyond a limit are kept in a short form.
 */
export interface Share<T> {
  /** The length of one object, in the unit of the bounds. */
  readonly length: (item: T) => number;
  readonly ofNamespace: number;
  readonly ofAll: number;
  /** @returns what is kept of an object for which there is no room */
  readonly shortened: (item: T) => T;
}

interface Group<T> {
  readonly items: Map<string, T>;
  length: number;
}

export class Store<T> {
  readonly #share: Share<T> | null;
  readonly #groups = new Map<string, Group<T>>();
  #length = 0;
  #size = 0;

  /** @param share null where administrators alone write such objects */
  constructor(share: Share<T> | null) {
    this.#share = share;
  }

  get size(): number {
    return this.#size;
  }

  /** @param namespace '' for objects of no namespace */
  get(namespace: string, name: string): T | undefined {
    return this.#groups.get(namespace)?.items.get(name);
  }

  /** The objects of a namespace; not a copy. */
  inNamespace(namespace: string): ReadonlyMap<string, T> {
    return this.#groups.get(namespace)?.items ?? new Map<string, T>();
  }

  *all(): Iterable<T> {
    for (const { items } of this.#groups.values()) yield* items.values();
  }

  set(namespace: string, name: string, item: T): void {
    this.delete(namespace, name);
    const group = this.#groups.get(namespace) ?? { items: new Map<string, T>(), length: 0 };
    this.#groups.set(namespace, group);
    const kept = this.#fits(group, item) ? item : (this.#share?.shortened(item) ?? item);
    group.items.set(name, kept);
    this.#size += 1;
    this.#count(group, kept, 1);
  }

  delete(namespace: string, name: string): void {
    const group = this.#groups.get(namespace);
    const known = group?.items.get(name);
    if (group === undefined || known === undefined) return;
    group.items.delete(name);
    this.#size -= 1;
    this.#count(group, known, -1);
    if (group.items.size === 0) this.#groups.delete(namespace);
  }

  #fits(group: Group<T>, item: T): boolean {
    if (this.#share === null) return true;
    const { ofNamespace, ofAll, length } = this.#share;
    return group.length + length(item) <= ofNamespace && this.#length + length(item) <= ofAll;
  }

  #count(group: Group<T>, item: T, sign: 1 | -1): void {
    const length = sign * (this.#share?.length(item) ?? 0);
    group.length += length;
    this.#length += length;
  }
}
