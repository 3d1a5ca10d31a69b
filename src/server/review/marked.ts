/** Texts that tell of a rule. */
import { plain } from '../../lib/text.ts';

/** @returns a text that ends in its rule's id, even where it had to be cut */
export function marked(text: string, rule: string, limit: number): string {
  const mark = ` (${rule})`;
  return plain(text, limit - mark.length) + mark;
}
