#!/usr/bin/env node
/** The program `headcount`. */
import { runProcess } from './cli/program/process.ts';

await runProcess('headcount', process.argv.slice(2));
