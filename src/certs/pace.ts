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
  /** When a CA has been in every bundle for so long, every API server has noticed. */
  readonly settle: number;
  /** When the Secret has held a leaf of a CA for so long, no replica serves one of the CA before. */
  readonly overlap: number;
}

const SECOND = 1_000;
const DAY = 86_400 * SECOND;

/**
 * A CA of a year, so that its replacement is nothing that happens once in ten years and that nobody has ever
 * seen work. When it is replaced it has 121 days left: more than a leaf, so no leaf is cut short by its end.
 */
export const LIFETIMES: Lifetimes = { leaf: 90 * DAY, ca: 365 * DAY };

/**
 * A leaf is to be served everywhere within 5 s of being written, and tampering to be healed within 10 s: hence
 * 3 s. API servers notice a changed webhook configuration within a second, by their watch: 5 s is five times
 * that. A replica that can read changes over after `settle` and two intervals at most. The overlap is a hundred
 * intervals: a replica that has read nothing for half of it is not healthy any more (see isCutOff), and the
 * other half is there for taking it out of the Service.
 */
export const PACE: Pace = { interval: 3 * SECOND, settle: 5 * SECOND, overlap: 300 * SECOND };
