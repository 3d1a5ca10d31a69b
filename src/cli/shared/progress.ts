/** One line on standard error that says how far a long run is: on a terminal only, and taken away at the end. */
import type { Streams } from './streams.ts';

/** More often than this nobody can read. */
const BETWEEN = 100;

export class Progress {
  readonly #stderr: Streams['stderr'];
  #shown = 0;

  constructor({ stderr }: Streams) {
    this.#stderr = stderr;
  }

  /** @param text the line; it is not shown where the last one has just been */
  show(text: () => string): void {
    if (this.#stderr.isTTY !== true) return;
    const now = performance.now();
    if (this.#shown > 0 && now - this.#shown < BETWEEN) return;
    this.#shown = now;
    this.#stderr.write(`\r${text()}`);
  }

  end(): void {
    if (this.#shown > 0) this.#stderr.write('\r\u001B[K');
  }
}
