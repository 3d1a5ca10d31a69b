/** What a command is, to the parser of arguments, to the help, and to the one who runs it. */
import type { Arguments } from './args.ts';
import type { Streams } from './streams.ts';

export interface Option {
  /** One letter. */
  readonly short?: string;
  /** Placeholder of its value, such as FILE; null for a switch. */
  readonly value: string | null;
  /** May it be given more than once? */
  readonly repeatable?: boolean;
  /** The values that it takes, the default first. */
  readonly choices?: readonly string[];
  /** May a choice be followed by =FILE? */
  readonly toFile?: boolean;
  readonly text: string;
}

/** Those with a completion script. */
export const SHELLS = ['bash', 'zsh', 'fish'] as const;

export type Run = (given: Arguments, streams: Streams) => Promise<number>;

export interface Command {
  readonly name: string;
  readonly summary: string;
  /** How its files are written in the usage line; '' when it takes none. */
  readonly files: '' | 'FILE...' | 'FILE' | '[COMMAND]' | '[RULE...]' | 'SHELL';
  readonly details: string;
  readonly options: Readonly<Record<string, Option>>;
  /** Loads the command's code, which no other command pays for. */
  readonly load: () => Promise<Run>;
}
