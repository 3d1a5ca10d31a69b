/**
 * How many objects the next page of a list may hold. Most objects have a few KB, but anybody may write one of 1.5 MB.
 * So a page has a limit in bytes: when a page exceeds it, fewer objects are requested, down to one.
 */

/** A longer page is not read to its end. A parsed page takes several times as much memory. */
export const PAGE_BYTES = 2 * 1024 ** 2;
/** This many of the largest objects are about 75 MB, which the API server would have to assemble for us. */
const FIRST = 50;
const SHRINKING = 8;
const GROWTH = 4;
/** The share of PAGE_BYTES to aim for, because objects differ in size. */
const AIM = 0.75;

export class PageSize {
  readonly #most: number;
  #limit: number;

  /** @param most objects of a page */
  constructor(most: number) {
    this.#most = most;
    this.#limit = Math.min(FIRST, most);
  }

  get limit(): number {
    return this.#limit;
  }

  /** A page was too long. @returns false where it can't be made shorter */
  shrink(): boolean {
    if (this.#limit === 1) return false;
    this.#limit = Math.max(1, Math.floor(this.#limit / SHRINKING));
    return true;
  }

  /** A page was read. */
  learn(objects: number, bytes: number): void {
    const fitting = objects === 0 ? this.#most : Math.floor((AIM * PAGE_BYTES * objects) / bytes);
    this.#limit = Math.max(1, Math.min(fitting, this.#limit * GROWTH, this.#most));
  }
}
