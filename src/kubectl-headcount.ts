#!/usr/bin/env node
/** kubectl finds this file as `kubectl-headcount` and runs it for `kubectl headcount`. */
import { runProcess } from './cli/program/process.ts';

await runProcess('kubectl headcount', process.argv.slice(2));
