/** The flags of vLLM that say something of sizes and processes (vLLM, arg_utils.py), and how they are spelled. */

/** What a flag is about. */
export type FlagKind =
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
  readonly kind: FlagKind;
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
  /** Does it surely reach vLLM? Not where a shell may not run it, or another program may be meant. */
  readonly sure: boolean;
  /** Is the value a word of its own, after the flag? */
  readonly apart: boolean;
  /** Is it in a shell script, where ${VAR} is expanded? In a plain argument only $(VAR) is, by the kubelet. */
  readonly inScript: boolean;
}

const TENSOR = '--tensor-parallel-size';
const PIPELINE = '--pipeline-parallel-size';
export const DATA_PARALLEL = '--data-parallel-size';

/** The kind of an option, its long form, and its short form if that is unambiguous in a command of vLLM. */
const OPTIONS: readonly (readonly [FlagKind, string, string?])[] = [
  ['tensor', TENSOR, '-tp'],
  ['pipeline', PIPELINE, '-pp'],
  // Counts that multiply the processes; 1 is the default of each and changes nothing.
  ['factor', DATA_PARALLEL, '-dp'],
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
  readonly kind: FlagKind;
  /** Its long name: what all spellings have in common. */
  readonly name: string;
}

const FLAGS: ReadonlyMap<string, Option> = new Map(
  OPTIONS.flatMap(([kind, name, short]) =>
    [name, short].filter((flag) => flag !== undefined).map((flag) => [flag, { kind, name }] as const),
  ),
);
const TENSOR_OPTION: Option = { kind: 'tensor', name: TENSOR };
const PIPELINE_OPTION: Option = { kind: 'pipeline', name: PIPELINE };

/** argparse accepts a prefix of a flag. A prefix of the two sizes that is shorter could mean another flag. */
const SHORTEST_BEGINNING = '--tensor-p'.length;
/** No flag that matters is longer. */
const LONGEST_FLAG = Math.max(...[...FLAGS.keys()].map((name) => name.length));

/** vLLM accepts underscores instead of dashes, and argparse accepts a prefix of a flag. */
function optionOf(flag: string): Option | undefined {
  if (flag.length > LONGEST_FLAG) return undefined;
  const name = flag.startsWith('--') ? flag.replaceAll('_', '-') : flag;
  const option = FLAGS.get(name);
  if (option !== undefined || name.length < SHORTEST_BEGINNING) return option;
  if (TENSOR.startsWith(name)) return TENSOR_OPTION;
  return PIPELINE.startsWith(name) ? PIPELINE_OPTION : undefined;
}

/** @returns the flag in a word, without a value if the value is in the next word; null if it is no known flag */
export function readFlag(field: string, word: string, sure: boolean): StatedFlag | null {
  if (!word.startsWith('-')) return null;
  const equals = word.indexOf('=');
  const flag = equals === -1 ? word : word.slice(0, equals);
  const option = optionOf(flag);
  if (option === undefined) return null;
  const found = {
    kind: option.kind,
    option: option.name,
    field,
    flag,
    text: null,
    value: null,
    sure,
    apart: equals === -1,
    inScript: false,
  };
  return equals === -1 ? found : withValue(found, word.slice(equals + 1));
}

/** Python's int(): a sign and leading zeros are fine. Longer numbers mean nothing and would lose digits. */
const WHOLE = /^\+?\d{1,15}$/;

/** A longer value is cut to this length. */
export const LONGEST_TEXT = 64;

/** @param text cut to a short copy, because V8 keeps a whole text in memory while any part of it is in use */
export function withValue(flag: StatedFlag, text: string): StatedFlag {
  return { ...flag, text: text.slice(0, LONGEST_TEXT), value: WHOLE.test(text) ? Number(text) : null };
}

/** For each option, the last flag that certainly runs and the last one that may run: a bounded number of flags. */
export class LastFlags {
  readonly #flags = new Map<string, StatedFlag>();

  /** Replaces an earlier flag of the same option, and moves it to the end. */
  put(flag: StatedFlag): void {
    const key = `${flag.option} ${flag.sure}`;
    this.#flags.delete(key);
    this.#flags.set(key, flag);
  }

  all(): readonly StatedFlag[] {
    return [...this.#flags.values()];
  }
}
