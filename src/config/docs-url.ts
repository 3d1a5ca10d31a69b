/** The address of the platform's own page about a rule: the configuration's docsUrl, with the rule's id for {rule}. */

/** The project's own pages, for those who have none. */
export const RULE_PAGES = 'https://headcount.dev/rules/{rule}';

/** @returns the address of the page about a rule */
export function pageOf(docsUrl: string, rule: string): string {
  return docsUrl.replaceAll('{rule}', rule);
}
