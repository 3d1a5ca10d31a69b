/** The variables of a template while it is followed. */
import { UNKNOWN, type Value } from './values.ts';

export class Variables {
  readonly #values: Map<string, Value>;
  /** What each change replaced: undefined where the variable was not there before. */
  readonly #changes: { readonly name: string; readonly before: Value | undefined }[] = [];

  /** @param root what `$` is */
  constructor(root: Value) {
    this.#values = new Map([['$', root]]);
  }

  get(name: string): Value | undefined {
    return this.#values.get(name);
  }

  has(name: string): boolean {
    return this.#values.has(name);
  }

  set(name: string, value: Value): void {
    this.#changes.push({ name, before: this.#values.get(name) });
    this.#values.set(name, value);
  }

  /** @returns a place, for release */
  mark(): number {
    return this.#changes.length;
  }

  /** Removes variables that were declared since the mark; those that were assigned since become unknown. */
  release(mark: number): void {
    for (const { name, before } of this.#changes.splice(mark).toReversed()) {
      if (before === undefined) this.#values.delete(name);
      else this.set(name, UNKNOWN);
    }
  }
}
