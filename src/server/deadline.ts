/** How long an answer may take: the API server's own patience, counted from the first try. */
import { Arrivals } from './arrivals.ts';

/** Seconds: timeoutSeconds of our webhook configurations where nothing else is said. */
export const WEBHOOK_TIMEOUT = 5;
/** Milliseconds to reserve of timeoutSeconds: for the network, and for a retry that is told what was slow. */
const KEPT_BACK = 2_000;
/** Milliseconds to reserve of ?timeout for the network. */
const ON_THE_WAY = 1_000;
/** Milliseconds. ?timeout is rounded up to seconds, so a timeout of 1s may be over: judge if no wait is needed. */
const LEAST = 100;
/** Milliseconds by which an answer may come after its deadline. */
const SWEEP = 20;
/** Milliseconds. A review that was answered faster is not remembered, and a retry gets a new deadline. */
const QUICK = 100;
/** Reviews in each of two maps: those of the last seconds under full load, some 2 MB. */
const MAX_REMEMBERED = 8_192;
/** A phase and a UUID, with room; what is longer comes from no API server. */
const LONGEST_REMEMBERED = 64;

/**
 * @param timeoutSeconds of the webhook configurations
 * @returns milliseconds that an answer may take, where ?timeout does not ask for less
 */
export function longestDeadline(timeoutSeconds: number): number {
  return Math.max(timeoutSeconds * 1_000 - KEPT_BACK, LEAST);
}

/**
 * @param timeout the query's, of whatever type it is
 * @param most milliseconds, where it does not ask for less
 * @returns milliseconds
 */
export function deadlineOf(timeout: unknown, most: number): number {
  const asked = goDuration(timeout);
  return asked === null ? most : Math.min(most, Math.max(asked - ON_THE_WAY, LEAST));
}

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

/** @returns the milliseconds of a Go duration such as 5s, 1m30s or 500ms; null for anything else */
export function goDuration(text: unknown): number | null {
  if (typeof text !== 'string' || !/^(\d{1,9}(\.\d{1,9})?(ms|s|m|h))+$/.test(text)) return null;
  let total = 0;
  for (const [, count, unit] of text.matchAll(/(\d{1,9}(?:\.\d{1,9})?)(ms|s|m|h)/g)) {
    total += Number(count) * (UNITS[unit ?? ''] ?? 0);
  }
  return total;
}

/**
 * One timer for all waiting reviews. A timer for each would cost a tenth of the whole answer, and nearly every decision
 * comes before its timer could fire.
 */
export class Deadlines {
  readonly #waiting = new Arrivals<{ readonly end: number; readonly expire: () => void }>();
  #sweeping: NodeJS.Timeout | undefined;

  /** @returns the promised value, or the result of `otherwise` if the value does not come within `ms` milliseconds */
  within<T>(ms: number, promised: Promise<T>, otherwise: () => T): Promise<T> {
    return new Promise((resolve, reject) => {
      const place = this.#waiting.add({
        end: performance.now() + ms,
        expire: () => {
          this.#waiting.remove(place);
          resolve(otherwise());
        },
      });
      this.#sweeping ??= setInterval(() => this.#sweep(), SWEEP).unref();
      const leave = (): void => this.#waiting.remove(place);
      promised.then(leave, leave);
      promised.then(resolve, reject);
    });
  }

  #sweep(): void {
    const now = performance.now();
    for (const entry of this.#waiting) {
      if (entry.end <= now) entry.expire();
    }
    if (!this.#waiting.isEmpty) return;
    clearInterval(this.#sweeping);
    this.#sweeping = undefined;
  }
}

/**
 * A retry has the uid and the ?timeout of the first try, so its deadline counts from the first try.
 *
 * Only slow reviews are remembered. Under load, a map of all reviews of the last seconds would be a third of the memory
 * that survives young collections, and deleting each entry would cost a quarter of the throughput. Two maps take turns,
 * so old entries are forgotten by dropping one map.
 */
export class FirstSeen {
  #recent = new Map<string, number>();
  #before = new Map<string, number>();
  #began = 0;
  /** Milliseconds after which an API server does not retry any more. */
  readonly #retriesEnd: number;

  /** @param longest the longest deadline, in milliseconds */
  constructor(longest: number) {
    this.#retriesEnd = longest + KEPT_BACK;
  }

  /** @returns when this review came first, in performance.now()'s milliseconds */
  of(key: string, now: number): number {
    if (this.#recent.size + this.#before.size === 0) return now;
    const known = this.#recent.get(key) ?? this.#before.get(key);
    return known !== undefined && now - known < this.#retriesEnd ? known : now;
  }

  /**
   * The review has been answered.
   * @param first what `of` returned
   */
  answered(key: string, first: number, now: number): void {
    if (now - first < QUICK || key.length > LONGEST_REMEMBERED) return;
    if (now - this.#began >= this.#retriesEnd || this.#recent.size >= MAX_REMEMBERED) {
      this.#before = this.#recent;
      this.#recent = new Map();
      this.#began = now;
    }
    this.#recent.set(key, first);
  }
}
