/** Changes of a text by offset, so that what is not named stays as it is, byte by byte. */
export interface Splice {
  /** Offsets in UTF-16 units of the text as it was: of the first character that goes, and behind the last. */
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/**
 * @param splices which do not overlap; of several at one place the first comes first
 * @returns the changed text
 */
export function spliced(text: string, splices: readonly Splice[]): string {
  const parts: string[] = [];
  let done = 0;
  for (const { start, end, text: added } of splices.toSorted((a, b) => a.start - b.start || a.end - b.end)) {
    parts.push(text.slice(done, start), added);
    done = Math.max(done, end);
  }
  return [...parts, text.slice(done)].join('');
}

/** @returns the offset of the first character of the line that this offset is on. */
export function lineStart(text: string, offset: number): number {
  return text.lastIndexOf('\n', offset - 1) + 1;
}

/** @returns the offset of the line end that follows; of \r\n that of the \r. */
export function lineEnd(text: string, offset: number): number {
  const end = text.indexOf('\n', offset);
  if (end === -1) return text.length;
  return end > offset && text[end - 1] === '\r' ? end - 1 : end;
}

/** @returns the spaces and tabs that the line of this offset begins with. */
export function indentation(text: string, offset: number): string {
  return /^[ \t]*/.exec(text.slice(lineStart(text, offset)))?.[0] ?? '';
}

/** @returns what adds whole lines behind the line on which a value ends. */
export function linesAfter(text: string, end: number, lines: readonly string[], eol: string): Splice {
  // A block scalar ends behind its line end, and may mean the empty lines that follow.
  if (end > 0 && text[end - 1] === '\n')
    return { start: end, end, text: lines.map((line) => line + eol).join('') };
  const at = lineEnd(text, end);
  return { start: at, end: at, text: lines.map((line) => eol + line).join('') };
}
