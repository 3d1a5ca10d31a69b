/**
 * Changing a JSON value without touching it: what lies on the way to a change is copied, once, everything
 * else is shared. patch.ts relies on that to find the changes without looking at the whole object.
 */
import { property } from './json.ts';

export type Path = readonly (string | number)[];
type Container = Record<string | number, unknown>;

/** @returns the value at `path`; undefined when there is none. */
export function getIn(root: unknown, path: Path): unknown {
  let here = root;
  for (const step of path) {
    if (typeof step === 'string') here = property(here, step);
    else here = Array.isArray(here) ? (here as unknown[])[step] : undefined;
  }
  return here;
}

/** A value that is being changed. The value that it was made from stays as it was. */
export class Draft {
  #value: unknown;
  /** Copies of this draft's own making, which may be changed in place. */
  readonly #own = new Set<unknown>();

  constructor(value: unknown) {
    this.#value = value;
  }

  /** The value as it is now. Writing goes on to change it: take it when done. */
  get value(): unknown {
    return this.#value;
  }

  get(path: Path): unknown {
    return getIn(this.#value, path);
  }

  /** Puts `value` at `path`; every parent must exist. A list index may be its length: append. */
  set(path: Path, value: unknown): void {
    const last = path.at(-1);
    if (last === undefined) this.#value = value;
    else this.#parent(path)[last] = value;
  }

  /** Takes out what stands at `path`, if anything does; later entries of a list move up. */
  remove(path: Path): void {
    const last = path.at(-1);
    if (last === undefined || this.get(path) === undefined) return;
    const parent = this.#parent(path);
    if (Array.isArray(parent)) parent.splice(Number(last), 1);
    else delete parent[last];
  }

  /** @returns the parent of `path` as a copy of our own, and makes its parents so. */
  #parent(path: Path): Container {
    this.#value = this.#owned(this.#value);
    let here = this.#value as Container;
    for (const step of path.slice(0, -1)) {
      const child = this.#owned(here[step]);
      here[step] = child;
      here = child;
    }
    return here;
  }

  #owned(value: unknown): Container {
    if (this.#own.has(value)) return value as Container;
    const copy = (Array.isArray(value) ? [...(value as unknown[])] : { ...(value as object) }) as Container;
    this.#own.add(copy);
    return copy;
  }
}
