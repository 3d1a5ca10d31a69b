/** The arguments of one command, as commander has read them. */
import type { Command } from 'commander';
import { UsageError } from './refusal.ts';

export interface Arguments {
  readonly files: readonly string[];
  /** Is the switch set? */
  readonly has: (option: string) => boolean;
  /** @returns an option's value, null when it is not given. */
  readonly text: (option: string) => string | null;
  /** @returns every value of a repeatable option. */
  readonly all: (option: string) => readonly string[];
}

/** @throws UsageError for an option whose value was forgotten: commander takes the next option for it */
export function argumentsOf(command: Command): Arguments {
  const values = new Map<string, readonly unknown[]>();
  for (const option of command.options) {
    const given = [command.getOptionValue(option.attributeName()) as unknown].flat();
    if (given.some((value) => typeof value === 'string' && value.startsWith('--'))) {
      throw new UsageError(`option '${option.flags}' argument missing`);
    }
    values.set(option.long?.slice('--'.length) ?? '', given);
  }
  const all = (name: string): readonly string[] =>
    (values.get(name) ?? []).filter((value) => typeof value === 'string');
  return {
    files: command.args,
    has: (name) => values.get(name)?.[0] === true,
    text: (name) => all(name).at(-1) ?? null,
    all,
  };
}
