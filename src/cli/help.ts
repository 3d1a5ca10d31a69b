/** Help is made from the table of commands, so it can't forget an option. */
import type { Command, Run } from './command.ts';
import { commandOf, COMMANDS } from './commands.ts';
import { UsageError } from './refusal.ts';

export const help: Run = async ({ files: [name] }, { stdout }) => {
  const command = name === undefined ? null : commandOf(name);
  if (name !== undefined && command === null) throw new UsageError(`unknown command '${name}'`);
  stdout.write(command === null ? overview() : helpOf(command));
  return 0;
};

export function overview(): string {
  return `headcount: the admission webhook for KServe multi-node inference

Usage: headcount COMMAND [OPTIONS]

${table(COMMANDS.map(({ name, summary }) => [name, summary]))}
See headcount COMMAND --help for its options.
`;
}

export function helpOf({ name, summary, files, details, options }: Command): string {
  const usage = ['headcount', name, files, '[OPTIONS]'].filter((part) => part !== '').join(' ');
  const rows = Object.entries(options).map(([long, { short, value, text }]): [string, string] => [
    `${short === undefined ? '    ' : `-${short}, `}--${long}${value === null ? '' : ` ${value}`}`,
    text,
  ]);
  return `${usage}: ${summary}\n\n${table(rows)}${details === '' ? '' : `\n${details}\n`}`;
}

function table(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}\n`).join('');
}
