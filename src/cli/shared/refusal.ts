/** Why a command does not run: one line for standard error, and exit code 2. */

/** The input can't be read, or holds nothing to work on. */
export class Refusal extends Error {
  override readonly name: string = 'Refusal';
}

/** The command line is wrong; whoever prints it points to --help. */
export class UsageError extends Refusal {
  override readonly name = 'UsageError';
}
