/** What a command is: how it is called, by commander, and the code behind it. */
import type { Command } from 'commander';
import type { Arguments } from './args.ts';
import type { Streams } from './streams.ts';

/** @returns the exit code: 0 fine, 1 findings that deny, 2 wrong use or unreadable input */
export type Run = (given: Arguments, streams: Streams) => Promise<number>;

export interface Entry {
  /** A new one each time: commander keeps in it what was given. */
  readonly command: () => Command;
  /** Loads the command's code, which no other command pays for. */
  readonly load: () => Promise<Run>;
}
