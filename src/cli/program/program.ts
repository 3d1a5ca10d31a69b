/** The program as commander sees it: its commands, and where their help goes. */
import { Command } from 'commander';
import { COMMANDS } from './commands.ts';
import type { Entry } from '../shared/command.ts';
import type { Streams } from '../shared/streams.ts';

/** Where help does not go to a terminal. */
const WIDTH = 120;

/**
 * @param act is called with the command that is asked for, its arguments read
 * @returns a program for one command line; wrong use is thrown as a CommanderError
 */
export function programOf(
  { stdout, stderr, program: name = 'headcount' }: Pick<Streams, 'stdout' | 'stderr' | 'program'>,
  act: (command: Command, load: Entry['load']) => Promise<void>,
): Command {
  const program = new Command(name)
    .description('headcount: the admission webhook for KServe multi-node inference')
    .usage('COMMAND [OPTIONS]')
    .option('--version', 'show the version')
    .helpOption('-h, --help', 'show this help')
    .helpCommand('help [COMMAND]', 'show this help, or that of a command')
    .addHelpText('after', `\nSee ${name} COMMAND --help for its options.`)
    .configureOutput({
      writeOut: (text) => stdout.write(text),
      writeErr: (text) => stderr.write(text),
      outputError: () => {},
      getOutHelpWidth: () => stdout.columns ?? WIDTH,
      getErrHelpWidth: () => stderr.columns ?? WIDTH,
    })
    .exitOverride();
  for (const { command: make, load } of COMMANDS) {
    const command = make().copyInheritedSettings(program);
    program.addCommand(command.action(async () => act(command, load)));
  }
  return program;
}
