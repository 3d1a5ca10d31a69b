/**
 * The life cycle of self-managed certificates: the Secret, the bundles and the time determine the next step. After
 * each step any replica can continue, so it does not matter which replica takes it, or is killed right after it:
 *
 *   no Secret --create--> CA and leaf --trust--> the CA is in every bundle: steady, with a new leaf now and then
 *   CA old --prepare-ca--> a next CA beside it --trust--> both in every bundle --switch-ca--> the next CA is the
 *   CA, with a leaf of its own, and the old key is gone --distrust--> the old CA is out of every bundle
 *
 * The Secret and the bundles do not say how long they have been in this state. A replica remembers that itself.
 */
import { withCas, withoutOldCas } from './bundle.ts';
import { BACK_DATED } from './issue.ts';
import { hasSettled, mayRenew, type Memory, type Sight } from './memory.ts';
import type { Pace } from './pace.ts';
import { validAt, type Held } from './stored.ts';
import type { Trust } from './stores.ts';

interface Write {
  readonly name: string;
  readonly bundles: readonly string[];
  readonly version: string;
}

export type Step =
  | { readonly do: 'nothing' }
  /** There is no Secret: make a CA and a leaf. */
  | { readonly do: 'create' }
  /** The CA is no good: make a CA and a leaf. The one before stays in the bundles until `distrust`. */
  | { readonly do: 'start-over' }
  /** The leaf is no good, or old. */
  | { readonly do: 'renew-leaf'; readonly ca: Held; readonly next: Held | null }
  /** The CA is old: store the next one beside it. */
  | { readonly do: 'prepare-ca'; readonly ca: Held; readonly leaf: Held }
  /** Make the next CA the CA, with a leaf of its own. */
  | { readonly do: 'switch-ca'; readonly next: Held }
  /** Add the CA, and the next one, to the bundles without it. */
  | { readonly do: 'trust'; readonly writes: readonly Write[] }
  /** Remove our old CAs from the bundles. */
  | { readonly do: 'distrust'; readonly writes: readonly Write[] };

export function nextStep({ stored, trust, now }: Sight, memory: Memory, pace: Pace): Step {
  if (stored === null) return { do: 'create' };
  const { ca, leaf } = stored;
  const next = stored.next !== null && validAt(stored.next, now) ? stored.next : null;
  const mayAgain = mayRenew(memory, now, pace);
  if (ca === null || (!validAt(ca, now) && mayAgain)) {
    return next === null ? { do: 'start-over' } : { do: 'switch-ca', next };
  }
  if (leaf === null || (isDone(leaf, ca, now) && mayAgain)) return { do: 'renew-leaf', ca, next };

  const wanted = next === null ? [ca.id] : [ca.id, next.id];
  const additions = changed(trust, (bundle) => withCas(bundle, wanted));
  if (additions.length > 0) return { do: 'trust', writes: additions };
  if (next !== null) {
    return hasSettled(next, memory, pace) ? { do: 'switch-ca', next } : { do: 'nothing' };
  }
  if (isOld(ca, now) && mayAgain) return { do: 'prepare-ca', ca, leaf };
  if (memory.serving?.ca === ca.id && memory.serving.time >= pace.overlap) {
    const removals = changed(trust, (bundle) => withoutOldCas(bundle, wanted));
    if (removals.length > 0) return { do: 'distrust', writes: removals };
  }
  return { do: 'nothing' };
}

/** The pair that a replica serves, and the CA that signed it. */
export interface InUse {
  readonly leaf: Held;
  readonly ca: Held;
}

/**
 * Should a replica change to the pair in the Secret? It changes to a new leaf of the same CA at once. It changes to
 * a leaf of another CA only after API servers have had time to trust that CA, or when clients refuse the current leaf.
 */
export function toServe(
  { stored, now }: Sight,
  memory: Memory,
  inUse: InUse | null,
  pace: Pace,
): InUse | null {
  if (stored?.leaf == null || stored.ca === null || !validAt(stored.leaf, now)) return inUse;
  const { leaf, ca } = stored;
  if (leaf.id === inUse?.leaf.id) return inUse;
  const holdsOn =
    inUse !== null &&
    inUse.ca.id !== ca.id &&
    validAt(inUse.leaf, now) &&
    memory.trusted.has(inUse.ca.id) &&
    !hasSettled(ca, memory, pace);
  return holdsOn ? inUse : { leaf, ca };
}

/**
 * This replica has read nothing for a while. Could the others have replaced this CA meanwhile, and removed it from the
 * bundles? Only an old CA is replaced, so during the months before, a long outage of the API server does no harm.
 */
export function isCutOff(ca: Held, memory: Memory, now: number, pace: Pace): boolean {
  return now - memory.lookedAt > pace.overlap / 2 && isOld(ca, now + BACK_DATED);
}

/** A leaf that ends with its CA is never old: a new one would end no later. */
function isDone(leaf: Held, ca: Held, now: number): boolean {
  return !validAt(leaf, now) || (isOld(leaf, now) && leaf.to < ca.to);
}

function isOld({ made, to }: Held, now: number): boolean {
  return now >= made + ((to - made) * 2) / 3;
}

function changed(trust: readonly Trust[], change: (bundle: string) => string): readonly Write[] {
  return trust
    .map(({ name, version, bundles }) => ({ name, version, bundles: bundles.map(change), before: bundles }))
    .filter(({ bundles, before }) => bundles.some((bundle, at) => bundle !== before[at]))
    .map(({ name, version, bundles }) => ({ name, version, bundles }));
}
