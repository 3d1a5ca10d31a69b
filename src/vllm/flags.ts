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
}

const TENSOR = '--tensor-parallel-size';
const PIPELINE = '--pipeline-parallel-size';
export const DATA_PARALLEL = '--data-parallel-size';

/** What an option is about; its short form, where it has one that means nothing else in a command of vLLM. */
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

/** @returns the flag that a word is, without its value where that is the next word; null where it is none of them */
export function readFlag(field: string, word: string, sure: boolean): StatedFlag | null {
  if (!word.startsWith('-')) return null;
  const equals = word.indexOf('=');
  const flag = equals === -1 ? word : word.slice(0, equals);
  const option = optionOf(flag);
  if (option === undefined) return null;
  const found = { kind: option.kind, option: option.name, field, flag, text: null, value: null, sure };
  return equals === -1 ? found : withValue(found, word.slice(equals + 1));
}

/** Python's int(): a sign and leading zeros are fine. Longer numbers mean nothing and would lose digits. */
const WHOLE = /^\+?\d{1,15}$/;

/** @param text cut, since a piece of a long text keeps all of it in memory, and no value that means something is longer */
export function withValue(flag: StatedFlag, text: string): StatedFlag {
  return { ...flag, text: text.slice(0, LONGEST_FLAG), value: WHOLE.test(text) ? Number(text) : null };
}

/** The last occurrence of each option, surely and perhaps run: as many as there are options, however long the words are. */
export class LastFlags {
  readonly #flags = new Map<string, StatedFlag>();

  /** It takes the place of an earlier one of its option, behind all others. */
  put(flag: StatedFlag): void {
    const key = `${flag.option} ${flag.sure}`;
    this.#flags.delete(key);
    this.#flags.set(key, flag);
  }

  all(): readonly StatedFlag[] {
    return [...this.#flags.values()];
  }
}
