/**
 * A rule may find a problem in each of a hundred thousand entries, and that many messages would need too much memory.
 * So only the first reports of a rule are kept, and the others are counted.
 */
import type { Report, Severity } from './rule.ts';

/** Reports of one rule about one object that are kept. */
export const MOST_REPORTS = 100;

/**
 * @param reports made one by one, as they are asked for
 * @returns the first hundred, then one for each severity that tells how many more there are
 */
export function bounded(reports: Iterable<Report>): readonly Report[] {
  if (Array.isArray(reports) && reports.length <= MOST_REPORTS) return reports as readonly Report[];
  const kept: Report[] = [];
  let left: Map<Severity, { readonly first: Report; count: number }> | undefined;
  for (const report of reports) {
    if (kept.length < MOST_REPORTS) {
      kept.push(report);
      continue;
    }
    left ??= new Map();
    const same = left.get(report.severity);
    if (same === undefined) left.set(report.severity, { first: report, count: 1 });
    else same.count++;
  }
  for (const { first, count } of left?.values() ?? []) kept.push(more(first, count));
  return kept;
}

/** @param first the first one that is not listed */
function more({ severity, field, owner }: Report, count: number): Report {
  const message = `${count} more of the same kind ${count === 1 ? 'is' : 'are'} not listed, the first one here`;
  const fix = 'correct those that are listed, and check again';
  return { severity, field, ...(owner && { owner }), message, fix, short: `${message}: ${fix}`, count };
}
