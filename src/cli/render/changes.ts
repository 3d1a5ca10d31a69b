/** Single changes of a text: adding or removing pairs and list items, and replacing a value. */
import { isCollection, isScalar, Scalar, type CST, type Node } from 'yaml';
import { flowYaml, stringYaml } from '../shared/yaml-write.ts';
import { collectionLines, isFull, itemLines, linesUnder, pairLines, type Full } from './block.ts';
import { comma, flowPair, flowText, type Flow } from './flow.ts';
import { indentation, lineEnd, linesAfter, lineStart, type Splice } from './splice.ts';
import type { AuthorStyle } from './style.ts';
import { blockToken, commentsOf, endOfHead, endOfItem, endOfToken, hasColon, startOfItem } from './tokens.ts';
import { withoutEnd } from '../../lib/text.ts';

type Item = CST.CollectionItem;

/** A place that can't be written without changing another. */
export class EditProblem extends Error {}

/** The text, and how its author writes. */
export interface Page {
  readonly text: string;
  readonly style: AuthorStyle;
}

/** A map or list from the inside. */
export interface Inside {
  /** Column of its keys or dashes, in block style. */
  readonly column: number;
  /** Its brackets; null in block style. */
  readonly flow: Flow | null;
}

/** Where a value stands. */
export interface Site extends Inside {
  readonly node: unknown;
  /** The pair or list item that it is the value of; null for the document's own. */
  readonly item: Item | null;
  readonly within: 'map' | 'list' | 'document';
}

/** @param last the pair after which the new ones are added */
export function addPairs(
  { text, style }: Page,
  last: Item,
  added: readonly (readonly [string, unknown])[],
  { column, flow }: Inside,
): Splice {
  const end = endOfItem(last);
  if (flow === null) {
    const lines = added.flatMap(([key, value]) => pairLines(key, value, column, style));
    return linesAfter(text, end, lines, style.eol);
  }
  const indent = indentation(text, startOfItem(last));
  const pairs = added.map(
    ([key, value]) => comma(flow, indent, style) + flowPair(key, value, flow, indent, style),
  );
  return { start: end, end, text: pairs.join('') };
}

/**
 * @param last the item after which the new ones are added
 * @param model an existing item of the list: if it has brackets, the new items get brackets too
 */
export function addItems(
  { text, style }: Page,
  last: Item,
  added: readonly unknown[],
  model: unknown,
  { column, flow }: Inside,
): Splice {
  const end = endOfItem(last);
  if (flow === null) {
    const isShort = isCollection(model) && model.flow === true;
    const lines = added.flatMap((item) =>
      isShort ? [`${' '.repeat(column)}- ${flowYaml(item, style)}`] : itemLines(item, column, style),
    );
    return linesAfter(text, end, lines, style.eol);
  }
  const indent = indentation(text, startOfItem(last));
  const items = added.map((item) => comma(flow, indent, style) + flowText(item, flow, indent, style));
  return { start: end, end, text: items.join('') };
}

/**
 * Takes pairs or list items out; the comments among them stay.
 * @param all what the map or list holds
 * @throws EditProblem
 */
export function remove(
  page: Page,
  gone: readonly Item[],
  all: readonly Item[],
  inside: Inside,
): readonly Splice[] {
  const { eol } = page.style;
  return gone.map((item) => {
    const [start, end] = inside.flow === null ? linesOf(page, item) : withComma(item, gone, all);
    const comments = all.flatMap(commentsOf).filter(({ offset }) => start <= offset && offset < end);
    const indent = inside.flow === null ? ' '.repeat(inside.column) : indentation(page.text, start);
    const lines = comments.map(({ source }) =>
      inside.flow === null ? indent + source + eol : eol + indent + source + eol + indent,
    );
    return { start, end, text: lines.join('') };
  });
}

/** @returns the offsets of the lines that a pair or a list item in block style takes up. */
function linesOf({ text }: Page, item: Item): readonly [number, number] {
  const [start, end] = [startOfItem(item), endOfItem(item)];
  const from = lineStart(text, start);
  if (text.slice(from, start).trim() !== '') {
    throw new EditProblem('what has to go shares its line with what stays');
  }
  if (text[end - 1] === '\n') return [from, end];
  const next = text.indexOf('\n', end) + 1;
  return [from, next === 0 ? text.length : next];
}

/** @returns the offsets of an item between brackets, with the comma that goes with it. */
function withComma(item: Item, gone: readonly Item[], all: readonly Item[]): readonly [number, number] {
  const index = all.indexOf(item);
  const [previous, next] = [all[index - 1], all[index + 1]];
  const isLast = all.slice(index).every((other) => gone.includes(other));
  if (!isLast && next !== undefined) return [startOfItem(item), startOfItem(next)];
  return [previous === undefined ? startOfItem(item) : endOfItem(previous), endOfItem(item)];
}

/** Puts another value in the place of a scalar, an alias, an empty collection or nothing. */
export function replace(page: Page, site: Site, after: unknown): readonly Splice[] {
  const { node, item, flow, within } = site;
  const end = endOfToken((node as Node | null)?.srcToken);
  const head = item === null ? 0 : endOfHead(item);
  const from = end === null ? head : ((node as Node).range?.[0] ?? head);
  const to = end ?? head;
  if (flow === null && isFull(after)) return block(page, site, after, from, to);
  const text =
    flow === null
      ? scalar(page, node, after)
      : flowText(after, flow, indentation(page.text, from), page.style);
  const lead = end !== null ? '' : within === 'map' && item !== null && !hasColon(item) ? ': ' : ' ';
  const change = { start: from, end: to, text: lead + text };
  // A block that becomes empty may have held comments.
  const comments = blockToken(node) === null || item === null ? [] : commentsOf(item);
  const lost = comments.filter(({ offset }) => from <= offset && offset < to);
  const lines = lost.map(({ source }) => ' '.repeat(site.column) + source);
  return lines.length === 0 ? [change] : [change, linesAfter(page.text, to, lines, page.style.eol)];
}

/** Keeps the quotes of the old value. */
function scalar({ style }: Page, node: unknown, after: unknown): string {
  const type = isScalar(node) ? node.type : undefined;
  if (typeof after !== 'string' || (type !== Scalar.QUOTE_SINGLE && type !== Scalar.QUOTE_DOUBLE)) {
    return flowYaml(after, style);
  }
  const double = { ...style, quote: '"', quoteAll: true } as const;
  return type === Scalar.QUOTE_SINGLE && !after.includes("'") ? `'${after}'` : stringYaml(after, double);
}

function block(
  { text, style }: Page,
  site: Site,
  after: Full,
  start: number,
  end: number,
): readonly Splice[] {
  const { column, within } = site;
  const rest = text.slice(end, lineEnd(text, end));
  if (within === 'list' && rest.trim() === '') {
    const [first = '', ...others] = collectionLines(after, column + 2, style);
    const lead = start === end ? ' ' : '';
    return [{ start, end, text: lead + [first.trimStart(), ...others].join(style.eol) }];
  }
  const lines =
    within === 'map' ? linesUnder(after, column, style) : collectionLines(after, column + 2, style);
  const before = text.slice(0, start);
  const gap = start - withoutEnd(before, ' \t').length;
  const cut = start === end ? [] : [{ start: start - gap, end, text: '' }];
  return [...cut, linesAfter(text, end, lines, style.eol)];
}
