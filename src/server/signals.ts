/** The signals that end a server. */
import type { EventEmitter } from 'node:events';

/** The first signal asks for an orderly end, the second for one at once. */
export class StopSignals {
  readonly first: Promise<void>;
  readonly second: Promise<void>;
  readonly #signals: EventEmitter;
  #onSignal: () => void = () => {};

  constructor(signals: EventEmitter) {
    this.#signals = signals;
    const { promise: first, resolve: onFirst } = Promise.withResolvers<void>();
    const { promise: second, resolve: onSecond } = Promise.withResolvers<void>();
    let count = 0;
    this.#onSignal = () => (++count === 1 ? onFirst() : onSecond());
    this.first = first;
    this.second = second;
    for (const name of ['SIGTERM', 'SIGINT']) signals.on(name, this.#onSignal);
  }

  forget(): void {
    for (const name of ['SIGTERM', 'SIGINT']) this.#signals.off(name, this.#onSignal);
  }
}
