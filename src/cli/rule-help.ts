/**
 * The page about each rule: docs/rules, which the package contains. The terminal, SARIF and the repository show the
 * same text.
 */
import { readFile } from 'node:fs/promises';
import { RULE_IDS } from '../rules/index.ts';
import { didYouMean } from '../lib/nearest.ts';
import { UsageError } from './shared/refusal.ts';
import { UNREADABLE } from './shared/unreadable.ts';

/** docs is two directories up from here, in the sources as in what is built from them. */
export async function ruleHelp(id: string): Promise<string> {
  const page = await readFile(new URL(`../../docs/rules/${id}.md`, import.meta.url), 'utf8');
  // A link to another page leads nowhere from here.
  return page.replaceAll(/\[([^[\]\n]+)\]\(\.[^)\n]*\)/g, '$1');
}

/** @throws UsageError for an id that is no rule's */
export function checkRules(ids: readonly string[]): void {
  const unknown = ids.find((id) => !RULE_IDS.includes(id));
  if (unknown === UNREADABLE.id)
    throw new UsageError(
      `'${unknown}' is no rule: the file could not be read, and that can't be switched off`,
    );
  if (unknown?.includes(',') === true)
    throw new UsageError(`unknown rule '${unknown}': give one rule at a time, each with its own option`);
  if (unknown !== undefined)
    throw new UsageError(
      `unknown rule '${unknown}'${didYouMean(unknown, RULE_IDS)}: headcount explain lists the rules`,
    );
}
