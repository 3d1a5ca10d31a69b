/**
 * Which cases hold up the event loop. A busy machine stalls anything once: what counts is a case that does it
 * whenever it is asked alone.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Server } from '../support/server.ts';
import type { Case } from './case.ts';
import { SMALL, type Failure } from './run.ts';
import { Lane } from './target.ts';

const TRIES = 5;
const MOST_FAILURES = 3;
/** The metric is taken every ten milliseconds. */
const SETTLED = 25;

/** Milliseconds for which a case may hold up the event loop. */
export const stallLimit = ({ body }: Case): number => (body.length <= SMALL ? 50 : 100);

interface Stalls {
  /** Milliseconds of the longest, by cases up to 256 KiB and above. */
  readonly small: number;
  readonly large: number;
  readonly failures: readonly Failure[];
}

export async function confirmedStalls(server: Server, suspects: readonly Case[]): Promise<Stalls> {
  const longest = { small: 0, large: 0 };
  const failures: Failure[] = [];
  const lane = new Lane(server);
  for (const one of suspects) {
    const ms = await stallOf(server, lane, one);
    const size = one.body.length <= SMALL ? 'small' : 'large';
    longest[size] = Math.max(longest[size], ms);
    if (ms > stallLimit(one) && failures.length < MOST_FAILURES) {
      failures.push({ one, problems: [`holds up the event loop for ${ms.toFixed(0)} ms`] });
    }
  }
  lane.close();
  return { ...longest, failures };
}

/** @returns the shortest of a few stalls, in milliseconds */
export async function stallOf(server: Server, lane: Lane, one: Case): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let attempt = 0; attempt < TRIES && least > stallLimit(one) / 2; attempt++) {
    await server.longestStall();
    await lane.ask(one);
    await sleep(SETTLED);
    least = Math.min(least, await server.longestStall());
  }
  return least;
}
