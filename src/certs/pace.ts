/** How long certificates live, and how quickly the replicas move: the numbers and where they come from. */

/** Milliseconds. Each is renewed when two thirds are over. */
export interface Lifetimes {
  readonly leaf: number;
  readonly ca: number;
}

/** Milliseconds. */
export interface Pace {
  /** Between two looks. */
  readonly interval: number;
  /** After a CA has been in every bundle for this long, every API server trusts it. */
  readonly settle: number;
  /** After the Secret has held a leaf of a CA for this long, no replica serves a leaf of the previous CA. */
  readonly overlap: number;
}

const SECOND = 1_000;
const DAY = 86_400 * SECOND;

/**
 * The CA lives for a year, so that its replacement is a regular event that people have seen work. When it is replaced
 * it has 121 days left. That is more than the lifetime of a leaf, so no leaf has to end early.
 */
export const LIFETIMES: Lifetimes = { leaf: 90 * DAY, ca: 365 * DAY };

/**
 * Every replica must serve a new leaf within 5 s, and repair tampering within 10 s: hence an interval of 3 s. API
 * servers watch webhook configurations and notice a change within a second: `settle` is five times that. A replica
 * that can read the cluster serves the new CA's leaf after `settle` and at most two intervals. The overlap is a hundred
 * intervals: a replica that has read nothing for half of it becomes unhealthy (see isCutOff), and the other half is
 * the time to remove it from the Service.
 */
export const PACE: Pace = { interval: 3 * SECOND, settle: 5 * SECOND, overlap: 300 * SECOND };
