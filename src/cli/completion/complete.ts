/**
 * Completes the last word of a command line, for the shells' completion scripts and for kubectl. The candidates come
 * from the program's commands. The answer has cobra's format, which kubectl expects of its plugins: a line for each
 * candidate, with its description after a tab, and a directive as the last line.
 */
import type { Command, Option } from 'commander';
import {
  ANY_FILE,
  beginning,
  candidatesFor,
  NONE,
  type Answer,
  type Candidate,
  type Line,
} from './candidates.ts';
import { Repeatable } from '../shared/options.ts';

/** The hidden command that the scripts call; people do not type it. */
export const COMPLETE = '__complete';

/** The directive: what else the shell should do (cobra, completions.go: ShellCompDirective). */
const FILES = ':0';
const NOTHING_ELSE = ':4';

/**
 * @param words the words after the program's name; the last one is to be completed, and may be empty
 * @returns the whole answer, with a line end after the last line
 */
export async function completion(program: Command, words: readonly string[]): Promise<string> {
  const { candidates, files } = await answer(program, joined(words));
  const lines = candidates.map(([value, description]) => `${value}\t${description}\n`);
  return `${lines.join('')}${files ? FILES : NOTHING_ELSE}\n`;
}

/** bash splits words at equals signs: this joins the parts again. */
function joined(words: readonly string[]): readonly string[] {
  const whole: string[] = [];
  for (const [index, word] of words.entries()) {
    const belongs = index > 0 && (word === '=' || words[index - 1] === '=');
    whole.push(belongs ? `${whole.pop() ?? ''}${word}` : word);
  }
  return whole;
}

async function answer(program: Command, words: readonly string[]): Promise<Answer> {
  const [name = '', ...rest] = words;
  const current = rest.pop();
  if (current === undefined) return beginning(name, commandsOf(program));
  if (name === 'help') return rest.length === 0 ? beginning(current, commandsOf(program)) : NONE;
  const command = program.commands.find((one) => one.name() === name);
  if (command === undefined) return NONE;
  const line = { command, before: rest };
  if (rest.includes('--')) return operands(line, current);
  const options = command.createHelp().visibleOptions(command);
  const open = options.find(named(rest.at(-1)));
  if (open?.required === true) return valuesOf(open, current, '', line);
  if (!current.startsWith('-')) return operands(line, current);
  const [long = '', value] = current.split(/=(.*)/s);
  if (value === undefined) return beginning(current, optionsLeft(options, rest));
  const option = options.find(named(long));
  return option === undefined ? NONE : valuesOf(option, value, `${long}=`, line);
}

function commandsOf(program: Command): readonly Candidate[] {
  return program
    .createHelp()
    .visibleCommands(program)
    .map((one) => [one.name(), one.description()]);
}

function named(word: string | undefined): (option: Option) => boolean {
  return ({ short, long }) => word !== undefined && (word === short || word === long);
}

function optionsLeft(options: readonly Option[], before: readonly string[]): readonly Candidate[] {
  const isGiven = (option: Option): boolean => before.some((word) => named(word.split('=')[0])(option));
  return options
    .filter((option) => option instanceof Repeatable || !isGiven(option))
    .map(({ long, description }) => [long ?? '', description]);
}

/** @param prefix put before each value, because the shell sees it as part of the word */
async function valuesOf(
  { flags, argChoices }: Option,
  start: string,
  prefix: string,
  line: Line,
): Promise<Answer> {
  const [, placeholder = ''] = /<([^<>]*)>/.exec(flags) ?? [];
  // -o FORMAT=FILE
  if (argChoices !== undefined && start.includes('=')) return ANY_FILE;
  const { candidates, files } = await candidatesFor(placeholder, argChoices ?? [], start, line);
  return { candidates: candidates.map(([value, text]) => [`${prefix}${value}`, text]), files };
}

async function operands(line: Line, start: string): Promise<Answer> {
  const [argument] = line.command.registeredArguments;
  if (argument === undefined) return NONE;
  return candidatesFor(argument.name(), argument.argChoices ?? [], start, line);
}
