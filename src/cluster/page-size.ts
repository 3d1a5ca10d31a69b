/**
 * How many objects the next page of a list may hold. Most are of some KB, but one may be of 1.5 MB, and its author may
 * be anybody: a page is bounded in bytes by asking for fewer objects, down to one.
 */

/** A page that is longer is not read to its end. Parsed, it takes several times that. */
export const PAGE_BYTES = 2 * 1024 ** 2;
/** So many of the largest are some 75 MB that the API server would have to put together for us. */
const FIRST = 50;
const SHRINKING = 8;
const GROWTH = 4;
/** Of the bytes of a page, what is aimed at: objects differ. */
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
