/**
 * What stands in front of `&&`. A step prepares something: where it fails, the script has nothing to serve with, so what
 * follows runs in every pod that serves. Any other command may ask a question, and what follows is a branch.
 */
import { ASSIGNMENT } from './program.ts';

const STEPS = new Set([
  '.',
  ':',
  'alias',
  'apt',
  'apt-get',
  'cd',
  'chmod',
  'chown',
  'conda',
  'cp',
  'date',
  'declare',
  'dnf',
  'echo',
  'export',
  'ln',
  'mkdir',
  'mv',
  'pip',
  'pip3',
  'printf',
  'pushd',
  'readonly',
  'rm',
  'set',
  'shopt',
  'sleep',
  'source',
  'tee',
  'touch',
  'trap',
  'true',
  'ulimit',
  'umask',
  'unset',
  'uv',
  'yum',
]);

/** @returns whether a command is a step; `ray start` is one, `ray status` asks a question */
export function isStep(words: readonly string[]): boolean {
  const at = words.findIndex((word) => !ASSIGNMENT.test(word));
  // The status of an assignment is that of a substitution in it.
  if (at === -1) return words.length > 0 && words.every((word) => !word.includes('$'));
  const program = words[at] ?? '';
  return STEPS.has(program) || (program === 'ray' && words[at + 1] === 'start');
}
