/** Texts that name their rule. */
import { plain } from '../../lib/text.ts';

/**
 * @param page the address of the rule's page, which is added after the id; null for none
 * @returns a text that ends in its rule's id and that page, even where it had to be cut
 */
export function marked(text: string, rule: string, limit: number, page: string | null = null): string {
  const mark = ` (${rule})${page === null ? '' : `: ${page}`}`;
  return plain(text, limit - mark.length) + mark;
}
