/**
 * Which flags the command line of a container holds. Without a shell each word is one argument, as it stands. With
 * `bash -c <script>`, the script is read as a shell reads it, and the words after it are `$0` and `$@`.
 */
import type { Word } from '../kserve/container.ts';
import { LastFlags, readFlag, withValue, type StatedFlag } from './flags.ts';
import { ASSIGNMENT, isPython, programOf, serverOf, type Server } from './program.ts';
import { readScript } from './shell.ts';
import { withoutEnd } from '../lib/text.ts';
import { oncePer } from '../lib/once.ts';

/** Linux does not start a program with a longer argument (MAX_ARG_STRLEN), so longer words are ignored. */
const LONGEST_WORD = 128 * 1024;
/** Nor with arguments of more than a quarter of the stack, which is 8 MiB by default (execve(2)). */
const LONGEST_COMMAND = 2 * 1024 * 1024;

function startable(words: readonly Word[]): readonly Word[] {
  let length = 0;
  return words.filter(
    ({ text }) => (length += text.length) <= LONGEST_COMMAND && text.length <= LONGEST_WORD,
  );
}

const SHELL = /^(?:.*\/)?(?:ba|da|z|k|a)?sh$/;
/** The shell is the first word, or comes after a program such as tini or env. */
const FIRST_WORDS = 4;
const COMMAND_OPTION = /^-[a-z]*c$/;
/** Does a script pass on its arguments, and does the shell split them at blanks? */
const PASSES_ON = /\$(?:[@*]|\{[@*])/;
const PASSES_ON_APART = /(?:^|[^"])\$(?:[@*]|\{[@*])/;

/** Where the shell and its script are among the words; -1 where there is none. */
function shellIn(words: readonly Word[]): { readonly shell: number; readonly script: number } {
  const shell = words.slice(0, FIRST_WORDS).findIndex(({ text }) => SHELL.test(text));
  const option =
    shell === -1 ? -1 : words.findIndex(({ text }, index) => index > shell && COMMAND_OPTION.test(text));
  return { shell, script: option === -1 ? -1 : option + 1 };
}

/** Where the first word after a script goes: `bash -c` makes it $0, and "$@" begins with the one behind it. */
const FIRST_ARGUMENT = /\$(?:0|\{0)/;

/** @returns whether a script that stands among the words ignores a word that is appended to them */
export function dropsArguments(words: readonly Word[]): boolean {
  const { script: place } = shellIn(words);
  const script = words[place];
  if (script === undefined) return false;
  const isFirst = words.length === place + 1;
  return !PASSES_ON.test(script.text) || (isFirst && !FIRST_ARGUMENT.test(script.text));
}

/** Does a script read its arguments one by one? Then nobody can tell which of them it passes on. */
const READS_ARGUMENTS = /\$\{?[1-9#]|\bshift\b|\bgetopts\b/;

/** Which of the words that are appended a script ignores. */
export type Ignored = 'each' | 'first' | 'none';

/** @returns what a script among `words` surely ignores */
export function ignoredBy(words: readonly Word[]): Ignored {
  const script = words[shellIn(words).script];
  if (script === undefined || READS_ARGUMENTS.test(script.text) || !dropsArguments(words)) return 'none';
  return PASSES_ON.test(script.text) ? 'first' : 'each';
}

/**
 * @param command of one container; empty where the image's own entry point gets the arguments
 * @returns the last occurrence of each option
 */
export function flagsIn(command: readonly Word[], args: readonly Word[]): readonly StatedFlag[] {
  const flags = new LastFlags();
  const words = startable([...command, ...args]);
  const { shell, script: place } = shellIn(words);
  if (shell === -1) {
    const texts = textsOf(words);
    const ofImage = command.length === 0 && !isPython(texts[0]);
    readArguments(words, flags, serverOf(texts) ?? (ofImage ? 'vllm' : null), false);
    return flags.all();
  }
  const script = words[place];
  if (script === undefined) {
    readArguments(words.slice(shell + 1), flags, null, false);
    return flags.all();
  }
  const { stated, passesOn } = readOnce(script);
  for (const flag of stated) flags.put(flag);
  const passed = words.slice(FIRST_ARGUMENT.test(script.text) ? place + 1 : place + 2);
  const server = passesOn === 'as-command' ? serverOf(textsOf(passed)) : passesOn;
  readArguments(passed, flags, server, PASSES_ON_APART.test(script.text));
  return flags.all();
}

function textsOf(words: readonly Word[]): readonly string[] {
  return words.map(({ text }) => text);
}

/**
 * @param server that the words surely reach
 * @param apart does a shell split words at blanks?
 */
function readArguments(
  words: readonly Word[],
  flags: LastFlags,
  server: Server | null,
  apart: boolean,
): void {
  if (server === 'other') return;
  let open: StatedFlag | null = null;
  let before = '';
  for (const { field, text } of words) {
    const isValue = before.startsWith('-') && !before.includes('=');
    before = text;
    if (!text.includes('-')) {
      // A word without a dash has no flag. It can only be the value of the flag before it.
      const [value = ''] = apart ? text.trim().split(/\s+/, 1) : [text];
      if (open !== null && open.text === null && !/\s/.test(value)) flags.put(withValue(open, value));
      open = null;
      continue;
    }
    const parts = /\s/.test(text) ? text.trim().split(/\s+/) : [text];
    // An argument that contains blanks is not a valid flag, but its author may have meant it as one.
    if (parts.length > 1 && !apart) {
      if (text.startsWith('-') || !isValue) readLoosely(field, parts, flags);
      open = null;
      continue;
    }
    for (const part of parts) {
      if (open !== null && open.text === null && !part.startsWith('-')) flags.put(withValue(open, part));
      open = readFlag(field, part, server === 'vllm');
      if (open !== null) flags.put(open);
    }
  }
}

/** Reads words whose use is unknown. Short flags are ignored, because they may belong to any program. */
function readLoosely(field: string, words: readonly string[], flags: LastFlags): void {
  let open: StatedFlag | null = null;
  for (const word of words) {
    const part = withoutEnd(word.replace(/^["']/, ''), `"';)`);
    if (open !== null && open.text === null && !part.startsWith('-')) flags.put(withValue(open, part));
    open = part.startsWith('--') ? readFlag(field, part, false) : null;
    if (open !== null) flags.put(open);
  }
}

interface ScriptFlags {
  readonly stated: readonly StatedFlag[];
  /** Where its arguments surely go: to a server, or they are a command that it runs. */
  readonly passesOn: Server | 'as-command' | null;
}

/** The arguments as a program, behind launchers. */
const AS_PROGRAM = /^\$(?:[0@*]|\{[0@*]\})$/;

function flagsOfScript({ field, text }: Word): ScriptFlags {
  const flags = new LastFlags();
  let passesOn: ScriptFlags['passesOn'] = null;
  // Once a server runs, or may run in place of the script, nobody knows whether the script goes on.
  let isBusy = false;
  for (const { words, sure: runs, inBackground } of readScript(text)) {
    const sure = runs && !isBusy;
    const server = serverOf(words);
    const program = programOf(words);
    if (server !== 'other') readCommand(field, words, sure && server === 'vllm', flags);
    if (sure && words.some((word) => PASSES_ON.test(word))) {
      passesOn = server ?? (AS_PROGRAM.test(program) ? 'as-command' : passesOn);
    }
    if (!inBackground) {
      isBusy ||= server !== null || (words[0] === 'exec' && program !== '' && program !== 'ray');
    }
  }
  return { stated: flags.all().map((flag) => ({ ...flag, inScript: true })), passesOn };
}

/** A runtime's words live as long as its view, and many services use the view. */
const readOnce = oncePer(flagsOfScript);

const SAYS_ONLY = new Set(['echo', 'printf', ':', 'log']);
const NAMES_SERVER = /vllm|huggingfaceserver/i;

/** @returns whether vLLM's server is anywhere among the words of a command */
export function namesServer(words: readonly Word[]): boolean {
  return words.some(({ text }) => NAMES_SERVER.test(text));
}

function readCommand(field: string, words: readonly string[], sure: boolean, flags: LastFlags): void {
  if (SAYS_ONLY.has(words[0] ?? '')) return;
  let open: StatedFlag | null = null;
  let isNamed = false;
  let before = '';
  for (const word of words) {
    const isValue = before.startsWith('-') && !before.includes('=') && !COMMAND_OPTION.test(before);
    before = word;
    if (/\s/.test(word) || ASSIGNMENT.test(word)) {
      if (!isValue && !word.startsWith('-'))
        readLoosely(field, word.replace(ASSIGNMENT, '').split(/\s+/), flags);
      open = null;
      continue;
    }
    if (open !== null && open.text === null && !word.startsWith('-')) flags.put(withValue(open, word));
    if (!word.startsWith('-')) isNamed ||= NAMES_SERVER.test(word);
    // Short names mean other things to other programs.
    open = isNamed || word.startsWith('--') ? readFlag(field, word, sure) : null;
    if (open !== null) flags.put(open);
  }
}
