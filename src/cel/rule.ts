/** What the policy knows of a rule. The rules' own texts and order are those of src/rules. */
import type { Side } from './cel.ts';

/** The two kinds of objects, each with a policy of its own. */
export type Subject = 'services' | 'runtimes';

/**
 * @returns CEL for a list of texts: what the rule denies in the object of that side, with the values that it cites.
 *   The policy may know less than headcount. So `''` lists only certain denials, and `Before` lists all possible
 *   denials. Then the policy never denies an update about which headcount would only warn.
 */
type Found = (side: Side) => string;

/** A denial that the policy does not make, and why. */
interface Left {
  readonly what: string;
  readonly why: string;
}

export interface CelRule {
  readonly id: string;
  /** What it denies, in words, for the table in docs/policy.md; absent where it denies nothing. */
  readonly covers?: string;
  readonly services?: Found;
  readonly runtimes?: Found;
  readonly left: readonly Left[];
}
