/** Reads the arguments of one command. Wrong use is one line that names what is wrong. */
import { parseArgs } from 'node:util';
import { SHELLS, type Command, type Option } from './command.ts';
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

/** @throws UsageError */
export function parseCommand(command: Command, argv: readonly string[]): Arguments {
  const options = Object.fromEntries(
    Object.entries(command.options).map(([name, { short, value, repeatable = false }]) => [
      name,
      {
        type: value === null ? ('boolean' as const) : ('string' as const),
        multiple: repeatable,
        ...(short !== undefined && { short }),
      },
    ]),
  );
  const { values, positionals } = parse(argv, options);
  const all = (name: string): readonly string[] =>
    [values[name]].flat().filter((value) => typeof value === 'string');
  for (const [name, option] of Object.entries(command.options)) {
    for (const value of all(name)) checkChoice(name, option, value);
  }
  if (values['help'] !== true) checkFiles(command, positionals);
  return {
    files: positionals,
    has: (name) => values[name] === true,
    text: (name) => all(name).at(-1) ?? null,
    all,
  };
}

type Parsed = {
  values: Record<string, string | boolean | (string | boolean)[] | undefined>;
  positionals: string[];
};

function parse(
  argv: readonly string[],
  options: NonNullable<Parameters<typeof parseArgs>[0]>['options'],
): Parsed {
  try {
    return parseArgs({ args: [...argv], options: options ?? {}, allowPositionals: true });
  } catch (error) {
    // The errors of parseArgs are about the arguments; their first sentence says what is wrong.
    const code = (error as NodeJS.ErrnoException).code ?? '';
    if (!code.startsWith('ERR_PARSE_ARGS_')) throw error;
    const [first = ''] = (error as Error).message.split('. ');
    throw new UsageError(first.charAt(0).toLowerCase() + first.slice(1));
  }
}

function checkChoice(name: string, { short, choices, toFile = false }: Option, value: string): void {
  const choice = toFile ? value.split('=', 1)[0] : value;
  if (choices === undefined || choices.includes(choice ?? '')) return;
  const option = short === undefined ? `--${name}` : `-${short}`;
  throw new UsageError(`${option} ${value} is none of ${choices.join(', ')}`);
}

function checkFiles({ files }: Command, given: readonly string[]): void {
  if (files === 'FILE...' && given.length === 0)
    throw new UsageError('no file given (- reads standard input)');
  if (files === 'FILE' && given.length !== 1) {
    throw new UsageError(`one file expected, ${given.length} given (- reads standard input)`);
  }
  if (files === 'SHELL' && given.length === 0) throw new UsageError(`no shell given: ${SHELLS.join(', ')}`);
  const most = files === '' ? 0 : files === '[COMMAND]' || files === 'SHELL' ? 1 : Infinity;
  if (given.length > most) throw new UsageError(`unexpected argument '${given[most]}'`);
}
