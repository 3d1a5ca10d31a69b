/** The start of each program: what runs before anything that an old Node can't load. */
import type { Program } from '../shared/streams.ts';

/** The oldest Node whose library has all that is used here and in the bundled packages. */
const OLDEST = 22;

/**
 * @param argv without the interpreter and the script
 * @returns when the program has ended, or serves; on an older Node it says so, and the exit code is 2
 */
export async function start(program: Program, argv: readonly string[]): Promise<void> {
  const major = Number.parseInt(process.versions.node, 10);
  if (major < OLDEST) {
    process.stderr.write(
      `${program} needs Node ${OLDEST} or later, and this is Node ${process.versions.node}\n`,
    );
    process.exitCode = 2;
    return;
  }
  const { runProcess } = await import('./process.ts');
  await runProcess(program, argv);
}
