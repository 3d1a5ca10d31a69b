/** The command line as a function: arguments and streams in, exit code out. */
import { visibleLine } from '../plain.ts';
import { parseCommand } from './args.ts';
import { commandOf } from './commands.ts';
import { COMPLETE, completion } from './complete.ts';
import { helpOf, overview } from './help.ts';
import { Refusal, UsageError } from './refusal.ts';
import type { Streams } from './streams.ts';

const WRONG_USE = 2;

/**
 * @param argv without the interpreter and the script
 * @returns 0 fine, 1 findings that deny, 2 wrong use or unreadable input
 */
export async function run(argv: readonly string[], streams: Streams): Promise<number> {
  const [first, ...rest] = argv;
  const { program = 'headcount' } = streams;
  if (first === undefined) {
    streams.stderr.write(overview(program));
    return WRONG_USE;
  }
  if (first === COMPLETE) {
    streams.stdout.write(await completion(rest));
    return 0;
  }
  const name = { '--help': 'help', '-h': 'help', '--version': 'version' }[first] ?? first;
  const command = commandOf(name);
  try {
    if (command === null) throw new UsageError(`unknown command '${name}'`);
    const given = parseCommand(command, rest);
    if (given.has('help')) {
      streams.stdout.write(helpOf(command, program));
      return 0;
    }
    return await (
      await command.load()
    )(given, streams);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const who = command === null ? program : `${program} ${command.name}`;
    const hint = error instanceof UsageError ? ` (see ${who} --help)` : '';
    streams.stderr.write(`${who}: ${visibleLine(error.message)}${hint}\n`);
    return WRONG_USE;
  }
}
