/** The command line as a function: arguments and streams in, exit code out. */
import { CommanderError, type Command } from 'commander';
import { visibleLine } from '../../lib/text.ts';
import { argumentsOf } from '../shared/args.ts';
import { COMPLETE, completion } from '../completion/complete.ts';
import { programOf } from './program.ts';
import { Refusal, UsageError } from '../shared/refusal.ts';
import type { Streams } from '../shared/streams.ts';

const WRONG_USE = 2;

/**
 * @param argv without the interpreter and the script
 * @returns 0 fine, 1 findings that deny, 2 wrong use or unreadable input
 */
export async function run(argv: readonly string[], streams: Streams): Promise<number> {
  let code = 0;
  const program = programOf(streams, async (command, load) => {
    const given = argumentsOf(command);
    code = await (await load())(given, streams);
  });
  if (argv[0] === COMPLETE) {
    streams.stdout.write(await completion(program, argv.slice(1)));
    return 0;
  }
  let who = program.name();
  program.hook('preSubcommand', (_program, command) => {
    who = `${who} ${command.name()}`;
  });
  try {
    await program.parseAsync(wordsOf(program, argv), { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError && isHelp(error)) return error.exitCode === 0 ? 0 : WRONG_USE;
    const refusal = error instanceof CommanderError ? wrongUse(error) : error;
    if (!(refusal instanceof Refusal)) throw error;
    const hint = refusal instanceof UsageError ? ` (see ${who} --help)` : '';
    streams.stderr.write(`${who}: ${visibleLine(refusal.message)}${hint}\n`);
    return WRONG_USE;
  }
}

/** `help COMMAND` becomes `COMMAND --help`. After an unknown command all words are cut, so commander names only it. */
function wordsOf({ commands }: Command, argv: readonly string[]): readonly string[] {
  const words = argv[0] === 'help' && argv.length > 1 ? [...argv.slice(1), '--help'] : argv;
  const [first = ''] = words;
  if (first === '--version') return ['version'];
  const isKnown = first === 'help' || first.startsWith('-') || commands.some((one) => one.name() === first);
  return isKnown ? words : words.slice(0, 1);
}

/** Has commander shown the help? It does so on request, and when there is no command. */
function isHelp({ code }: CommanderError): boolean {
  return code === 'commander.helpDisplayed' || code === 'commander.help';
}

/** commander's message in one line, in which it may suggest what was meant. */
function wrongUse({ message }: CommanderError): UsageError {
  return new UsageError(message.replace(/^error: /, '').replaceAll('\n', ' '));
}
