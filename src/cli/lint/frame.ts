/** The line of a finding with carets under its token, as compilers show it. */
import { visibleLine } from '../../lib/text.ts';
import type { Place } from '../shared/yaml.ts';

/** A longer line, such as JSON on one line, is cut around the token. */
const WIDEST = 100;
const BEFORE = 30;

/**
 * @param mark colours the carets
 * @returns two lines; none where the line is empty
 */
export function frameOf(
  { line, column, endColumn, source }: Place,
  mark: (carets: string) => string,
): readonly string[] {
  if (source.trim() === '') return [];
  const from = source.length <= WIDEST ? 0 : Math.max(0, column - 1 - BEFORE);
  const to = Math.min(source.length, from + WIDEST);
  const before = (from > 0 ? '...' : '') + shown(source.slice(from, column - 1));
  const token = shown(source.slice(column - 1, Math.min(endColumn - 1, to)));
  const after = shown(source.slice(Math.min(endColumn - 1, to), to)) + (to < source.length ? '...' : '');
  const gutter = String(line);
  const carets = `${covered(before, ' ')}${mark(covered(token, '^') || '^')}`;
  return [`  ${gutter} | ${before}${token}${after}`, `  ${' '.repeat(gutter.length)} | ${carets}`];
}

/** A tab would move the carets. */
function shown(text: string): string {
  return visibleLine(text.replaceAll('\t', ' '));
}

/** @returns `by` for each character of the text; as wide as the text on a terminal, except for wide letters */
function covered(text: string, by: string): string {
  return text.replaceAll(/./gsu, by);
}
