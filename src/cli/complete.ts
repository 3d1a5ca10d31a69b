/**
 * How the words of a command line may go on: what the shells' completion scripts and kubectl ask for, answered from
 * the table of commands. The answer is cobra's, which kubectl expects of its plugins: a line for each candidate with
 * its description behind a tab, and last a directive.
 */
import { SHELLS, type Command, type Option } from './command.ts';
import { COMMANDS, commandOf } from './commands.ts';

/** The name of the question; no command that a person types. */
export const COMPLETE = '__complete';

/** What the shell is to do besides (cobra, completions.go: ShellCompDirective). */
const FILES = ':0';
const NOTHING_ELSE = ':4';

type Candidate = readonly [value: string, description: string];

interface Answer {
  readonly candidates: readonly Candidate[];
  readonly files: boolean;
}

const NONE: Answer = { candidates: [], files: false };
const ANY_FILE: Answer = { candidates: [], files: true };
/** What their placeholders stand for. */
const ARE_FILES = ['FILE', 'PATH', 'DIR', 'OLD'];

/**
 * @param words those behind the program's name; the last is the one to go on with, and may be empty
 * @returns the whole answer, with its last line end
 */
export async function completion(words: readonly string[]): Promise<string> {
  const { candidates, files } = await answer(joined(words));
  const lines = candidates.map(([value, description]) => `${value}\t${description}\n`);
  return `${lines.join('')}${files ? FILES : NOTHING_ELSE}\n`;
}

/** bash takes an equals sign for a word of its own. */
function joined(words: readonly string[]): readonly string[] {
  const whole: string[] = [];
  for (const [index, word] of words.entries()) {
    const belongs = index > 0 && (word === '=' || words[index - 1] === '=');
    whole.push(belongs ? `${whole.pop() ?? ''}${word}` : word);
  }
  return whole;
}

async function answer(words: readonly string[]): Promise<Answer> {
  const [name = '', ...rest] = words;
  if (rest.length === 0) {
    return beginning(
      name,
      COMMANDS.map((command) => [command.name, command.summary]),
    );
  }
  const command = commandOf(name);
  if (command === null) return NONE;
  const current = rest.at(-1) ?? '';
  const before = rest.slice(0, -1);
  if (before.includes('--')) return operands(command, current);
  const open = optionOf(command, before.at(-1) ?? '');
  if (open !== null && open.value !== null) return valuesOf(open, current, '');
  if (!current.startsWith('-')) return operands(command, current);
  const [long = '', value] = current.split(/=(.*)/s);
  const option = optionOf(command, long);
  if (value !== undefined) return option === null ? NONE : valuesOf(option, value, `${long}=`);
  return beginning(current, optionsLeft(command, before));
}

function beginning(start: string, all: readonly Candidate[]): Answer {
  return { candidates: all.filter(([value]) => value.startsWith(start)), files: false };
}

/** @returns the option that a word names, null where it names none */
function optionOf({ options }: Command, word: string): Option | null {
  if (word.startsWith('--')) return options[word.slice(2)] ?? null;
  return Object.values(options).find(({ short }) => word === `-${short}`) ?? null;
}

function optionsLeft({ options }: Command, before: readonly string[]): readonly Candidate[] {
  return Object.entries(options)
    .filter(([name, { repeatable, short }]) => {
      const given = before.some((word) => word.split('=')[0] === `--${name}` || word === `-${short}`);
      return repeatable === true || !given;
    })
    .map(([name, { text }]) => [`--${name}`, text]);
}

/** @param prefix stands before each value, since the shell takes it for part of the word */
async function valuesOf({ value, choices, toFile }: Option, start: string, prefix: string): Promise<Answer> {
  if (toFile === true && start.includes('=')) return ANY_FILE;
  if (ARE_FILES.includes(value ?? '')) return ANY_FILE;
  const values = value === 'RULE' ? await rules() : (choices ?? []).map((choice): Candidate => [choice, '']);
  return beginning(
    `${prefix}${start}`,
    values.map(([one, description]) => [`${prefix}${one}`, description]),
  );
}

async function operands({ files }: Command, start: string): Promise<Answer> {
  switch (files) {
    case '':
      return NONE;
    case '[COMMAND]':
      return beginning(
        start,
        COMMANDS.map(({ name, summary }) => [name, summary]),
      );
    case '[RULE...]':
      return beginning(start, await rules());
    case 'SHELL':
      return beginning(
        start,
        SHELLS.map((shell) => [shell, '']),
      );
    default:
      return ANY_FILE;
  }
}

async function rules(): Promise<readonly Candidate[]> {
  const { RULES } = await import('../rules/index.ts');
  return RULES.map(({ id, summary }) => [id, summary]);
}
