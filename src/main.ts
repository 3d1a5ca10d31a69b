#!/usr/bin/env node
/** The program `headcount`. */
import { start } from './cli/program/start.ts';

await start('headcount', process.argv.slice(2));
