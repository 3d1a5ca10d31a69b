/**
 * What is under way, oldest first, each taken out at any time.
 *
 * Not a Set: V8 chains the table that a Set outgrew to the one that follows it. Once one of them is old, what passed
 * through any later one lives until the next full collection, which was a fifth of what a request cost.
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
    // Nothing that is out leads to what is in: an old one would keep every later one.
    arrival.isIn = false;
    arrival.before = null;
    arrival.after = null;
  }

  /** The one that is looked at may be taken out meanwhile. */
  *[Symbol.iterator](): Generator<T> {
    for (let at = this.#first; at !== null;) {
      const { value, after } = at;
      yield value;
      at = after;
    }
  }
}
