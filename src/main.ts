#!/usr/bin/env node
/** The process around the command line: the only file that does something when it is imported. */
import { run } from './cli/run.ts';

/** Whoever reads our output may stop early (`headcount lint . | head -1`). */
function ignoreClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
}
process.stdout.on('error', ignoreClosedPipe);
process.stderr.on('error', ignoreClosedPipe);

try {
  process.exitCode = await run(process.argv.slice(2), {
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    env: process.env,
  });
} catch (error) {
  // A bug. Not 1: that would say that a manifest is denied.
  process.stderr.write(
    `headcount: internal error\n${String(error instanceof Error ? error.stack : error)}\n`,
  );
  process.exitCode = 2;
}
