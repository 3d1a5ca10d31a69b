/** The process around the command line: streams that break, and the exit code. */
import { run } from './run.ts';
import type { Program } from '../shared/streams.ts';

export async function runProcess(program: Program, argv: readonly string[]): Promise<void> {
  let unwritten = false;
  // A full disk must not stop a server: losing the log is better than losing answers.
  process.stdout.on('error', ({ code }: NodeJS.ErrnoException) => {
    // Whoever reads our output may stop early (`headcount lint . | head -1`).
    if (code === 'EPIPE' || unwritten) return;
    unwritten = true;
    process.exitCode = 2;
    process.stderr.write(`headcount: the output can not be written: ${code}\n`);
  });
  process.stderr.on('error', () => {});

  try {
    const code = await run(argv, {
      program,
      stdin: process.stdin,
      stdout: process.stdout,
      stderr: process.stderr,
      env: process.env,
    });
    process.exitCode = unwritten ? 2 : code;
  } catch (error) {
    // A bug. Not 1: that would say that a manifest is denied.
    process.stderr.write(
      `headcount: internal error\n${String(error instanceof Error ? error.stack : error)}\n`,
    );
    process.exitCode = 2;
  }
}
