/**
 * The two ways of reading a review give the same answers, byte for byte: skim.ts, which leaves out what few rules read, and
 * JSON.parse. In this process, without a server: a case takes a millisecond.
 */
import { DEFAULTS } from '../../src/config/config.ts';
import { admit } from '../../src/admission/admit.ts';
import { BUILTIN_RUNTIME } from '../../src/cluster/builtin-runtime.ts';
import { read, Unread } from '../../src/lib/unread.ts';
import { decodeReview, decodeWhole, type Decoded } from '../../src/server/review/decode.ts';
import { encodeReview } from '../../src/server/review/encode.ts';
import { skim } from '../../src/server/review/skim.ts';
import { minimalRuntime, type Loose } from '../rules/cases.ts';
import { clusterOf } from '../support/helpers.ts';
import { caseOf, type Case } from './case.ts';
import { Random } from './random.ts';
import { mutateText } from './text.ts';

/** What skim.ts leaves out. */
const LEFT_OUT = /"(?:managedFields|status)":/g;
/** Longer ones are read whole. */
const MOST_BYTES = 64 * 1024;

const cluster = clusterOf([minimalRuntime(), BUILTIN_RUNTIME as Loose]);

export class Comparison {
  asked = 0;
  /** Those that were not read whole. */
  skimmed = 0;
  readonly failures: { readonly one: Case; readonly problems: readonly string[] }[] = [];
  readonly #seed: number;
  readonly #reviews: readonly Loose[];

  constructor(seed: number, reviews: readonly Loose[]) {
    this.#seed = seed;
    this.#reviews = reviews.filter((review) => JSON.stringify(review).search(LEFT_OUT) !== -1);
  }

  /** @param until whether it is enough, asked after each case */
  async run(from: number, to: number, until: () => boolean = () => false): Promise<void> {
    for (let index = from; index < to && this.failures.length === 0 && !until(); index++) {
      await this.#compare(aimed(caseOf(this.#seed, index, this.#reviews), this.#seed));
    }
  }

  async #compare(one: Case): Promise<void> {
    this.asked++;
    if (skim(one.body) === null) return;
    this.skimmed++;
    const [short, long] = [decodeReview(one.body), decodeWhole(one.body)];
    const problems = [
      ...(shown(short) === shown(long) ? [] : ['another request is read']),
      ...((await answerTo(one, short)) === (await answerTo(one, long)) ? [] : ['another answer is given']),
    ];
    if (problems.length > 0) this.failures.push({ one, problems });
  }
}

/** Every other case is mutated once more, in a part that is left out. */
function aimed(one: Case, seed: number): Case {
  const random = new Random(seed, -1 - one.index);
  const text = one.body.subarray(0, MOST_BYTES).toString();
  const starts = [...text.matchAll(LEFT_OUT)].map(({ index }) => index);
  if (starts.length === 0 || random.once(2)) return one;
  const start = random.pick(starts);
  const end = start + random.below(1_500);
  const part = mutateText(text.slice(start, end), random);
  return {
    ...one,
    body: Buffer.concat([Buffer.from(text.slice(0, start)), part, Buffer.from(text.slice(end))]),
  };
}

function shown(decoded: Decoded): string {
  return JSON.stringify(decoded, (_key, value: unknown) => (value instanceof Unread ? read(value) : value));
}

async function answerTo({ phase }: Case, { request }: Decoded): Promise<string> {
  if (request === null) return '';
  return encodeReview(await admit(phase, request, cluster, DEFAULTS), request, phase);
}
