/**
 * A list of what is in progress, oldest first. Any entry can be removed at any time.
 *
 * It is not a Set, because V8 links each table that a Set has outgrown to the next one. Once one table is in the old
 * generation, all later entries live until the next full collection. That was a fifth of the cost of a request.
 */
export interface Arrival<T> {
  readonly value: T;
  /** False when it was taken out. */
  isIn: boolean;
  before: Arrival<T> | null;
  after: Arrival<T> | null;
}

export class Arrivals<T> {
  #first: Arrival<T> | null = null;
  #last: Arrival<T> | null = null;

  get isEmpty(): boolean {
    return this.#first === null;
  }

  add(value: T): Arrival<T> {
    const arrival: Arrival<T> = { value, isIn: true, before: this.#last, after: null };
    if (this.#last === null) this.#first = arrival;
    else this.#last.after = arrival;
    this.#last = arrival;
    return arrival;
  }

  /** Taking out what is out already does nothing. */
  remove(arrival: Arrival<T>): void {
    if (!arrival.isIn) return;
    const { before, after } = arrival;
    if (before === null) this.#first = after;
    else before.after = after;
    if (after === null) this.#last = before;
    else after.before = before;
    // A removed entry must not point to others: if it is in the old generation, it would keep all later ones alive.
    arrival.isIn = false;
    arrival.before = null;
    arrival.after = null;
  }

  /** The current entry may be removed during the iteration. */
  *[Symbol.iterator](): Generator<T> {
    for (let at = this.#first; at !== null;) {
      const { value, after } = at;
      yield value;
      at = after;
    }
  }
}
