#!/usr/bin/env node
/** kubectl finds this file as `kubectl_complete-headcount`, and asks it how the words of a line may go on. */
import { COMPLETE } from './cli/completion/complete.ts';
import { start } from './cli/program/start.ts';

await start('kubectl headcount', [COMPLETE, ...process.argv.slice(2)]);
