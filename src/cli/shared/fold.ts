/** Shows equal notes about several services or places as one line that lists the other places. */
import type { Finding } from '../../rules/rule.ts';

/** Beyond this many places, only the number of the others is shown. */
const MOST_PLACES = 4;

export interface Folded<F extends Finding> {
  readonly finding: F;
  /** The other places with the same note; '' for none. */
  readonly also: string;
}

/**
 * Each finding once. Denials and warnings are never folded: each of them is to be corrected.
 * @param findings in the order in which they are shown
 * @param placeOf where a finding holds, as it is to be shown
 */
export function folded<F extends Finding>(
  findings: readonly F[],
  placeOf: (finding: F) => string,
  isFoldable: (finding: F) => boolean = () => true,
): readonly Folded<F>[] {
  const places = new Map<string, string[]>();
  const shown: { finding: F; others: readonly string[] }[] = [];
  for (const finding of findings) {
    const key = JSON.stringify([finding.rule, finding.message, finding.fix]);
    const others = finding.severity === 'note' && isFoldable(finding) ? places.get(key) : undefined;
    if (others !== undefined) others.push(placeOf(finding));
    else {
      const own: string[] = [];
      if (finding.severity === 'note' && isFoldable(finding)) places.set(key, own);
      shown.push({ finding, others: own });
    }
  }
  return shown.map(({ finding, others }) => ({
    finding,
    also: alsoText([...new Set(others)], placeOf(finding)),
  }));
}

function alsoText(others: readonly string[], own: string): string {
  const places = others.filter((place) => place !== own);
  const more = places.length - MOST_PLACES;
  const listed = places.slice(0, more > 1 ? MOST_PLACES : places.length).join(', ');
  return more > 1 ? `${listed} and ${more} more` : listed;
}
