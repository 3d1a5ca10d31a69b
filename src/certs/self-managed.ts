/**
 * A certificate that the replicas issue themselves and share through one Secret. A loop reads the cluster, serves the
 * pair that step.ts chooses, and takes the step that step.ts chooses. There is no leader: the first replica writes, and
 * the second one gets a conflict and reads again.
 */
import { setTimeout as timer } from 'node:timers/promises';
import { NOTHING_SEEN, remember, rememberRenewal, type Sight } from './memory.ts';
import { LIFETIMES, PACE, type Lifetimes, type Pace } from './pace.ts';
import { secretAfter } from './renewal.ts';
import type { CertificateEvent, CertificateSource, Pair } from './source.ts';
import { isCutOff, nextStep, toServe, type InUse, type Step } from './step.ts';
import { readSecret, validAt, type Stored } from './stored.ts';
import type { CertificateStore, StoredSecret, TrustStore } from './stores.ts';

export interface SelfManagedOptions {
  readonly store: CertificateStore;
  readonly trustStore: TrustStore;
  /** The names by which the API server may call: `headcount`, `headcount.<namespace>`, ... */
  readonly names: readonly string[];
  readonly lifetimes?: Lifetimes;
  readonly pace?: Pace;
  readonly onEvent?: (event: CertificateEvent) => void;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
  /** Resolves after this many milliseconds, or early when the signal aborts. */
  readonly sleep?: (milliseconds: number, signal: AbortSignal) => Promise<void>;
  /** From 0 to 1. */
  readonly random?: () => number;
}

type Action = Exclude<Step, { do: 'nothing' }>;

interface Look {
  readonly sight: Sight;
  /** Of the Secret; '' when there is none. */
  readonly version: string;
}

const SECOND = 1_000;
/** Each pause is up to a tenth shorter or longer, so that replicas that start together do not stay in step. */
const JITTER = 0.1;
/** The pause doubles with each failure up to this, so that tampering is repaired within 10 s of the last one. */
const LONGEST_PAUSE = 8 * SECOND;
/** Steps in a row without a pause. Few are needed: create, trust, and conflicts with other replicas. */
const MOST_STEPS = 20;

/** `start` waits until there is a Secret to serve from, however long that takes. It rejects when stopped before. */
export function selfManagedCertificate(options: SelfManagedOptions): CertificateSource {
  const { store, trustStore, names, lifetimes = LIFETIMES, pace = PACE, onEvent = () => {} } = options;
  const { now = Date.now, sleep = pause, random = Math.random } = options;
  const listeners: ((pair: Pair) => void)[] = [];
  const stopping = new AbortController();
  const { signal } = stopping;
  const first = Promise.withResolvers<Pair>();
  // If nobody waits for it when it is stopped, its rejection must not count as unhandled.
  first.promise.catch(() => {});
  let memory = NOTHING_SEEN;
  let inUse: InUse | null = null;
  let lastRead: { readonly version: string; readonly stored: Stored } | null = null;

  async function run(): Promise<void> {
    let failures = 0;
    while (!signal.aborted) {
      try {
        await proceed();
        failures = 0;
      } catch (error) {
        failures++;
        onEvent({ event: 'failed', error });
      }
      const longest = Math.max(pace.interval, LONGEST_PAUSE);
      const wait = failures === 0 ? pace.interval : Math.min(pace.interval * 2 ** (failures - 1), longest);
      await sleep(wait * (1 + JITTER * (2 * random() - 1)), signal);
    }
  }

  async function proceed(): Promise<void> {
    for (let steps = 0; steps < MOST_STEPS && !signal.aborted; steps++) {
      const look = await lookAround();
      const step = nextStep(look.sight, memory, pace);
      if (step.do === 'nothing') return;
      await take(step, look);
    }
  }

  /** Reads the bundles first: then a CA of ours that is in them but not in the Secret is an old CA, not a new one. */
  async function lookAround(): Promise<Look> {
    const trust = await trustStore.read();
    const secret = await store.read();
    const sight = { trust, stored: secret === null ? null : understand(secret), now: now() };
    memory = remember(sight, memory, pace);
    use(toServe(sight, memory, inUse, pace));
    return { sight, version: secret?.version ?? '' };
  }

  function understand({ data, version }: StoredSecret): Stored {
    if (lastRead?.version === version) return lastRead.stored;
    const stored = readSecret(data, names);
    lastRead = { version, stored };
    if (stored.problem !== null) onEvent({ event: 'refused', problem: stored.problem });
    return stored;
  }

  function use(chosen: InUse | null): void {
    if (chosen === null || chosen === inUse || signal.aborted) return;
    const replaces = inUse !== null;
    inUse = chosen;
    const { pair, to } = chosen.leaf;
    onEvent({ event: 'serves', expires: new Date(to), caExpires: new Date(chosen.ca.to) });
    first.resolve(pair);
    if (replaces) for (const listener of listeners) listener(pair);
  }

  async function take(step: Action, { sight, version }: Look): Promise<void> {
    if (step.do === 'trust' || step.do === 'distrust') {
      for (const write of step.writes) {
        tell(step, await trustStore.write(write.name, write.bundles, write.version));
      }
      return;
    }
    const data = await secretAfter(step, names, now(), lifetimes);
    const outcome = step.do === 'create' ? await store.create(data) : await store.replace(data, version);
    const wasGarbage = sight.stored === null || sight.stored.problem !== null;
    if (tell(step, outcome) && !wasGarbage) memory = rememberRenewal(memory, now(), pace);
  }

  /** Anything but success means that somebody else was here first; the next look shows what they did. */
  function tell(step: Action, outcome: string): boolean {
    const success = ['created', 'replaced', 'written'].includes(outcome);
    if (success) onEvent({ event: 'wrote', step: step.do });
    return success;
  }

  return {
    start() {
      void run();
      return first.promise;
    },
    current: () => inUse?.leaf.pair ?? null,
    onChange: (listener) => void listeners.push(listener),
    healthy() {
      const time = now();
      return inUse !== null && validAt(inUse.leaf, time) && !isCutOff(inUse.ca, memory, time, pace);
    },
    status: () => ({
      leafExpires: inUse === null ? null : (inUse.leaf.to - now()) / SECOND,
      caExpires: inUse === null ? null : (inUse.ca.to - now()) / SECOND,
      trusted: inUse !== null && memory.trusted.has(inUse.ca.id),
    }),
    stop() {
      stopping.abort();
      first.reject(new Error('stopped before there was a certificate'));
    },
  };
}

async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  // The timer rejects when the signal aborts. Here that only means that the wait is over.
  await timer(milliseconds, undefined, { signal }).catch(() => {});
}
