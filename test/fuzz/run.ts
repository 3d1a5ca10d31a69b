/** Asks the cases of a run, many at a time, judges each answer and remembers what took long. */
import { setTimeout as sleep } from 'node:timers/promises';
import { words } from '../hostile/observe.ts';
import type { Reply } from '../hostile/wire.ts';
import type { Loose } from '../rules/cases.ts';
import type { Server } from '../support/server.ts';
import { caseOf, type Case } from './case.ts';
import { Lane } from './target.ts';
import { verdictOn } from './verdict.ts';

const LANES = 16;
const MOST_FAILURES = 5;
const MOST_SLOW = 40;
/** The limit of an object in an API server's store is six times this. */
export const SMALL = 256 * 1024;

export interface Failure {
  readonly one: Case;
  readonly problems: readonly string[];
}

interface Slow {
  readonly index: number;
  /** As the client sees it, others' stalls included. */
  readonly ms: number;
}

export class Run {
  readonly failures: Failure[] = [];
  readonly slowest: { small: readonly Slow[]; large: readonly Slow[] } = { small: [], large: [] };
  asked = 0;
  readonly #answers = new Map<string, number>();
  readonly #server: Server;
  readonly #seed: number;
  readonly #reviews: readonly Loose[];

  constructor(server: Server, seed: number, reviews: readonly Loose[]) {
    this.#server = server;
    this.#seed = seed;
    this.#reviews = reviews;
  }

  /** Asks the cases from one index to another; ends early when the server ends or much is wrong. */
  async ask(from: number, to: number): Promise<void> {
    let next = from;
    const drive = async (): Promise<void> => {
      const lane = new Lane(this.#server);
      while (next < to && this.failures.length < MOST_FAILURES && this.#server.running) {
        await this.#askOne(lane, next++);
      }
      lane.close();
    };
    await Promise.all(Array.from({ length: LANES }, drive));
  }

  /** How often each kind of answer was given, a line each. */
  get answers(): string {
    return [...this.#answers]
      .toSorted(([, a], [, b]) => b - a)
      .map(([answer, count]) => `${String(count).padStart(9)}  ${answer}`)
      .join('\n');
  }

  async #askOne(lane: Lane, index: number): Promise<void> {
    const one = caseOf(this.#seed, index, this.#reviews);
    const began = performance.now();
    const reply = await answered(lane, one);
    const ms = performance.now() - began;
    const size = one.body.length <= SMALL ? 'small' : 'large';
    this.slowest[size] = [...this.slowest[size], { index, ms }]
      .toSorted((a, b) => b.ms - a.ms)
      .slice(0, MOST_SLOW);
    const problems = verdictOn(one, reply) ?? ['shed again and again'];
    if (problems.length > 0) this.failures.push({ one, problems });
    const kind = reply === null ? 'closed' : kindOf(reply);
    this.#answers.set(kind, (this.#answers.get(kind) ?? 0) + 1);
    this.asked++;
  }
}

/** A client that is told "later" comes again. */
export async function answered(lane: Lane, one: Case): Promise<Reply | null> {
  let reply = await lane.ask(one);
  for (let again = 0; again < 50 && reply?.code === 429; again++) {
    await sleep(20);
    reply = await lane.ask(one);
  }
  return reply;
}

/** Without the rules, of which there are too many combinations. */
function kindOf(reply: Reply): string {
  try {
    return words(reply).replaceAll(/ \([^)]*\)/g, '');
  } catch {
    return 'not to be understood';
  }
}
