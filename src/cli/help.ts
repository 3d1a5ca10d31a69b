/** Help is made from the table of commands, so it can't forget an option. */
import type { Command, Run } from './command.ts';
import { commandOf, COMMANDS } from './commands.ts';
import { UsageError } from './refusal.ts';
import type { Program } from './streams.ts';

export const help: Run = async ({ files: [name] }, { stdout, program = 'headcount' }) => {
  const command = name === undefined ? null : commandOf(name);
  if (name !== undefined && command === null) throw new UsageError(`unknown command '${name}'`);
  stdout.write(command === null ? overview(program) : helpOf(command, program));
  return 0;
};

export function overview(program: Program): string {
  return `headcount: the admission webhook for KServe multi-node inference

Usage: ${program} COMMAND [OPTIONS]

${table(COMMANDS.map(({ name, summary }) => [name, summary]))}
See ${program} COMMAND --help for its options.
`;
}

export function helpOf(
  { name, summary, files, details, options }: Command,
  program: Program = 'headcount',
): string {
  const usage = [program, name, files, '[OPTIONS]'].filter((part) => part !== '').join(' ');
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
