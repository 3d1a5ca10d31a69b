/** Answers a decoded review within its deadline, even if judging it throws. */
import { plain } from '../lib/text.ts';
import type { Compute } from '../admission/assess.ts';
import type { AdmissionRequest, Decision, Phase } from '../admission/decision.ts';
import { deadlineOf, Deadlines, FirstSeen } from './deadline.ts';
import { Overrun } from './limited.ts';
import { stackOf, type Logger } from './log.ts';
import { encodeRefusal, encodeReview } from './review/encode.ts';

/**
 * @param reads the judge adds each read while it waits for it
 * @param compute runs the part that only computes
 * @throws only for bugs, and what `compute` throws
 */
export type Judge = (
  phase: Phase,
  request: AdmissionRequest,
  reads: Set<string>,
  compute: Compute,
) => Promise<Decision>;

/** A decision and the response body for it. */
interface Answer {
  readonly decision: Decision;
  readonly body: string;
}

export class Answers {
  readonly #judge: Judge;
  readonly #log: Logger;
  readonly #longest: number;
  readonly #deadlines = new Deadlines();
  readonly #firstSeen: FirstSeen;

  /** @param longest milliseconds that an answer may take, where the caller does not ask for less */
  constructor(judge: Judge, log: Logger, longest: number) {
    this.#judge = judge;
    this.#log = log;
    this.#longest = longest;
    this.#firstSeen = new FirstSeen(longest);
  }

  /**
   * @param timeout the query's, of whatever type it is
   * @param arrived in performance.now()'s milliseconds
   */
  async inTime(
    phase: Phase,
    admission: AdmissionRequest,
    timeout: unknown,
    arrived: number,
    compute: Compute,
  ): Promise<Answer> {
    const key = `${phase} ${admission.uid}`;
    const started = this.#firstSeen.of(key, arrived);
    const left = deadlineOf(timeout, this.#longest) - (performance.now() - started);
    const answer = await this.#answerTo(phase, admission, left, compute);
    this.#firstSeen.answered(key, started, performance.now());
    return answer;
  }

  /** The one place where a bug becomes an answer. */
  async #answerTo(
    phase: Phase,
    admission: AdmissionRequest,
    left: number,
    compute: Compute,
  ): Promise<Answer> {
    const reads = new Set<string>();
    try {
      const judging = this.#judge(phase, admission, reads, compute);
      const decision = await this.#deadlines.within(left, judging, () =>
        late(phase, slowRead(reads), ', try again'),
      );
      return { decision, body: encodeReview(decision, admission, phase) };
    } catch (error) {
      if (error instanceof Overrun) {
        const decision = late(phase, 'judging so large an object', ': make it smaller');
        return { decision, body: encodeReview(decision, admission, phase) };
      }
      const uid = plain(admission.uid, 64);
      this.#log.error({ uid, phase, stack: stackOf(error) }, 'internal error');
      const decision = { outcome: 'failed', code: 500, message: `internal error (uid ${uid})` } as const;
      return { decision, body: encodeRefusal(admission.uid, decision) };
    }
  }
}

/** Judging takes microseconds, so a delay comes from the cluster or from a busy machine. */
function slowRead(reads: ReadonlySet<string>): string {
  return reads.size === 0 ? 'judging it' : `reading ${plain([...reads].join(' and '), 512)}`;
}

/**
 * @param slow what took too long
 * @param advice for who is refused
 */
function late(phase: Phase, slow: string, advice: string): Decision {
  if (phase === 'validate') {
    return { outcome: 'failed', code: 504, message: `${slow} took too long${advice}` };
  }
  const remark = `${slow} took too long: nothing was computed`;
  return { outcome: 'allow', notJudged: null, warnings: [], remarks: [remark], patch: [] };
}
