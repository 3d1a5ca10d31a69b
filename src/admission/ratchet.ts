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
 * @returns the findings, with denials of the same rule, field and cited values lowered to warnings
 */
export function ratchet(
  findings: readonly Finding[],
  before: Iterable<readonly Finding[]>,
): readonly Finding[] {
  const known: Finding[] = [];
  let left = findings;
  if (!isDenied(left)) return left;
  for (const list of before) {
    known.push(...list);
    left = lowered(findings, known);
    if (!isDenied(left)) break;
  }
  return left;
}

function isDenied(findings: readonly Finding[]): boolean {
  return findings.some(({ severity }) => severity === 'deny');
}

function lowered(findings: readonly Finding[], before: readonly Finding[]): readonly Finding[] {
  const known = new Map<string, number>();
  for (const finding of before) {
    const key = keyOf(finding);
    known.set(key, (known.get(key) ?? 0) + 1);
  }
  return findings.map((finding) => {
    if (finding.severity !== 'deny') return finding;
    const key = keyOf(finding);
    const left = known.get(key) ?? 0;
    if (left === 0) return finding;
    known.set(key, left - 1);
    return asWarning(finding);
  });
}

/** List positions are left out: an entry that is inserted before the faulty one does not make a new fault. */
function keyOf({ rule, field, message }: Finding): string {
  return `${rule}\n${field.replaceAll(/\[\d+\]/g, '[]')}\n${message}`;
}
