/**
 * What the command line of vLLM says about sizes. Flags win over the env that KServe sets, so a number
 * there is what runs. Read from `command` and `args` as they come, shell scripts included; a value that
 * is no number (most of all a shell variable) says nothing.
 */
import type { ContainerView, Word } from '../kserve/container.ts';
import type { RuntimeView } from '../kserve/runtime.ts';
import type { ServiceView } from '../kserve/view.ts';
import type { Sizes } from '../kserve/plan.ts';
import { serviceWorkerContainer } from '../kserve/merge.ts';

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
  /** The long name of the option. */
  readonly option: string;
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

/** What an option is about; its short form, where it has one that means nothing else in a shell script. */
const OPTIONS: readonly (readonly [Kind, string, string?])[] = [
  ['tensor', TENSOR, '-tp'],
  ['pipeline', PIPELINE, '-pp'],
  // Counts that multiply the processes; 1 is the default of each and changes nothing.
  ['factor', '--data-parallel-size', '-dp'],
  ['factor', '--prefill-context-parallel-size', '-pcp'],
  // Its short form -n means other things to many programs.
  ['nodes', '--nnodes'],
  // These make the process one of several data-parallel ones, whatever their value.
  ['data-parallel', '--data-parallel-size-local', '-dpl'],
  ['data-parallel', '--data-parallel-rank', '-dpn'],
  ['data-parallel', '--data-parallel-start-rank', '-dpr'],
  ['data-parallel', '--data-parallel-hybrid-lb', '-dph'],
  ['data-parallel', '--data-parallel-external-lb', '-dpe'],
  ['expert-parallel', '--enable-expert-parallel', '-ep'],
  ['backend', '--distributed-executor-backend'],
  ['old-backend', '--worker-use-ray'],
];

interface Option {
  readonly kind: Kind;
  /** Its long name: what all spellings have in common. */
  readonly name: string;
}

/** The flags of vLLM that matter here (vLLM, arg_utils.py), with dashes. */
const FLAGS: ReadonlyMap<string, Option> = new Map(
  OPTIONS.flatMap(([kind, name, short]) =>
    [name, short].filter((flag) => flag !== undefined).map((flag) => [flag, { kind, name }] as const),
  ),
);
const TENSOR_OPTION: Option = { kind: 'tensor', name: TENSOR };
const PIPELINE_OPTION: Option = { kind: 'pipeline', name: PIPELINE };

/** Long enough for argparse to know the two sizes by; a shorter beginning could be another flag. */
const SHORTEST_BEGINNING = '--tensor-p'.length;
/** No flag that matters is longer. */
const LONGEST_FLAG = Math.max(...[...FLAGS.keys()].map((name) => name.length));

/** vLLM takes underscores for dashes, and argparse takes a beginning of a name for the name. */
function optionOf(flag: string): Option | undefined {
  if (flag.length > LONGEST_FLAG) return undefined;
  const name = flag.startsWith('--') ? flag.replaceAll('_', '-') : flag;
  const option = FLAGS.get(name);
  if (option !== undefined || name.length < SHORTEST_BEGINNING) return option;
  if (TENSOR.startsWith(name)) return TENSOR_OPTION;
  return PIPELINE.startsWith(name) ? PIPELINE_OPTION : undefined;
}

/**
 * @param words `command` and `args` of one container in the order in which they run
 * @returns what they say; of an option given twice the last one counts, as with Python's argparse
 */
function statedSizes(words: readonly Word[]): StatedSizes {
  const flags = [...readFlags(words).values()];
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
 * Do the args of head and worker state these sizes? Then case 2 is left alone (docs/plan.md, Case 2 of the guide):
 * an author who states the sizes for vLLM means them.
 * @returns true when at least one tensor or pipeline parallel size stands there as a number, and all that
 *   do equal `sizes`; also where args are too long to be read, which may state them
 */
export function argsStateSizes(service: ServiceView, runtime: RuntimeView, sizes: Sizes): boolean {
  const stated = [
    statedBy(runtime.head, service.model),
    statedBy(runtime.worker?.container ?? null, serviceWorkerContainer(service)),
  ];
  const tensor = stated.flatMap((of) => of.tensorParallelSize);
  const pipeline = stated.flatMap((of) => of.pipelineParallelSize);
  return (
    (runtime.unread || tensor.length + pipeline.length > 0) &&
    tensor.every(({ value }) => value === sizes.tensorParallelSize) &&
    pipeline.every(({ value }) => value === sizes.pipelineParallelSize)
  );
}

function counting(flags: readonly StatedFlag[], kind: Kind): readonly StatedSize[] {
  const stated = flags.find((flag) => flag.kind === kind);
  return stated === undefined || stated.value === null ? [] : [{ ...stated, value: stated.value }];
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

/** The last occurrence of each option, by its long name: as many as there are options, however long the words are. */
type Flags = ReadonlyMap<string, StatedFlag>;

/** What one word says, whatever stands around it. */
interface WordFlags {
  readonly flags: Flags;
  /** What the word begins with: the value of a flag that the word before ends in. */
  readonly first: string;
  /** The option that the word ends in, where that has no value yet. */
  readonly open: string | null;
}

function readFlags(words: readonly Word[]): Flags {
  const all = new Map<string, StatedFlag>();
  let open: string | null = null;
  for (const word of startable(words)) {
    const read = readWord(word);
    const waiting = open === null ? undefined : all.get(open);
    if (waiting !== undefined && !read.first.startsWith('-')) put(all, waiting, read.first);
    for (const flag of read.flags.values()) put(all, flag, flag.text);
    open = read.open;
  }
  return all;
}

/** @param flag its value is the text's; it takes the place of an earlier one of its option, behind all others */
function put(all: Map<string, StatedFlag>, flag: StatedFlag, text: string | null): void {
  const value = text !== null && WHOLE.test(text) ? Number(text) : null;
  all.delete(flag.option);
  all.set(flag.option, { ...flag, text, value });
}

/** Python's int(): a sign and leading zeros are fine. Longer numbers mean nothing and would lose digits. */
const WHOLE = /^\+?\d{1,15}$/;
/** What parts the words of a shell. */
const BETWEEN = /[\s;|&()]+/;
const QUOTES = /["'\\]/g;
const COMMENT = /(?<=^|\s)#[^\n]*/g;

/** A runtime's words live as long as its view, which many services are planned on: each is parsed once. */
const PARSED = new WeakMap<Word, WordFlags>();

function readWord(word: Word): WordFlags {
  const known = PARSED.get(word);
  if (known !== undefined) return known;
  const read = parseWord(word);
  PARSED.set(word, read);
  return read;
}

/** A word with blanks is a shell script (or its line), of which comments are not run. */
function parseWord({ field, text }: Word): WordFlags {
  const flags = new Map<string, StatedFlag>();
  if (!text.includes('-')) return { flags, first: beginning(text.trim()), open: null };
  const run = /\s/.test(text) ? text.replace(COMMENT, ' ') : text;
  const parts = run.replace(QUOTES, '').split(BETWEEN);
  let first: string | null = null;
  let last: StatedFlag | null = null;
  for (const part of parts) {
    if (part === '') continue;
    first ??= part;
    if (last !== null && last.text === null && !part.startsWith('-')) put(flags, last, part);
    last = part.startsWith('-') ? readFlag(field, part) : null;
    if (last !== null) put(flags, last, last.text);
  }
  return { flags, first: beginning(first ?? '-'), open: last?.text === null ? last.option : null };
}

function readFlag(field: string, part: string): StatedFlag | null {
  const equals = part.indexOf('=');
  const flag = equals === -1 ? part : part.slice(0, equals);
  const option = optionOf(flag);
  if (option === undefined) return null;
  const text = equals === -1 ? null : part.slice(equals + 1);
  return { kind: option.kind, option: option.name, field, flag, text, value: null };
}

/** No value that means something is longer, and a piece of a long text keeps all of it in memory. */
function beginning(text: string): string {
  return text.slice(0, LONGEST_FLAG);
}
