/**
 * Text from a request on its way to a person: a terminal, an audit log, a log line. The API server drops a
 * warning that holds a control character, and zero-width or bidirectional ones make a line read as
 * something else.
 */

/** Control, format (zero-width, bidirectional), surrogate, unassigned; line and paragraph separators. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Cn}\u2028\u2029]/gu;
/** Nearly every text: a tenth of the work of looking each character up. */
const PRINTABLE_ASCII = /^[ -~]*$/;

/** @returns the text on one line, with every character that can't be seen written as \u{hex}. */
export function visibleLine(text: string): string {
  if (PRINTABLE_ASCII.test(text)) return text;
  return text.replace(UNSEEN, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);
}

/**
 * @param limit in bytes of UTF-8, at least 3
 * @returns the text, cut with "..." where it is longer; never in the middle of a character
 */
function cut(text: string, limit: number): string {
  if (text.length * 3 <= limit || Buffer.byteLength(text) <= limit) return text;
  const head = Buffer.from(text.slice(0, limit))
    .subarray(0, limit - 3)
    .toString();
  return `${head.replace(/\uFFFD+$/, '')}...`;
}

/** @returns the text on one visible line of at most `limit` bytes. */
export function plain(text: string, limit: number): string {
  // Cut first as well: escaping makes a text up to ten times longer.
  return cut(visibleLine(text.length > limit ? text.slice(0, limit) + ' ' : text), limit);
}
