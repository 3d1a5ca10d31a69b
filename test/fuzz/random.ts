/** Numbers that look random and come again: the whole run is made from one seed, each case from seed and index. */
export class Random {
  #state: number;

  constructor(seed: number, index = 0) {
    this.#state = (seed ^ Math.imul(index + 1, 0x9e3779b1)) | 0;
    for (let round = 0; round < 4; round++) this.#next();
  }

  /** mulberry32: 32 bits of state are enough, since a case takes a few hundred numbers at most. */
  #next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return (mixed ^ (mixed >>> 14)) >>> 0;
  }

  /** @returns a whole number from 0 to below `end` */
  below(end: number): number {
    return Math.floor((this.#next() / 2 ** 32) * end);
  }

  /** @returns true once in so many times */
  once(times: number): boolean {
    return this.below(times) === 0;
  }

  pick<T>(list: readonly T[]): T {
    if (list.length === 0) throw new RangeError('nothing to pick from');
    return list[this.below(list.length)] as T;
  }
}
