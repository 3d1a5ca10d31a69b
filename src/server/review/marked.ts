/** Texts that tell of a rule. */
import { plain } from '../../lib/text.ts';

/**
 * @param page where a page tells of the rule, behind its id
 * @returns a text that ends in its rule's id and that page, even where it had to be cut
 */
export function marked(text: string, rule: string, limit: number, page: string | null = null): string {
  const mark = ` (${rule})${page === null ? '' : `: ${page}`}`;
  return plain(text, limit - mark.length) + mark;
}
