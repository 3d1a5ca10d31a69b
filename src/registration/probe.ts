/**
 * How headcount finds out that the API server reaches it. It creates an Event as a dry run, so nothing is stored. In each
 * webhook configuration the entry `probe` matches an Event of this name, and nothing else: the API server asks headcount
 * about it through the Service, and headcount refuses it in words of its own. Only these words prove that a headcount
 * was asked. Where none answers, the Event passes, because failurePolicy is Ignore.
 */
import type { Kind } from './registration.ts';

/** What headcount says to a probe. */
export const ANSWER = 'headcount was asked: this Event only tries whether it is';

const PREFIX = 'headcount-probe-';

/** @returns the name of the Event that the configuration of this kind matches; the chart has the same */
export function probeName(kind: Kind): string {
  return `${PREFIX}${kind}`;
}

/** Is a request about the Event of a probe? */
export function isProbe(group: string, kind: string, name: string): boolean {
  return group === '' && kind === 'Event' && name.startsWith(PREFIX);
}
