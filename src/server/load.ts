/**
 * Which requests are let in, and how much memory each may use. Any client that reaches the port may send bodies that
 * never end, never read its answers, or send thousands of requests at once. So memory is counted as it is used, not as
 * it is announced. When there is no room, the clients that have kept us waiting longest are disconnected first.
 */
import type { ServerResponse } from 'node:http';
import { Arrivals, type Arrival } from './arrivals.ts';

export interface LoadLimits {
  /** Requests that are judged at the same time. Only those that wait for the cluster take long enough to overlap. */
  readonly requests: number;
  /** Bytes held in bodies, in their parsed trees and in unread answers. With Node itself this stays under 256 Mi. */
  readonly bytes: number;
  /** Milliseconds until the answer is there, where ?timeout does not ask for less. */
  readonly deadline: number;
}

/** A quarter of the bytes is reserved for bodies up to this size: a service has 5 to 50 KB. */
export const SMALL = 64 * 1024;
/** Bytes of the parsed tree for each byte of a body: a list of empty lists needs more, a string needs less. */
const TREE = 4;
/** Milliseconds after which a client that keeps us waiting may be disconnected. An API server needs only a few. */
const PATIENCE = 1_000;
/** Milliseconds for the body to come, and for the answer to be read. */
const TRANSFER = 5_000 + 2_000;
const SWEEP = 500;
/** After this many milliseconds, a turn of the event loop lets no more requests in: about 200 reviews. */
const TURN = 40;
/** A turn always lets in this many requests, because the machine may have caused the delay. */
const TURN_LEAST = 16;
/** Milliseconds that a large body waits for the one before it to be answered. */
const QUEUE = 1_000;

/** One request, from its headers to the last byte of its answer. */
export interface Visit {
  /** performance.now() when the headers were there. */
  readonly arrived: number;
  readonly response: ServerResponse;
  bytes: number;
  state: 'reading' | 'judging' | 'sending';
  /** Its place among all; null until it has one. */
  place: Arrival<Visit> | null;
}

export class Load {
  readonly #limits: LoadLimits;
  readonly #visits = new Arrivals<Visit>();
  #bytes = 0;
  #judging = 0;
  #turn: { readonly began: number; entered: number } | null = null;
  /** The large body that is being judged, and those that wait for it. */
  #large: Visit | null = null;
  readonly #queue = new Map<Visit, (hasTurn: boolean) => void>();
  #sweeping: NodeJS.Timeout | undefined;

  constructor(limits: LoadLimits) {
    this.#limits = limits;
  }

  /**
   * @param expected the announced length of the body: there must be room for it, but it is not reserved
   * @returns null when there is no room: then the caller refuses the request
   */
  enter(response: ServerResponse, expected: number): Visit | null {
    const arrived = performance.now();
    if (this.#isTurnOver(arrived) || this.#judging >= this.#limits.requests) return null;
    if (!this.#hasRoom(expected, expected)) return null;
    const visit: Visit = { arrived, response, bytes: 0, state: 'reading', place: null };
    visit.place = this.#visits.add(visit);
    response.once('close', () => this.#leave(visit));
    this.#sweeping ??= setInterval(() => this.#sweep(), SWEEP).unref();
    return visit;
  }

  /** @returns false when there is no room for that many bytes in all */
  hold(visit: Visit, bytes: number): boolean {
    if (!isHere(visit)) return false;
    const more = bytes - visit.bytes;
    if (more > 0 && !this.#hasRoom(more, bytes)) return false;
    // Making room may have disconnected this very client. Its bytes are counted no more.
    if (!isHere(visit)) return false;
    this.#count(visit, bytes);
    return true;
  }

  #count(visit: Visit, bytes: number): void {
    this.#bytes += bytes - visit.bytes;
    visit.bytes = bytes;
  }

  /** The body is there and will be made into a tree. @returns false when there is no room for that */
  async judge(visit: Visit, length: number): Promise<boolean> {
    if (length > SMALL ? !(await this.#turnOf(visit)) : !this.hold(visit, length * TREE)) return false;
    visit.state = 'judging';
    this.#judging++;
    return true;
  }

  /** The answer is ready: from now on only the answer is held, until the client has read it. */
  answer(visit: Visit, length: number): void {
    this.#judged(visit);
    if (isHere(visit)) this.#count(visit, length);
  }

  #judged(visit: Visit): void {
    if (visit.state === 'judging') this.#judging--;
    visit.state = 'sending';
    if (this.#large === visit) this.#nextLarge();
  }

  /**
   * Large bodies take 10 to 100 ms each, and their trees take tens of megabytes. So they are judged one by one, each in
   * its own turn of the event loop, and other requests are served in between.
   */
  #turnOf(visit: Visit): Promise<boolean> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#queue.delete(visit) && resolve(false), QUEUE);
      this.#queue.set(visit, (hasTurn) => {
        clearTimeout(timer);
        resolve(hasTurn);
      });
      if (this.#large === null) this.#nextLarge();
    });
  }

  #nextLarge(): void {
    const [next] = this.#queue;
    this.#large = next?.[0] ?? null;
    if (next === undefined) return;
    const [visit, resolve] = next;
    this.#queue.delete(visit);
    setImmediate(resolve, true);
  }

  /** Has the current turn of the event loop let in enough requests? */
  #isTurnOver(now: number): boolean {
    if (this.#turn === null) {
      this.#turn = { began: now, entered: 0 };
      // Runs when everything that was ready in this turn has been read.
      setImmediate(() => (this.#turn = null));
    }
    return ++this.#turn.entered > TURN_LEAST && now - this.#turn.began > TURN;
  }

  #hasRoom(more: number, inAll: number): boolean {
    const { bytes } = this.#limits;
    if (inAll > SMALL) return this.#bytes + more <= bytes * 0.75;
    if (this.#bytes + more <= bytes) return true;
    const now = performance.now();
    for (const visit of this.#visits) {
      if (this.#bytes + more <= bytes || now - visit.arrived < PATIENCE) break;
      if (visit.state !== 'judging') this.#close(visit);
    }
    return this.#bytes + more <= bytes;
  }

  #sweep(): void {
    const now = performance.now();
    for (const visit of this.#visits) {
      if (now - visit.arrived < TRANSFER + this.#limits.deadline) return;
      this.#close(visit);
    }
    clearInterval(this.#sweeping);
    this.#sweeping = undefined;
  }

  #close(visit: Visit): void {
    this.#leave(visit);
    visit.response.destroy();
  }

  #leave(visit: Visit): void {
    if (visit.place?.isIn !== true) return;
    this.#visits.remove(visit.place);
    this.#bytes -= visit.bytes;
    this.#queue.get(visit)?.(false);
    this.#queue.delete(visit);
    this.#judged(visit);
  }
}

function isHere({ place }: Visit): boolean {
  return place?.isIn === true;
}

/** Resolves when the event loop has looked at everything else once. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
