/** One line on standard error that shows the progress of a long run: only on a terminal, and removed at the end. */
import type { Streams } from './streams.ts';

/** Milliseconds between two lines, because nobody can read faster changes. */
const BETWEEN = 100;

export class Progress {
  readonly #stderr: Streams['stderr'];
  #shown = 0;

  constructor({ stderr }: Streams) {
    this.#stderr = stderr;
  }

  /** @param text the line; it is not shown when the last line was shown only just before */
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
