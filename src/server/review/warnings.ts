/** The warnings of an answer, within what the API server shows of them. */
import { plain } from '../../lib/text.ts';
import type { Decision } from '../../admission/decision.ts';
import { marked } from './marked.ts';

/**
 * All webhooks of a request share 4,096 characters; past that each warning is cut to 256 and the rest is
 * dropped (docs/kserve.md, API server: warnings). 1,500 leaves the others their share, and 250 survives the cut.
 */
const MAX_WARNING = 250;
const MAX_WARNINGS = 1500;
/** Kept free for "and n more: ...". */
const MORE_RESERVE = 60;

/** @returns the lines that kubectl prints, what matters most first */
export function warningsOf(decision: Decision): readonly string[] {
  if (decision.outcome === 'failed' || decision.outcome === 'probed') return [];
  // What could not be known or done comes first: it puts everything after it into perspective.
  const remarks = decision.outcome === 'allow' ? decision.remarks : [];
  // Each text once, with the number of problems that it stands for.
  const texts = new Map<string, number>();
  for (const remark of remarks) texts.set(plain(remark, MAX_WARNING), 1);
  for (const { severity, short, rule, count = 1 } of decision.warnings) {
    if (severity !== 'note') texts.set(marked(short, rule, MAX_WARNING), count);
  }
  return withinBudget([...texts]);
}

function withinBudget(texts: readonly (readonly [text: string, count: number])[]): readonly string[] {
  const total = texts.reduce((sum, [text]) => sum + text.length, 0);
  if (total <= MAX_WARNINGS) return texts.map(([text]) => text);
  const shown: string[] = [];
  let used = 0;
  for (const [text] of texts) {
    if (used + text.length > MAX_WARNINGS - MORE_RESERVE) break;
    used += text.length;
    shown.push(text);
  }
  const left = texts.slice(shown.length).reduce((sum, [, count]) => sum + count, 0);
  return [...shown, `and ${left} more: headcount lint shows all`];
}
