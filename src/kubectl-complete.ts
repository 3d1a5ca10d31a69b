#!/usr/bin/env node
/** kubectl finds this file as `kubectl_complete-headcount`, and asks it how the words of a line may go on. */
import { COMPLETE } from './cli/completion/complete.ts';
import { runProcess } from './cli/program/process.ts';

await runProcess('kubectl headcount', [COMPLETE, ...process.argv.slice(2)]);
