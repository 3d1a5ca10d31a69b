/**
 * Who is let in, and what each request may hold. Whoever reaches the port may send anything: bodies that never
 * end, answers that are never read, thousands at once. So what is held is counted as it is used, not as it is
 * announced, and when there is no room, those go first who have kept us waiting longest.
 */
import type { Server, ServerResponse } from 'node:http';
import { Arrivals, type Arrival } from './arrivals.ts';

export interface LoadLimits {
  /** Requests being judged at once; only those that wait for the cluster stay long enough to meet. */
  readonly requests: number;
  /** Bytes held at once in bodies, in what is made of them and in unread answers: under 256 Mi, with Node. */
  readonly bytes: number;
  /** Milliseconds until the answer is there, where ?timeout does not ask for less. */
  readonly deadline: number;
}

/** Bodies up to this have a quarter of the bytes to themselves: a service has 5 to 50 KB. */
export const SMALL = 64 * 1024;
/** Bytes that a body's tree may take for each of its own; a list of empty lists takes more, a string less. */
const TREE = 4;
/** Milliseconds after which a client that is waited for may have to go. An API server needs a few. */
const PATIENCE = 1_000;
/** Milliseconds for the body to come, and for the answer to be read. */
const TRANSFER = 5_000 + 2_000;
const SWEEP = 500;
/** Milliseconds of one turn of the event loop after which it lets nobody else in: some 250 reviews. */
const TURN = 50;
/** So many a turn lets in at any rate: it may have been the machine that held it up. */
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
   * @param expected bytes of the body, as announced: they are not set aside, but must have room
   * @returns null when there is no room: it is to be shed
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

  /** The answer is there: what is still held is for the client to take away. */
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
   * Large bodies take 10 to 100 ms each, and their trees tens of megabytes: one after the other, each in a turn
   * of the event loop of its own, so that others are served in between.
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

  /** Has the turn of the event loop that is under way let in enough? */
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

/**
 * Past `soft` connections the idle ones are closed: a client that keeps them open for no use must not keep
 * others out. Past `hard` no more are taken.
 */
export function limitConnections(server: Server, soft: number, hard: number): void {
  let open = 0;
  server.maxConnections = hard;
  server.on('connection', (socket) => {
    open++;
    socket.once('close', () => open--);
    if (open > soft) server.closeIdleConnections();
  });
}
