/** The contents of the Secret after a step. Keys are made only in this file. */
import { issueCa, issueLeaf } from './issue.ts';
import type { Lifetimes } from './pace.ts';
import type { Pair } from './source.ts';
import type { Step } from './step.ts';
import type { SecretData } from './stores.ts';

export type SecretStep = Exclude<Step, { do: 'nothing' | 'trust' | 'distrust' }>;

/** @param now milliseconds since 1970 */
export async function secretAfter(
  step: SecretStep,
  names: readonly string[],
  now: number,
  lifetimes: Lifetimes,
): Promise<SecretData> {
  // A leaf that outlives its CA would only look valid.
  const leafOf = (ca: Pair, end: number) => issueLeaf(ca, names, now, Math.min(now + lifetimes.leaf, end));
  switch (step.do) {
    case 'create':
    case 'start-over': {
      const ca = await issueCa(now, lifetimes.ca);
      return secretOf(ca, await leafOf(ca, now + lifetimes.ca), null);
    }
    case 'renew-leaf': {
      const { ca, next } = step;
      return secretOf(ca.pair, await leafOf(ca.pair, ca.to), next?.pair ?? null);
    }
    case 'prepare-ca':
      return secretOf(step.ca.pair, step.leaf.pair, await issueCa(now, lifetimes.ca));
    case 'switch-ca': {
      const { pair, to } = step.next;
      return secretOf(pair, await leafOf(pair, to), null);
    }
  }
}

/** Writes the form that readSecret reads. */
function secretOf(ca: Pair, leaf: Pair, next: Pair | null): SecretData {
  return {
    'ca.crt': ca.cert,
    'ca.key': ca.key,
    'tls.crt': leaf.cert,
    'tls.key': leaf.key,
    ...(next !== null && { 'next-ca.crt': next.cert, 'next-ca.key': next.key }),
  };
}
