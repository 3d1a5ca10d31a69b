/** Completion: the possible values for a placeholder of the help, such as FILE or RULE. */
import { CommanderError, type Command } from 'commander';
import { argumentsOf } from '../shared/args.ts';
import { Refusal } from '../shared/refusal.ts';

export type Candidate = readonly [value: string, description: string];

export interface Answer {
  readonly candidates: readonly Candidate[];
  /** Is the shell to offer files? */
  readonly files: boolean;
}

/** A command line up to the word that is to be completed. */
export interface Line {
  readonly command: Command;
  readonly before: readonly string[];
}

export const NONE: Answer = { candidates: [], files: false };
export const ANY_FILE: Answer = { candidates: [], files: true };

const SERVICE_OR_FILE = 'FILE|isvc/NAME';
const ARE_FILES = ['FILE', 'PATH', 'DIR', SERVICE_OR_FILE];

/**
 * @param choices the values, if the option lists them
 * @param start the part of the word that is typed already
 */
export async function candidatesFor(
  placeholder: string,
  choices: readonly string[],
  start: string,
  line: Line,
): Promise<Answer> {
  // Asks the cluster only after the user has typed `isvc/`. Otherwise a tab must not wait for the cluster.
  if (placeholder === SERVICE_OR_FILE && start.startsWith('isvc/')) {
    return beginning(start, await services(line));
  }
  if (ARE_FILES.includes(placeholder)) return ANY_FILE;
  if (placeholder === 'RULE') return beginning(start, await rules());
  return beginning(
    start,
    choices.map((choice) => [choice, '']),
  );
}

export function beginning(start: string, all: readonly Candidate[]): Answer {
  return { candidates: all.filter(([value]) => value.startsWith(start)), files: false };
}

async function rules(): Promise<readonly Candidate[]> {
  const { RULES } = await import('../../rules/index.ts');
  return RULES.map(({ id, summary }) => [id, summary]);
}

/** @returns no candidates when the cluster can't be asked: completion has no place to show an error */
async function services({ command, before }: Line): Promise<readonly Candidate[]> {
  const { liveNames } = await import('../shared/live.ts');
  try {
    command.parseOptions([...before]);
    return (await liveNames(argumentsOf(command))).map((name) => [`isvc/${name}`, '']);
  } catch (error) {
    if (error instanceof Refusal || error instanceof CommanderError) return [];
    throw error;
  }
}
