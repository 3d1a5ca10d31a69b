/**
 * A copy of all objects of one kind, kept up to date by the API server: listed in pages, then watched. It
 * never gives up: whatever fails is tried again, at most about once a second, and what was known stays known
 * meanwhile. Listing again now and then finds changes that a watch has missed.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { asString, at } from '../lib/json.ts';
import { ApiError } from './answer.ts';
import type { Api, Query } from './api.ts';
import { Store, type Share } from './store.ts';

export interface InformerOptions<T> {
  readonly api: Api;
  readonly path: string;
  /** Such as a fieldSelector. */
  readonly query?: Query;
  /** What is kept of an object; it should hold on to nothing else of it. */
  readonly keep: (object: unknown) => T;
  /** How much of them may be kept, where their number and length are up to users of namespaces. */
  readonly share?: Share<T>;
  /** Milliseconds; a test's are smaller. */
  readonly times?: InformerTimes;
}

interface Times {
  /** Before the first repetition; doubled with each further failure. */
  readonly shortestPause: number;
  readonly longestPause: number;
  readonly relist: number;
}

export type InformerTimes = Partial<Times>;

/** With what is under way (ANSWER_LIMIT) and the jitter, a watch is back within five seconds of its API server. */
const TIMES: Times = { shortestPause: 1_000, longestPause: 2_500, relist: 600_000 };
/** Pauses are up to a third longer, so that replicas that start together do not ask together. */
const JITTER = 1 / 3;
/** How long an API server may make us wait by Retry-After. */
const LONGEST_RETRY_AFTER = 30_000;
/** The version is too old to watch from, or to go on listing from. */
const GONE = 410;

export class Informer<T> {
  readonly #options: InformerOptions<T>;
  readonly #times: Times;
  readonly #stopped = new AbortController();
  #onTrouble: (problem: string | null) => void = () => {};
  #objects: Store<T>;
  #revision = 0;
  #attempted = Promise.withResolvers<void>();
  #version = '';
  #synced = false;
  /** Counted from the last list; a new watch does not move it. */
  #relistAt = 0;
  #lastHeard = Number.NEGATIVE_INFINITY;
  #lists = 0;
  #problem: string | null = null;

  constructor(options: InformerOptions<T>) {
    this.#options = options;
    this.#objects = new Store<T>(options.share ?? null);
    this.#times = { ...TIMES, ...options.times };
  }

  /** Has there been a whole list? */
  get synced(): boolean {
    return this.#synced;
  }

  /** Seconds since the API server last said anything of these objects; Infinity before it ever did. */
  get age(): number {
    return (performance.now() - this.#lastHeard) / 1_000;
  }

  /** How often all objects have been listed. */
  get lists(): number {
    return this.#lists;
  }

  /** Why it is not up to date; null where it is. */
  get problem(): string | null {
    return this.#problem;
  }

  get size(): number {
    return this.#objects.size;
  }

  /** @param namespace '' for objects of no namespace */
  get(namespace: string, name: string): T | undefined {
    return this.#objects.get(namespace, name);
  }

  all(): Iterable<T> {
    return this.#objects.all();
  }

  /** Grows with every change, so that what is computed from the objects can be kept until then. */
  get revision(): number {
    return this.#revision;
  }

  /** The objects of a namespace, '' for those of none; not a copy. */
  inNamespace(namespace: string): ReadonlyMap<string, T> {
    return this.#objects.inNamespace(namespace);
  }

  /**
   * Begins; resolves when the first list has come or failed.
   * @param onTrouble told in one line why a list or watch failed, and null when it works again
   */
  start(onTrouble: (problem: string | null) => void): Promise<void> {
    this.#onTrouble = onTrouble;
    void this.#run();
    return this.#attempted.promise;
  }

  stop(): void {
    this.#stopped.abort();
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopped;
    let failures = 0;
    while (!signal.aborted) {
      let retryAfter = 0;
      const started = performance.now();
      try {
        if (this.#version === '') await this.#list();
        await this.#watch(() => {
          failures = 0;
          this.#lastHeard = performance.now();
          this.#troubled(null);
        });
        // An API server ends a watch after half an hour or so; one that ends at once is a failure.
        if (performance.now() - started >= this.#times.shortestPause) continue;
        failures += 1;
      } catch (error) {
        if (signal.aborted) break;
        if (!(error instanceof ApiError)) throw error;
        if (error.status === GONE) this.#version = '';
        failures += 1;
        retryAfter = Math.min(error.retryAfter ?? 0, LONGEST_RETRY_AFTER);
        this.#troubled(error.message);
      } finally {
        this.#attempted.resolve();
      }
      // A cancelled pause rejects. Then the loop's condition ends the loop.
      await sleep(Math.max(this.#pause(failures), retryAfter), undefined, { signal }).catch(() => {});
    }
  }

  #pause(failures: number): number {
    const { shortestPause, longestPause } = this.#times;
    return jittered(Math.min(shortestPause * 2 ** (failures - 1), longestPause));
  }

  #troubled(problem: string | null): void {
    if (problem !== this.#problem) this.#onTrouble(problem);
    this.#problem = problem;
  }

  /** The old objects stay until all pages are there. */
  async #list(): Promise<void> {
    const { api, path, query, keep, share = null } = this.#options;
    const objects = new Store<T>(share);
    let version = '';
    for await (const page of api.pages(path, query)) {
      this.#lastHeard = performance.now();
      version = page.version;
      for (const object of page.items) {
        const { namespace, name } = identify(object);
        objects.set(namespace, name, keep(object));
      }
    }
    this.#objects = objects;
    this.#revision += 1;
    this.#version = version;
    this.#synced = true;
    this.#relistAt = performance.now() + jittered(this.#times.relist);
    this.#lists += 1;
    this.#attempted.resolve();
  }

  async #watch(opened: () => void): Promise<void> {
    const { api, path, query } = this.#options;
    const due = AbortSignal.timeout(Math.max(0, Math.round(this.#relistAt - performance.now())));
    const signal = AbortSignal.any([this.#stopped.signal, due]);
    const from = { ...query, resourceVersion: this.#version };
    try {
      for await (const { type, object } of api.watch(path, from, signal, opened)) {
        this.#lastHeard = performance.now();
        if (type === 'ERROR') {
          throw new ApiError(Number(at(object, 'code')), String(at(object, 'message')));
        }
        this.#apply(type, object);
        this.#version = asString(at(object, 'metadata', 'resourceVersion')) ?? this.#version;
      }
    } catch (error) {
      if (!due.aborted) throw error;
    }
    if (due.aborted) this.#version = '';
  }

  #apply(type: string, object: unknown): void {
    if (type !== 'ADDED' && type !== 'MODIFIED' && type !== 'DELETED') return;
    const { namespace, name } = identify(object);
    if (type === 'DELETED') this.#objects.delete(namespace, name);
    else this.#objects.set(namespace, name, this.#options.keep(object));
    this.#revision += 1;
  }
}

export function identify(object: unknown): { readonly namespace: string; readonly name: string } {
  return {
    namespace: asString(at(object, 'metadata', 'namespace')) ?? '',
    name: asString(at(object, 'metadata', 'name')) ?? '',
  };
}

function jittered(ms: number): number {
  return Math.round(ms * (1 + JITTER * Math.random()));
}
