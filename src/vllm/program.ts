/** Which server a command starts: vLLM's, by itself or in KServe's huggingfaceserver, or another one. */

const VLLM = /(?:^|\/)vllm$/;
/** Files that start vLLM's server: a program, or a script that Python runs. */
const VLLM_FILE =
  /(?:^|\/)(?:vllm\/entrypoints\/(?:openai\/|cli\/)?(?:api_server|main)\.py|huggingfaceserver(?:\/__main__\.py)?)$/;
/** Modules that start it, for Python's -m. */
const VLLM_MODULE = /^(?:vllm\.[\w.]+|vllm_tgis_adapter|huggingfaceserver)$/;
/** Servers whose flags have names of vLLM's with another meaning, such as a tensor parallel size across all nodes. */
const OTHER_FILE = /(?:^|\/)(?:sglang|trtllm-serve|lmdeploy|text-generation-launcher|tritonserver)$/;
const OTHER_MODULE = /^(?:sglang|tensorrt_llm|lmdeploy)\.[\w.]+$/;
const PYTHON = /(?:^|\/)python[\d.]*$/;

/** A variable that a shell sets for the command after it. */
export const ASSIGNMENT = /^[A-Za-z_]\w*\+?=/;

/** Programs that run the command in their arguments. */
const LAUNCHERS = new Set([
  'catatonit',
  'chrt',
  'command',
  'ddtrace-run',
  'dumb-init',
  'env',
  'exec',
  'ionice',
  'nice',
  'nohup',
  'numactl',
  'opentelemetry-instrument',
  'setsid',
  'stdbuf',
  'sudo',
  'taskset',
  'time',
  'timeout',
  'tini',
]);

export type Server = 'vllm' | 'other';

/** @returns the server that a command surely starts, and does not only name among its arguments; null for none */
export function serverOf(words: readonly string[]): Server | null {
  if (starts(words, isVllm)) return 'vllm';
  return starts(words, isOther) ? 'other' : null;
}

type IsAt = (words: readonly string[], index: number) => boolean;

function starts(words: readonly string[], isServer: IsAt): boolean {
  const at = words.findIndex((_, index) => isServer(words, index));
  if (at === -1) return false;
  if (isModule(words, at)) return true;
  // Behind an option that stands first, it is that option's value.
  const isValue = at > 0 && words[0]?.startsWith('-') === true;
  return !isValue && words.slice(0, at).every((word) => isOfLauncher(word) || isPython(word));
}

/** Of the subcommands of `vllm`, only `serve` starts the server. A variable may stand for it. */
function isVllm(words: readonly string[], index: number): boolean {
  const word = words[index] ?? '';
  if (isModule(words, index) && VLLM_MODULE.test(word)) return true;
  return VLLM_FILE.test(word) || (VLLM.test(word) && /^(?:serve$|\$)/.test(words[index + 1] ?? ''));
}

function isOther(words: readonly string[], index: number): boolean {
  const word = words[index] ?? '';
  return OTHER_FILE.test(word) || (isModule(words, index) && OTHER_MODULE.test(word));
}

function isModule(words: readonly string[], index: number): boolean {
  return words[index - 1] === '-m';
}

/** @returns the program of a command, without the launchers in front of it */
export function programOf(words: readonly string[]): string {
  return words.find((word) => !isOfLauncher(word)) ?? '';
}

/** Is the word a launcher, or an option, a number or a variable for one? */
function isOfLauncher(word: string): boolean {
  return /^[-\d]/.test(word) || ASSIGNMENT.test(word) || LAUNCHERS.has(word.slice(word.lastIndexOf('/') + 1));
}

/** @returns whether a word is Python, so that the words after it say what runs */
export function isPython(word: string | undefined): boolean {
  return word !== undefined && PYTHON.test(word);
}
