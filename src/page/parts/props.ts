/** What the parts of the page are given. */
import type { Preloaded } from '../core/preloaded.ts';
import type { State } from '../core/state.ts';
import type { Shown } from '../core/store.ts';

export interface AppProps extends Shown {
  readonly preloaded: Preloaded;
  readonly change: (part: Partial<State>) => void;
  /** @returns the address of the newest state */
  readonly linkOf: () => Promise<string>;
}

export type InputsProps = Pick<AppProps, 'state' | 'verdict' | 'preloaded' | 'change'>;

/** Puts the cursor of the editor there. */
export type GoTo = (line: number, column: number) => void;
