/**
 * Findings that an object's author has taken note of: the annotation headcount.dev/suppress names their
 * rules, with commas or spaces between them. Only lint reads it, so this is
 * not in src/rules: in the cluster an author can't switch off a rule.
 */
import { annotationField } from '../../kserve/annotations.ts';
import { asString, at } from '../../lib/json.ts';
import { RULE_IDS } from '../../rules/index.ts';
import type { Finding, Owner } from '../../rules/rule.ts';
import { nearest } from '../../lib/nearest.ts';
import { quote } from '../../lib/text.ts';

export const SUPPRESS = 'headcount.dev/suppress';

/** The note for a name in the annotation that is not a rule. It is not a rule, so it can't be switched off. */
export const UNKNOWN_SUPPRESSION = {
  id: 'unknown-suppression',
  summary: `The annotation ${SUPPRESS} names rules that exist`,
} as const;

/** @returns the names in an object's annotation, each once, in its order. */
export function suppressedBy(object: unknown): readonly string[] {
  const names = asString(at(object, 'metadata', 'annotations', SUPPRESS)) ?? '';
  return [...new Set(names.split(/[\s,]+/).filter((name) => name !== ''))];
}

/** @returns a note for each name that is no rule. */
export function unknownAmong(names: readonly string[], owner: Owner): readonly Finding[] {
  return names
    .filter((name) => !RULE_IDS.includes(name))
    .map((name) => ({
      rule: UNKNOWN_SUPPRESSION.id,
      severity: 'note',
      field: annotationField(SUPPRESS),
      owner,
      message: `${quote(name)} is no rule, so it suppresses nothing`,
      fix: `write ${nearest(name, RULE_IDS) ?? 'the id of a rule'}: headcount explain lists them`,
      short: `${quote(name)} in ${SUPPRESS} is no rule`,
    }));
}
