/**
 * Puts the webhook configurations into force: looks at each again and again, and gives its entries their rules after a
 * probe has come back. There is no leader. The first replica writes, and the others see that it has. What was in force
 * stays in force while no pod answers: failurePolicy says what happens then.
 */
import { poll } from '../lib/poll.ts';
import { changesOf, KINDS, type Kind, type RegistrationStore } from './registration.ts';

/** Told when this changes, and not at every look. */
export interface InForceEvent {
  readonly kind: Kind;
  /** Why the configuration is not in force; null when it is. */
  readonly problem: string | null;
}

export interface InForce {
  start(): void;
  /** As of the last look: null where the configuration is in force, else why not. Empty before the first look. */
  status(): ReadonlyMap<Kind, string | null>;
  stop(): void;
}

export interface InForceOptions {
  readonly store: RegistrationStore;
  readonly onEvent: (event: InForceEvent) => void;
  /** Milliseconds between two looks. */
  readonly interval?: number;
}

/** The first probe mostly comes before the Service knows the pod: the second one is soon enough. */
const INTERVAL = 2_000;

export function inForce({ store, onEvent, interval = INTERVAL }: InForceOptions): InForce {
  const status = new Map<Kind, string | null>();
  let stop = (): void => {};

  async function look(): Promise<void> {
    for (const kind of KINDS) {
      const problem = await bringIntoForce(store, kind).catch((error: Error) => error.message);
      if (status.get(kind) === problem) continue;
      status.set(kind, problem);
      onEvent({ kind, problem });
    }
  }

  return {
    start() {
      stop = poll(look, interval);
    },
    status: () => status,
    stop: () => stop(),
  };
}

/** @returns why the configuration is not in force now, or null */
async function bringIntoForce(store: RegistrationStore, kind: Kind): Promise<string | null> {
  const registration = await store.read(kind);
  if (registration === null) return 'there is no such webhook configuration';
  const changes = changesOf(registration);
  if (changes.length === 0) return null;
  const unanswered = await store.probe(kind);
  if (unanswered !== null) return unanswered;
  const outcome = await store.write(kind, changes, registration.version);
  return outcome === 'written' ? null : 'somebody else wrote it at the same time';
}
