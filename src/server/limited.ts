/**
 * A second defence, besides the limits in the rules: a computation that takes too long is stopped, so that no object
 * can keep health checks and other callers waiting. V8 stops it from another thread (node:vm, timeout). That costs
 * a tenth of a millisecond, so only large reviews run this way.
 */
import { createContext, Script, type Context } from 'node:vm';
import type { Compute } from '../admission/assess.ts';
import { nextTurn } from './load.ts';

/** Milliseconds. A review of 1.5 MB, the most that etcd takes, is computed in some 50. */
export const LONGEST_COMPUTING = 200;
/** Milliseconds for a second try, if the first one got too little CPU time on a busy machine. */
const LONGEST_ON_BUSY_MACHINE = 1_000;
/** If the first try got a smaller share of its time on a CPU, there is a second try. */
const FAIR_SHARE = 0.75;

/** What took too long; answer.ts makes it an answer. */
export class Overrun extends Error {
  constructor() {
    super(`computing took more than ${LONGEST_COMPUTING} ms`);
  }
}

interface Room extends Context {
  work: () => unknown;
}

const CALL = new Script('work()');
let room: Room | undefined;

/**
 * Computes in a separate turn of the event loop.
 * @throws Overrun, and what the work throws
 */
export const limited: Compute = async <T>(work: () => T): Promise<T> => {
  await nextTurn();
  const before = process.threadCpuUsage();
  try {
    return runWithin(LONGEST_COMPUTING, work);
  } catch (error) {
    const { user, system } = process.threadCpuUsage(before);
    if (!(error instanceof Overrun) || (user + system) / 1_000 > FAIR_SHARE * LONGEST_COMPUTING) throw error;
  }
  await nextTurn();
  return runWithin(LONGEST_ON_BUSY_MACHINE, work);
};

/**
 * @param ms milliseconds of computing, at least 1
 * @throws Overrun, and what the work throws
 */
export function runWithin<T>(ms: number, work: () => T): T {
  room ??= createContext({ work }) as Room;
  room.work = work;
  try {
    return CALL.runInContext(room, { timeout: ms }) as T;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw new Overrun();
    throw error;
  } finally {
    // The closure would keep a whole review in memory.
    room.work = idle;
  }
}

function idle(): void {}
