/** The state, the verdict on it, and who shows them: a change goes round once, in this order. */
import type { Preloaded } from './preloaded.ts';
import { EMPTY, type State } from './state.ts';
import { verdictOn, type Verdict } from './verdict.ts';

export interface Shown {
  readonly state: State;
  /** On this state. */
  readonly verdict: Verdict;
  /** A bug of ours: the verdict is that of an earlier state. '' for none. */
  readonly bug: string;
}

export class Store {
  readonly #preloaded: Preloaded;
  readonly #show: (shown: Shown) => void;
  #state: State;
  #verdict: Verdict | null = null;
  /** Is a verdict under way? It then looks for the newest state when it is done. */
  #busy = false;

  /** @param show called with each new verdict; of several changes at once with the last one's */
  constructor(state: State, preloaded: Preloaded, show: (shown: Shown) => void) {
    this.#state = state;
    this.#preloaded = preloaded;
    this.#show = show;
  }

  /** The newest, which may not have been shown yet. */
  get state(): State {
    return this.#state;
  }

  async change(part: Partial<State>): Promise<void> {
    this.#state = { ...this.#state, ...part };
    if (this.#busy) return;
    this.#busy = true;
    for (;;) {
      await nextTask();
      const state = this.#state;
      const bug = await this.#judge(state);
      if (state !== this.#state) continue;
      this.#busy = false;
      if (this.#verdict !== null) this.#show({ state, verdict: this.#verdict, bug });
      return;
    }
  }

  /** The one place that catches a bug: the page stays usable. @returns what is told of it; '' for none */
  async #judge(state: State): Promise<string> {
    try {
      this.#verdict = await verdictOn(state, this.#preloaded);
      return '';
    } catch (error) {
      // Where there is no earlier verdict, that on nothing is shown.
      this.#verdict ??= await verdictOn(EMPTY, this.#preloaded);
      return String(error instanceof Error ? error.stack : error);
    }
  }
}

/** Lets the keys that wait be read first: of many that come while a long text is judged, only the last one counts. */
async function nextTask(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}
