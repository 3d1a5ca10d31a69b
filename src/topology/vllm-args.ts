/**
 * What the command line of vLLM says about sizes. Flags win over the env that KServe sets, so a number
 * there is what runs. Read from `command` and `args` as they come, shell scripts included; a value that
 * is no number (most of all a shell variable) says nothing.
 */
import type { ContainerView, Word } from '../isvc/container.ts';
import type { RuntimeView } from '../isvc/runtime.ts';
import type { ServiceView } from '../isvc/view.ts';
import type { Sizes } from './plan.ts';
import { serviceWorkerContainer } from './pods.ts';

/** What a flag is about. */
type Kind =
  | 'tensor'
  | 'pipeline'
  | 'factor'
  | 'nodes'
  | 'data-parallel'
  | 'expert-parallel'
  | 'backend'
  | 'old-backend';

/** One occurrence of a flag. */
export interface StatedFlag {
  readonly kind: Kind;
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
  /** Are experts kept whole, each on one of the GPUs? */
  readonly expertParallel: boolean;
}

const TENSOR = '--tensor-parallel-size';
const PIPELINE = '--pipeline-parallel-size';

/** The flags of vLLM that matter here (vLLM, arg_utils.py), with dashes. */
const KINDS: ReadonlyMap<string, Kind> = new Map([
  [TENSOR, 'tensor'],
  ['-tp', 'tensor'],
  [PIPELINE, 'pipeline'],
  ['-pp', 'pipeline'],
  // Counts that multiply the processes; 1 is the default of each and changes nothing.
  ['--data-parallel-size', 'factor'],
  ['-dp', 'factor'],
  ['--prefill-context-parallel-size', 'factor'],
  ['-pcp', 'factor'],
  // Without its short form -n, which means other things to many programs of a shell script.
  ['--nnodes', 'nodes'],
  // These make the process one of several data-parallel ones, whatever their value.
  ['--data-parallel-size-local', 'data-parallel'],
  ['-dpl', 'data-parallel'],
  ['--data-parallel-rank', 'data-parallel'],
  ['-dpn', 'data-parallel'],
  ['--data-parallel-start-rank', 'data-parallel'],
  ['-dpr', 'data-parallel'],
  ['--data-parallel-hybrid-lb', 'data-parallel'],
  ['-dph', 'data-parallel'],
  ['--data-parallel-external-lb', 'data-parallel'],
  ['-dpe', 'data-parallel'],
  ['--enable-expert-parallel', 'expert-parallel'],
  ['-ep', 'expert-parallel'],
  ['--distributed-executor-backend', 'backend'],
  ['--worker-use-ray', 'old-backend'],
]);

/** Long enough for argparse to know the two sizes by; a shorter beginning could be another flag. */
const SHORTEST_BEGINNING = '--tensor-p'.length;
/** No flag that matters is longer. */
const LONGEST_FLAG = Math.max(...[...KINDS.keys()].map((name) => name.length));

/** vLLM takes underscores for dashes, and argparse takes a beginning of a name for the name. */
function kindOf(flag: string): Kind | undefined {
  if (flag.length > LONGEST_FLAG) return undefined;
  const name = flag.startsWith('--') ? flag.replaceAll('_', '-') : flag;
  const kind = KINDS.get(name);
  if (kind !== undefined || name.length < SHORTEST_BEGINNING) return kind;
  if (TENSOR.startsWith(name)) return 'tensor';
  return PIPELINE.startsWith(name) ? 'pipeline' : undefined;
}

/**
 * @param words `command` and `args` of one container in the order in which they run
 * @returns what they say; of a size given twice the last one counts, as with Python's argparse
 */
function statedSizes(words: readonly Word[]): StatedSizes {
  const flags = readFlags(words);
  return {
    tensorParallelSize: counting(flags, 'tensor'),
    pipelineParallelSize: counting(flags, 'pipeline'),
    worldSize: flags.filter(
      ({ kind, value }) =>
        kind === 'data-parallel' ||
        ((kind === 'factor' || kind === 'nodes') && value !== null && value !== 1),
    ),
    onRay: flags.some(
      ({ kind, text }) => kind === 'old-backend' || (kind === 'backend' && text?.toLowerCase() === 'ray'),
    ),
    expertParallel: flags.some(({ kind }) => kind === 'expert-parallel'),
  };
}

/** What runtimes say by themselves: each view is asked again for every service that adds nothing. */
const OF_RUNTIME = new WeakMap<ContainerView, StatedSizes>();

/**
 * What a pod of the service says: KServe puts the service's args behind the runtime's, while a command of
 * the service replaces the runtime's (KServe, MergeRuntimeContainers).
 */
export function statedBy(runtime: ContainerView | null, service: ContainerView | null): StatedSizes {
  const own = service?.command ?? [];
  const args = service?.args ?? [];
  if (runtime === null || own.length > 0 || args.length > 0) {
    return statedSizes([
      ...(own.length > 0 ? own : (runtime?.command ?? [])),
      ...(runtime?.args ?? []),
      ...args,
    ]);
  }
  const known = OF_RUNTIME.get(runtime);
  if (known !== undefined) return known;
  const stated = statedSizes([...runtime.command, ...runtime.args]);
  OF_RUNTIME.set(runtime, stated);
  return stated;
}

/**
 * Do the args of head and worker state these sizes? The rule of product.md for case 2: an author who spelled
 * the sizes out for vLLM means them.
 * @returns true when at least one tensor or pipeline parallel size stands there as a number, and all that
 *   do equal `sizes`
 */
export function argsStateSizes(service: ServiceView, runtime: RuntimeView, sizes: Sizes): boolean {
  const stated = [
    statedBy(runtime.head, service.model),
    statedBy(runtime.worker?.container ?? null, serviceWorkerContainer(service)),
  ];
  const tensor = stated.flatMap((of) => of.tensorParallelSize);
  const pipeline = stated.flatMap((of) => of.pipelineParallelSize);
  return (
    tensor.length + pipeline.length > 0 &&
    tensor.every(({ value }) => value === sizes.tensorParallelSize) &&
    pipeline.every(({ value }) => value === sizes.pipelineParallelSize)
  );
}

function counting(flags: readonly StatedFlag[], kind: Kind): readonly StatedSize[] {
  const last = flags.findLast((flag) => flag.kind === kind);
  return last === undefined || last.value === null ? [] : [{ ...last, value: last.value }];
}

/** Linux starts no program with a longer word (MAX_ARG_STRLEN), so it says nothing of sizes. */
const LONGEST_WORD = 128 * 1024;
/** Nor with more words than fill a quarter of the stack, 8 MiB unless a node is set up otherwise (execve(2)). */
const LONGEST_COMMAND = 2 * 1024 * 1024;

function startable(words: readonly Word[]): readonly Word[] {
  let length = 0;
  return words.filter(
    ({ text }) => (length += text.length) <= LONGEST_COMMAND && text.length <= LONGEST_WORD,
  );
}

interface Token {
  readonly field: string;
  readonly text: string;
  /** The flag that it is, where that is one that matters. */
  readonly known: KnownFlag | null;
}

interface KnownFlag {
  readonly kind: Kind;
  readonly flag: string;
  /** What stands behind the flag's equals sign; null where there is none. */
  readonly inline: string | null;
}

function readFlags(words: readonly Word[]): readonly StatedFlag[] {
  const tokens = startable(words).flatMap(tokensOf);
  const flags: StatedFlag[] = [];
  for (const [index, { field, known }] of tokens.entries()) {
    if (known === null) continue;
    const { kind, flag, inline } = known;
    const next = tokens[index + 1]?.text ?? '-';
    const text = inline ?? (next.startsWith('-') ? null : next);
    const value = text !== null && WHOLE.test(text) ? Number(text) : null;
    flags.push({ kind, field, flag, text, value });
  }
  return flags;
}

function readToken(field: string, text: string): Token {
  if (!text.startsWith('-')) return { field, text, known: null };
  const equals = text.indexOf('=');
  const flag = equals === -1 ? text : text.slice(0, equals);
  const kind = kindOf(flag);
  if (kind === undefined) return { field, text, known: null };
  return { field, text, known: { kind, flag, inline: equals === -1 ? null : text.slice(equals + 1) } };
}

/** Python's int(): a sign and leading zeros are fine. Longer numbers mean nothing and would lose digits. */
const WHOLE = /^\+?\d{1,15}$/;
/** What parts the words of a shell. */
const BETWEEN = /[\s;|&()]+/;
const QUOTES = /["'\\]/g;
const COMMENT = /(?<=^|\s)#[^\n]*/g;

/** A runtime's words live as long as its view, which many services are planned on: each is parsed once. */
const PARSED = new WeakMap<Word, readonly Token[]>();

function tokensOf(word: Word): readonly Token[] {
  const known = PARSED.get(word);
  if (known !== undefined) return known;
  const tokens = parseWord(word);
  PARSED.set(word, tokens);
  return tokens;
}

/** A word with blanks is a shell script (or its line), of which comments are not run. */
function parseWord(word: Word): readonly Token[] {
  if (!word.text.includes('-')) return [readToken(word.field, word.text.trim())];
  const text = /\s/.test(word.text) ? word.text.replace(COMMENT, ' ') : word.text;
  return text
    .replace(QUOTES, '')
    .split(BETWEEN)
    .filter((part) => part !== '')
    .map((part) => readToken(word.field, part));
}
