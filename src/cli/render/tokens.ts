/**
 * Where pairs, items and values end. The nodes of a parsed document do not say where an absent value would be, and
 * their range may include the line end and comments after them. So this file uses the tokens from which the nodes were
 * made. Offsets are in UTF-16 units of the text.
 */
import { isCollection, type CST, type Pair } from 'yaml';
import { withoutEnd } from '../../lib/text.ts';

type Item = CST.CollectionItem;
type BlockToken = CST.BlockMap | CST.BlockSequence;

/** @returns the token of a map or list in block style, null for anything else. */
export function blockToken(node: unknown): BlockToken | null {
  const token = isCollection(node) ? node.srcToken : undefined;
  return token?.type === 'block-map' || token?.type === 'block-seq' ? token : null;
}

/** @returns the tokens of a list's items, one for each; what holds comments only, or a last comma, is none. */
export function listItems(token: CST.Token | undefined): readonly Item[] {
  if (token === undefined || !('items' in token)) return [];
  return (token.items as Item[]).filter(
    (item) => item.start.some(isDash) || item.sep || item.key || item.value,
  );
}

function isDash({ type }: CST.SourceToken): boolean {
  return type === 'seq-item-ind';
}

/** @returns the token of a parsed pair. */
export function pairToken(pair: Pair): Item {
  return pair.srcToken as Item;
}

/** @returns the offset behind a pair or a list item, comments and line ends left aside. */
export function endOfItem(item: Item): number {
  return endOfToken(item.value) ?? endOfHead(item);
}

/** @returns the offset behind what stands before the value: the colon or the dash, an anchor, a tag. */
export function endOfHead({ start, key, sep }: Item): number {
  return endOfList(sep) ?? endOfToken(key) ?? endOfList(start) ?? 0;
}

/** Is there a colon? */
export function hasColon({ sep }: Item): boolean {
  return sep?.some(({ type }) => type === 'map-value-ind') === true;
}

/** @returns the offset of the first character of a pair or a list item that is no space or comment. */
export function startOfItem({ start, key, sep, value }: Item): number {
  const [first] = start.filter(isSignificant);
  return first?.offset ?? key?.offset ?? sep?.[0]?.offset ?? value?.offset ?? 0;
}

/** @returns the offset behind a value; null for one without a character, as after `key:`. */
export function endOfToken(token: CST.Token | null | undefined): number | null {
  switch (token?.type) {
    case undefined:
      return null;
    case 'block-map':
    case 'block-seq':
      return endOfItems(token.items);
    case 'flow-collection':
      return endOfList(token.end) ?? endOfItems(token.items) ?? token.start.offset + 1;
    case 'block-scalar':
      return endOfBlockScalar(token);
    default:
      return !token || sourceOf(token) === '' ? null : token.offset + sourceOf(token).length;
  }
}

/** The empty lines behind it are part of its value where it keeps them (`|+`). */
function endOfBlockScalar({ props, source }: CST.BlockScalar): number {
  const header = props.find(({ type }) => type === 'block-scalar-header');
  const last = props.at(-1);
  const keeps = sourceOf(header).includes('+');
  const content = keeps ? source : withoutEnd(source, '\r\n');
  const behind = content === '' && !keeps ? header : last;
  return (behind === undefined ? 0 : behind.offset + sourceOf(behind).length) + content.length;
}

function endOfItems(items: readonly Item[]): number | null {
  for (const item of items.toReversed()) {
    const end = endOfItem(item);
    if (end > 0) return end;
  }
  return null;
}

function endOfList(tokens: readonly CST.SourceToken[] | undefined): number | null {
  const last = tokens?.filter(isSignificant).at(-1);
  return last === undefined ? null : last.offset + last.source.length;
}

function isSignificant({ type }: CST.SourceToken): boolean {
  return type !== 'space' && type !== 'newline' && type !== 'comment' && type !== 'comma';
}

function sourceOf(token: CST.Token | undefined): string {
  return token !== undefined && 'source' in token ? token.source : '';
}

/** @returns the comments of a pair or a list item; some of them may stand behind its end. */
export function commentsOf(item: Item): readonly CST.SourceToken[] {
  return commentsAmong([...item.start, item.key, ...(item.sep ?? []), item.value]);
}

function commentsAmong(tokens: readonly (CST.Token | null | undefined)[]): readonly CST.SourceToken[] {
  return tokens.flatMap((token) => {
    if (!token) return [];
    if (token.type === 'comment') return [token];
    const inside = 'items' in token ? (token.items as Item[]).flatMap(commentsOf) : [];
    const props = 'props' in token ? commentsAmong(token.props) : [];
    const end = 'end' in token ? commentsAmong(token.end ?? []) : [];
    return [...inside, ...props, ...end];
  });
}
