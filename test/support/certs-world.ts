/**
 * A cluster in memory with a clock of its own, for the life cycle of self-managed certificates: one Secret, two
 * webhook configurations, and replicas whose every call takes its time, may fail before or after it has taken
 * effect, and never comes back in a replica that was killed. One thing happens at a time, so that a seed
 * repeats everything. Only node:crypto judges the certificates, nothing of src/certs.
 */
import { X509Certificate } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { generate } from 'selfsigned';
import type { Lifetimes, Pace } from '../../src/certs/pace.ts';
import { selfManagedCertificate } from '../../src/certs/self-managed.ts';
import type { CertificateEvent, CertificateSource } from '../../src/certs/source.ts';
import type { SecretData, StoredSecret, Trust } from '../../src/certs/stores.ts';

/**
 * HEADCOUNT_SEED repeats a failed run; HEADCOUNT_CERTS_RUNS makes more runs, with a higher --testTimeout. Nothing
 * is shrunk: a history of many minutes takes too long for that.
 */
export const seed = Number(process.env['HEADCOUNT_SEED'] ?? Date.now() % 2 ** 31);
export const RUNS = Number(process.env['HEADCOUNT_CERTS_RUNS'] ?? 12);

export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

export const NAMES = ['headcount', 'headcount.kserve', 'headcount.kserve.svc'];
export const MUTATING = 'mutating/multinode.headcount.dev';
export const VALIDATING = 'validating/multinode.headcount.dev';

export interface WorldOptions {
  readonly seed?: number;
  readonly lifetimes?: Lifetimes;
  readonly pace?: Pace;
  /** Longest duration of a call. */
  readonly latency?: number;
  /** Share of the calls that fail, from 0 to 1. */
  readonly faults?: number;
  /** Already in every caBundle. */
  readonly foreign?: string;
}

export interface Replica {
  readonly name: string;
  readonly source: CertificateSource;
  readonly events: CertificateEvent[];
  /** Milliseconds that its clock is ahead. */
  skew: number;
  alive: boolean;
  /** All its calls fail. */
  cutOff: boolean;
  /** Calls made so far. */
  calls: number;
  /** Killed instead of making this call, or when this one has taken effect. */
  killAt: { readonly call: number; readonly when: 'before' | 'after' } | null;
  parked: PromiseWithResolvers<void>;
}

interface Waiting {
  readonly at: number;
  readonly replica: Replica;
  readonly wake: () => void;
}

interface Version extends Trust {
  since: number;
}

export class World {
  now = Date.UTC(2026, 0, 1);
  faults: number;
  secret: StoredSecret | null = null;
  readonly replicas: Replica[] = [];
  /** What was written by whom: `create`, `replace`, or the name of a configuration. */
  readonly writes: { readonly at: number; readonly by: string; readonly what: string }[] = [];
  /** Happens once, right after the next call has taken effect. */
  meanwhile: (() => void) | null = null;
  /** Called whenever something has happened. */
  check: () => void = () => {};
  readonly options: WorldOptions;
  readonly random: () => number;
  #versions = 0;
  #waiting: Waiting[] = [];
  readonly #trust = new Map<string, Version[]>();

  constructor(options: WorldOptions = {}) {
    this.options = options;
    this.random = randomFrom(options.seed ?? 1);
    this.faults = options.faults ?? 0;
    const { foreign = '' } = options;
    this.setBundles(MUTATING, [foreign, foreign]);
    this.setBundles(VALIDATING, [foreign, foreign, foreign]);
  }

  start(name: string, skew = 0): Replica {
    const { lifetimes, pace } = this.options;
    const events: CertificateEvent[] = [];
    const source = selfManagedCertificate({
      names: NAMES,
      ...(lifetimes !== undefined && { lifetimes }),
      ...(pace !== undefined && { pace }),
      onEvent: (event) => void events.push(event),
      now: () => Math.floor(this.now + replica.skew),
      sleep: (milliseconds) => this.#park(replica, milliseconds),
      random: this.random,
      store: {
        read: () => this.#call(replica, () => this.secret),
        create: (data) =>
          this.#call(replica, () => {
            if (this.secret !== null) return 'exists';
            this.setSecret(data);
            this.#wrote(replica, 'create');
            return 'created';
          }),
        replace: (data, version) =>
          this.#call(replica, () => {
            if (this.secret === null) return 'gone';
            if (this.secret.version !== version) return 'conflict';
            this.setSecret(data);
            this.#wrote(replica, 'replace');
            return 'replaced';
          }),
      },
      trustStore: {
        read: () => this.#call(replica, () => this.trust()),
        write: (config, bundles, version) =>
          this.#call(replica, () => {
            const current = this.#trust.get(config)?.at(-1);
            if (current === undefined) return 'gone';
            if (current.version !== version) return 'conflict';
            this.setBundles(config, bundles);
            this.#wrote(replica, config);
            return 'written';
          }),
      },
    });
    const parked = Promise.withResolvers<void>();
    const replica: Replica = {
      name,
      source,
      events,
      skew,
      alive: true,
      cutOff: false,
      calls: 0,
      killAt: null,
      parked,
    };
    this.replicas.push(replica);
    void source.start();
    return replica;
  }

  kill(replica: Replica): void {
    replica.alive = false;
  }

  living(): readonly Replica[] {
    return this.replicas.filter(({ alive }) => alive);
  }

  /** @param isOver ends the time early */
  async run(duration: number, isOver: () => boolean = () => false): Promise<void> {
    const end = this.now + duration;
    while (!isOver()) {
      this.#waiting = this.#waiting.filter(({ replica }) => replica.alive);
      const next = this.#waiting.reduce<Waiting | null>(
        (first, waiting) => (first === null || waiting.at < first.at ? waiting : first),
        null,
      );
      if (next === null || next.at > end) {
        this.now = Math.max(this.now, end);
        return;
      }
      this.now = Math.max(this.now, next.at);
      this.#waiting.splice(this.#waiting.indexOf(next), 1);
      next.replica.parked = Promise.withResolvers();
      next.wake();
      await next.replica.parked.promise;
      this.check();
    }
  }

  /** All clocks are set. Timers don't notice: they count what really goes by. */
  setClocks(ahead: number): void {
    this.now += ahead;
    this.#waiting = this.#waiting.map((waiting) => ({ ...waiting, at: waiting.at + ahead }));
    for (const versions of this.#trust.values()) for (const version of versions) version.since += ahead;
  }

  /** Nothing of the replica runs for so long; what was due in that time happens at its end. */
  pause(replica: Replica, duration: number): void {
    const end = this.now + duration;
    this.#waiting = this.#waiting.map((waiting) =>
      waiting.replica === replica ? { ...waiting, at: Math.max(waiting.at, end) } : waiting,
    );
  }

  setSecret(data: SecretData | null): void {
    this.secret = data === null ? null : { data, version: String(++this.#versions) };
  }

  setBundles(name: string, bundles: readonly string[]): void {
    const versions = this.#trust.get(name) ?? [];
    versions.push({ name, bundles, version: String(++this.#versions), since: this.now });
    this.#trust.set(name, versions);
  }

  removeConfiguration(name: string): void {
    this.#trust.delete(name);
  }

  trust(): readonly Trust[] {
    return [...this.#trust.values()].flatMap((versions) => versions.slice(-1));
  }

  /** Every bundle of every configuration as it is now, and as it was at any time since then. */
  bundlesSince(time: number): readonly string[] {
    return [...this.#trust.values()].flatMap((versions) => {
      const newest = versions.findLastIndex(({ since }) => since <= time);
      return versions.slice(Math.max(newest, 0)).flatMap(({ bundles }) => bundles);
    });
  }

  /**
   * Would an API server that is late by `lag` milliseconds at most trust what this replica serves?
   * @returns null, or why not
   */
  refusal({ source }: Replica, lag: number): string | null {
    const pair = source.current();
    if (pair === null) return 'it serves nothing';
    const refused = this.bundlesSince(this.now - lag).find(
      (bundle) => !verifies(pair.cert, bundle, this.now),
    );
    return refused === undefined ? null : `what it serves does not verify against:\n${refused}`;
  }

  async #call<T>(replica: Replica, effect: () => T): Promise<T> {
    const { latency = 0 } = this.options;
    const call = ++replica.calls;
    await this.#park(replica, latency * this.random() ** 2);
    const killed = replica.killAt?.call === call ? replica.killAt.when : null;
    if (killed === 'before') await this.#die(replica);
    if (replica.cutOff) throw new Error('connect ETIMEDOUT');
    if (this.random() < this.faults / 2) throw new Error('HTTP 503 before the call took effect');
    const result = effect();
    this.meanwhile?.();
    this.meanwhile = null;
    if (killed === 'after') await this.#die(replica);
    await this.#park(replica, latency * this.random() ** 2);
    if (this.random() < this.faults / 2) throw new Error('ECONNRESET after the call took effect');
    return result;
  }

  #park(replica: Replica, duration: number): Promise<void> {
    return new Promise((wake) => {
      this.#waiting.push({ at: this.now + duration, replica, wake });
      replica.parked.resolve();
    });
  }

  #die(replica: Replica): Promise<never> {
    this.kill(replica);
    replica.parked.resolve();
    return new Promise(() => {});
  }

  #wrote(replica: Replica, what: string): void {
    this.writes.push({ at: this.now, by: replica.name, what });
  }
}

/** A replica that sends traffic its way: what readiness asks for. */
export function isReady({ source }: Replica): boolean {
  return source.healthy() && source.status().trusted === true;
}

export function secretWrites({ writes }: World): number {
  return writes.filter(({ what }) => what === 'create' || what === 'replace').length;
}

export function certificatesIn(bundle: string): readonly X509Certificate[] {
  return bundle
    .split(/(?=-----BEGIN CERTIFICATE-----)/)
    .filter((part) => part.includes('-----END CERTIFICATE-----'))
    .map((part) => new X509Certificate(part));
}

/** What a platform may have put into a caBundle: a CA that is not ours, with a remark. */
export async function foreignBundle(): Promise<string> {
  const { cert } = await generate([{ name: 'commonName', value: 'platform CA' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    extensions: [{ name: 'basicConstraints', cA: true, critical: true }],
  });
  return `# the platform's\r\n${cert.replaceAll('\n', '\r\n')}\r\n\r\n`;
}

/** Waits in real time. @throws after half a minute, so that a failed test ends */
export async function until(holds: () => boolean): Promise<void> {
  for (let tries = 0; !holds(); tries++) {
    if (tries > 3_000) throw new Error('this takes too long');
    await sleep(10);
  }
}

/** mulberry32: a small generator whose seed can be printed. */
function randomFrom(start: number): () => number {
  let state = start;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

type Span = readonly [from: number, to: number];

/** From when until when each leaf verifies against each bundle. */
const verified = new Map<string, Map<string, readonly Span[]>>();

function verifies(leaf: string, bundle: string, now: number): boolean {
  const known = verified.get(leaf) ?? new Map<string, readonly Span[]>();
  verified.set(leaf, known);
  const spans = known.get(bundle) ?? spansOf(leaf, bundle);
  known.set(bundle, spans);
  return spans.some(([from, to]) => from <= now && now <= to);
}

function spansOf(leaf: string, bundle: string): readonly Span[] {
  const certificate = new X509Certificate(leaf);
  if (NAMES.some((name) => certificate.checkHost(name, { subject: 'never' }) === undefined)) return [];
  return certificatesIn(bundle)
    .filter((ca) => ca.ca && certificate.checkIssued(ca) && certificate.verify(ca.publicKey))
    .map((ca) => [
      Math.max(Date.parse(certificate.validFrom), Date.parse(ca.validFrom)),
      Math.min(Date.parse(certificate.validTo), Date.parse(ca.validTo)),
    ]);
}
