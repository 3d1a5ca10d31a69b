#!/usr/bin/env node
/** kubectl finds this file as `kubectl-headcount` and runs it for `kubectl headcount`. */
import { start } from './cli/program/start.ts';

await start('kubectl headcount', process.argv.slice(2));
