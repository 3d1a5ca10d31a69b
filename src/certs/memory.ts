/**
 * What a replica has seen, and for how long. The Secret and the bundles show the current state, but not since when it
 * holds, and a rotation must wait for API servers and for the other replicas. Each replica counts on its own. After
 * a restart a replica counts from zero, so it only waits longer.
 */
import { idsIn, type CertificateId } from './bundle.ts';
import type { Pace } from './pace.ts';
import { validAt, type Held, type Stored } from './stored.ts';
import type { Trust } from './stores.ts';

const HOUR = 3_600_000;
/** This many renewals in a row are made without a pause: somebody may set the cluster's clocks more than once. */
const FREELY = 5;
/** In intervals: renewals that are less than twice this apart count as quick. Far less than any lifetime. */
const QUICK = 10;

/** One look at the cluster. `now` in milliseconds since 1970. */
export interface Sight {
  readonly stored: Stored | null;
  readonly trust: readonly Trust[];
  readonly now: number;
}

/** Durations in milliseconds of looking. */
export interface Memory {
  readonly lookedAt: number;
  /** The CAs that are in every bundle, and for how long without a gap. */
  readonly trusted: ReadonlyMap<CertificateId, number>;
  /** The trusted CA whose valid leaf is in the Secret, and for how long this has been so. */
  readonly serving: { readonly ca: CertificateId; readonly time: number } | null;
  /** This replica's renewals in quick succession, and when the last one was. */
  readonly renewals: { readonly count: number; readonly at: number };
}

export const NOTHING_SEEN: Memory = {
  lookedAt: Infinity,
  trusted: new Map(),
  serving: null,
  renewals: { count: 0, at: -Infinity },
};

/**
 * Adds the time between two looks, but at most one interval. So neither a changed clock nor a paused process makes
 * a CA look settled.
 */
export function remember({ stored, trust, now }: Sight, memory: Memory, pace: Pace): Memory {
  const elapsed = Math.min(Math.max(now - memory.lookedAt, 0), pace.interval);
  const trusted = new Map<CertificateId, number>();
  for (const ca of inEvery(trust)) {
    const before = memory.trusted.get(ca);
    trusted.set(ca, before === undefined ? 0 : before + elapsed);
  }
  const { ca = null, leaf = null } = stored ?? {};
  const before = memory.serving;
  const serving =
    ca !== null && leaf !== null && validAt(leaf, now) && trusted.has(ca.id)
      ? { ca: ca.id, time: before?.ca === ca.id ? before.time + elapsed : 0 }
      : null;
  return { ...memory, lookedAt: now, trusted, serving };
}

/**
 * Two replicas whose clocks show different years would undo each other's work at every look: each sees the other's
 * certificates as expired or not yet valid. So a replica that must renew several times in quick succession waits
 * twice as long each time, up to an hour. An unreadable Secret has nothing to do with clocks: it is replaced at once.
 */
export function mayRenew({ renewals }: Memory, now: number, { interval }: Pace): boolean {
  return Math.abs(now - renewals.at) >= restAfter(renewals.count, interval);
}

export function rememberRenewal(memory: Memory, now: number, { interval }: Pace): Memory {
  const { count, at } = memory.renewals;
  const quick = Math.abs(now - at) < 2 * Math.max(restAfter(count, interval), QUICK * interval);
  return { ...memory, renewals: { count: quick ? count + 1 : 1, at: now } };
}

function restAfter(count: number, interval: number): number {
  return count < FREELY ? 0 : Math.min(interval * 2 ** (count - FREELY), HOUR);
}

/** Has this CA been in every bundle for long enough to be served? */
export function hasSettled(ca: Held, { trusted }: Memory, { settle }: Pace): boolean {
  return (trusted.get(ca.id) ?? -1) >= settle;
}

/** @returns the CAs that are in every bundle; none when there is no bundle, because then nobody trusts us */
function inEvery(trust: readonly Trust[]): readonly CertificateId[] {
  const [first = [], ...others] = trust.flatMap(({ bundles }) => bundles.map(idsIn));
  return first.filter((id) => others.every((ids) => ids.includes(id)));
}
