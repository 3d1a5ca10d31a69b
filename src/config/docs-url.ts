/** Where a platform's own words about a rule stand: the configuration's docsUrl, in which {rule} is the rule's id. */

/** The project's own pages, for those who have none. */
export const RULE_PAGES = 'https://headcount.dev/rules/{rule}';

/** @returns the address of the page about a rule */
export function pageOf(docsUrl: string, rule: string): string {
  return docsUrl.replaceAll('{rule}', rule);
}
