/**
 * What the command line of vLLM says about sizes. Flags win over the env that KServe sets, so a number
 * there is what runs. Read from `command` and `args` as they come, shell scripts included; a value that
 * is no number (most of all a shell variable) says nothing.
 */
import type { ContainerView, Word } from '../isvc/container.ts';
import type { RuntimeView } from '../isvc/runtime.ts';
import type { ServiceView } from '../isvc/view.ts';
import { serviceWorkerContainer, type Sizes } from './plan.ts';

/** One occurrence of a flag. */
export interface StatedFlag {
  /** Field of the word that holds it. */
  readonly field: string;
  /** The flag as written. */
  readonly flag: string;
  /** Its value as written; null when none follows. */
  readonly text: string | null;
  /** Its value when it is a whole number, else null. */
  readonly value: number | null;
}

/** A flag with a number. */
export interface StatedSize extends StatedFlag {
  readonly value: number;
}

export interface StatedSizes {
  /** The occurrence that counts, where it has a number; empty otherwise. */
  readonly tensorParallelSize: readonly StatedSize[];
  readonly pipelineParallelSize: readonly StatedSize[];
  /** Flags that make vLLM start another number of processes than tensor times pipeline parallel size. */
  readonly worldSize: readonly StatedFlag[];
  /** Is vLLM told to spread over Ray? */
  readonly onRay: boolean;
}

/** The long name of a flag and its short one; vLLM, arg_utils.py. */
const TENSOR = ['--tensor-parallel-size', '-tp'];
const PIPELINE = ['--pipeline-parallel-size', '-pp'];
const BACKEND = ['--distributed-executor-backend'];
const OLD_BACKEND = ['--worker-use-ray'];

/** Its short form is left out: -n means other things to many programs of a shell script. */
const NODES = ['--nnodes'];

/** Counts beside tensor and pipeline parallelism; 1 is the default of each and changes nothing. */
const FACTORS = [['--data-parallel-size', '-dp'], ['--prefill-context-parallel-size', '-pcp'], NODES];
/** Flags that make this process one of several data-parallel ones, whatever their value. */
const DATA_PARALLEL = [
  ['--data-parallel-size-local', '-dpl'],
  ['--data-parallel-rank', '-dpn'],
  ['--data-parallel-start-rank', '-dpr'],
  ['--data-parallel-hybrid-lb', '-dph'],
  ['--data-parallel-external-lb', '-dpe'],
];

/**
 * @param words `command` and `args` of one container in the order in which they run
 * @returns what they say; of a size given twice the last one counts, as with Python's argparse
 */
export function statedSizes(words: readonly Word[]): StatedSizes {
  const flags = readFlags(words);
  return {
    tensorParallelSize: counting(flags, TENSOR),
    pipelineParallelSize: counting(flags, PIPELINE),
    worldSize: flags.filter(
      (flag) =>
        (FACTORS.some((names) => isFlag(flag, names)) && flag.value !== null && flag.value !== 1) ||
        DATA_PARALLEL.some((names) => isFlag(flag, names)),
    ),
    onRay: flags.some(
      (flag) => (isFlag(flag, BACKEND) && flag.text?.toLowerCase() === 'ray') || isFlag(flag, OLD_BACKEND),
    ),
  };
}

/** Is it the flag that says how many nodes there are? */
export function isNodeCount(flag: StatedFlag): boolean {
  return isFlag(flag, NODES);
}

/**
 * The words that a pod of the service runs: KServe puts the service's args behind the runtime's, while a
 * command of the service replaces the runtime's (KServe, MergeRuntimeContainers).
 */
export function runWords(runtime: ContainerView | null, service: ContainerView | null): readonly Word[] {
  const own = service?.command ?? [];
  return [
    ...(own.length > 0 ? own : (runtime?.command ?? [])),
    ...(runtime?.args ?? []),
    ...(service?.args ?? []),
  ];
}

/**
 * Do the args of head and worker state these sizes? The rule of product.md for case 2: an author who spelled
 * the sizes out for vLLM means them.
 * @returns true when at least one tensor or pipeline parallel size stands there as a number, and all that
 *   do equal `sizes`
 */
export function argsStateSizes(service: ServiceView, runtime: RuntimeView, sizes: Sizes): boolean {
  const stated = [
    statedSizes(runWords(runtime.head, service.model)),
    statedSizes(runWords(runtime.worker?.container ?? null, serviceWorkerContainer(service))),
  ];
  const tensor = stated.flatMap((of) => of.tensorParallelSize);
  const pipeline = stated.flatMap((of) => of.pipelineParallelSize);
  return (
    tensor.length + pipeline.length > 0 &&
    tensor.every(({ value }) => value === sizes.tensorParallelSize) &&
    pipeline.every(({ value }) => value === sizes.pipelineParallelSize)
  );
}

function counting(flags: readonly StatedFlag[], names: readonly string[]): readonly StatedSize[] {
  const last = flags.findLast((flag) => isFlag(flag, names));
  return last === undefined || last.value === null ? [] : [{ ...last, value: last.value }];
}

/** Long enough for argparse to know these two by; a shorter beginning could be another flag. */
const SHORTEST_BEGINNING = '--tensor-p'.length;

/** vLLM takes underscores for dashes, and argparse takes a beginning of a name for the name. */
function isFlag(flag: StatedFlag, names: readonly string[]): boolean {
  if (!flag.flag.startsWith('--')) return names.includes(flag.flag);
  const written = flag.flag.replaceAll('_', '-');
  if (names.includes(written)) return true;
  const abbreviates = names === TENSOR || names === PIPELINE;
  return abbreviates && written.length >= SHORTEST_BEGINNING && (names[0] ?? '').startsWith(written);
}

interface Token {
  readonly field: string;
  readonly text: string;
}

function readFlags(words: readonly Word[]): readonly StatedFlag[] {
  const tokens = words.flatMap(tokensOf);
  const flags: StatedFlag[] = [];
  for (const [index, token] of tokens.entries()) {
    if (!token.text.startsWith('-')) continue;
    const equals = token.text.indexOf('=');
    const flag = equals === -1 ? token.text : token.text.slice(0, equals);
    const next = tokens[index + 1]?.text ?? null;
    const text =
      equals === -1 ? (next?.startsWith('-') === true ? null : next) : token.text.slice(equals + 1);
    flags.push({
      field: token.field,
      flag,
      text,
      value: text !== null && WHOLE.test(text) ? Number(text) : null,
    });
  }
  return flags;
}

/** Python's int(): a sign and leading zeros are fine. Longer numbers mean nothing and would lose digits. */
const WHOLE = /^\+?\d{1,15}$/;
/** What parts the words of a shell. */
const BETWEEN = /[\s;|&()]+/;
const QUOTES = /["'\\]/g;
const COMMENT = /(?<=^|\s)#[^\n]*/g;

/** A word with blanks is a shell script (or its line), of which comments are not run. */
function tokensOf(word: Word): readonly Token[] {
  if (!word.text.includes('-')) return [{ field: word.field, text: word.text.trim() }];
  const text = /\s/.test(word.text) ? word.text.replace(COMMENT, ' ') : word.text;
  return text
    .replace(QUOTES, '')
    .split(BETWEEN)
    .filter((part) => part !== '')
    .map((part) => ({ field: word.field, text: part }));
}
