/**
 * Ratcheting: an update is not denied for a fault that the stored object already has (README.md, What it refuses).
 * The idea comes from Kubernetes' CRD validation ratcheting.
 */
import type { Finding } from '../rules/rule.ts';
import { asWarning } from './enforcement.ts';

/**
 * @param findings of the new object
 * @param before lists of findings of the stored one, judged against today's cluster; the next one is made only while
 *   a denial is left
 * @returns the findings, with denials of the same rule, field and cited values lowered to warnings. Of a rule that has
 *   more denials than are listed (rules/bounded.ts) all are lowered, unless there are more now than before
 */
export function ratchet(
  findings: readonly Finding[],
  before: Iterable<readonly Finding[]>,
): readonly Finding[] {
  const lists: (readonly Finding[])[] = [];
  let left = findings;
  if (!isDenied(left)) return left;
  for (const list of before) {
    lists.push(list);
    left = lowered(findings, lists);
    if (!isDenied(left)) break;
  }
  return left;
}

function isDenied(findings: readonly Finding[]): boolean {
  return findings.some(({ severity }) => severity === 'deny');
}

function lowered(findings: readonly Finding[], lists: readonly (readonly Finding[])[]): readonly Finding[] {
  const known = new Map<string, number>();
  for (const finding of lists.flat()) {
    const key = keyOf(finding);
    known.set(key, (known.get(key) ?? 0) + 1);
  }
  const crowded = crowdedRules(findings, lists);
  return findings.map((finding) => {
    if (finding.severity !== 'deny') return finding;
    if (crowded.has(finding.rule)) return asWarning(finding);
    const key = keyOf(finding);
    const left = known.get(key) ?? 0;
    if (left === 0) return finding;
    known.set(key, left - 1);
    return asWarning(finding);
  });
}

/** @returns the rules that had more denials than are listed, and have no more of them now */
function crowdedRules(
  findings: readonly Finding[],
  lists: readonly (readonly Finding[])[],
): ReadonlySet<string> {
  const rules = lists
    .flat()
    .filter(({ severity, count }) => severity === 'deny' && count !== undefined)
    .map(({ rule }) => rule);
  const isNoWorse = (rule: string): boolean =>
    lists.some((list) => denials(findings, rule) <= denials(list, rule));
  return new Set(rules.filter(isNoWorse));
}

function denials(findings: readonly Finding[], rule: string): number {
  const denied = findings.filter((finding) => finding.rule === rule && finding.severity === 'deny');
  return denied.reduce((sum, { count = 1 }) => sum + count, 0);
}

/** List positions are left out: an entry that is inserted before the faulty one does not make a new fault. */
function keyOf({ rule, field, message }: Finding): string {
  return `${rule}\n${field.replaceAll(/\[\d+\]/g, '[]')}\n${message}`;
}
