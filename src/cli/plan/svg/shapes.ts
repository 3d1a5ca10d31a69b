/** Shapes of a picture at whole pixels, and how wide a text is: nothing can be measured where they are made. */
import { plain } from '../../../lib/text.ts';
import { element, escaped, type Attributes } from '../../shared/xml.ts';

/** Part of a picture, from its own upper left corner on. */
export interface Block {
  readonly xml: string;
  readonly width: number;
  readonly height: number;
}

/** Pixels of each style of text. */
export const FONT_SIZES = {
  title: 16,
  words: 13,
  quiet: 12,
  deny: 13,
  warn: 13,
  label: 11,
  rank: 10,
} as const;
export type TextStyle = keyof typeof FONT_SIZES;

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/**
 * @param style class of the style sheet
 * @param title what a pointer on it shows; '' for nothing
 */
export function rect({ x, y, width, height }: Box, style: string, title = '', radius = 3): string {
  const attributes = { class: style, x, y, width, height, rx: radius };
  return element('rect', attributes, title === '' ? '' : element('title', {}, escaped(title)));
}

/** @param y of the base line */
export function text(
  x: number,
  y: number,
  style: TextStyle,
  words: string,
  anchor: 'start' | 'middle' | 'end' = 'start',
): string {
  const attributes: Attributes = { class: style, x, y, ...(anchor !== 'start' && { 'text-anchor': anchor }) };
  return element('text', attributes, escaped(words));
}

export function path(d: string, style: string): string {
  return element('path', { class: style, d }, '');
}

/** @returns the block with its corner at this place. */
export function placed({ xml }: Block, x: number, y: number, attributes: Attributes = {}): string {
  return element('g', { ...attributes, transform: `translate(${x} ${y})` }, `\n${xml}`);
}

/** @returns blocks one below the other. */
export function stacked(blocks: readonly Block[], gap: number): Block {
  let height = 0;
  const parts: string[] = [];
  for (const block of blocks) {
    parts.push(placed(block, 0, height));
    height += block.height + gap;
  }
  return {
    xml: parts.join(''),
    width: Math.max(0, ...blocks.map(({ width }) => width)),
    height: Math.max(0, height - gap),
  };
}

/** @returns lines of text, folded where they are very long. */
export function lines(texts: readonly (readonly [TextStyle, string])[]): Block {
  const parts: string[] = [];
  let height = 0;
  let width = 0;
  for (const [style, words] of texts) {
    for (const line of folded(words)) {
      height += FONT_SIZES[style] + 6;
      width = Math.max(width, textWidth(line, style));
      parts.push(text(0, height - 5, style, line));
    }
  }
  return { xml: parts.join(''), width, height };
}

/** The width of a character in a monospace font, in em; a character outside ASCII may be twice as wide. */
const ADVANCE = 0.61;
const WIDE_ADVANCE = 1.25;

/** @returns the most pixels that a text may take. */
export function textWidth(words: string, style: TextStyle): number {
  let em = 0;
  for (const character of words) em += character <= '~' ? ADVANCE : WIDE_ADVANCE;
  return Math.ceil(em * FONT_SIZES[style]);
}

const LONGEST_TEXT = 400;
const LONGEST_LINE = 96;

/** @returns the text in lines, broken at spaces, and within a word only where it is longer than a line. */
function folded(words: string): readonly string[] {
  const folds: string[] = [];
  let line = '';
  for (const word of plain(words, LONGEST_TEXT).split(' ').flatMap(pieces)) {
    if (line !== '' && line.length + 1 + word.length > LONGEST_LINE) {
      folds.push(line);
      line = '';
    }
    line = line === '' ? word : `${line} ${word}`;
  }
  return [...folds, line];
}

function pieces(word: string): readonly string[] {
  const characters = Array.from(word);
  return Array.from({ length: Math.max(1, Math.ceil(characters.length / LONGEST_LINE)) }, (_, index) =>
    characters.slice(index * LONGEST_LINE, (index + 1) * LONGEST_LINE).join(''),
  );
}
