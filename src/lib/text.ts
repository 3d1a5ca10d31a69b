/**
 * Text from a request on its way to a person: a terminal, an audit log, a log line. It may be of any length and hold
 * anything: the API server drops a warning that holds a control character, and zero-width or bidirectional ones make a
 * line read as something else.
 */

/** What a reader would not see: control, format (bidirectional) and lone surrogate characters, blank letters. */
const UNSEEN = /[\p{C}\p{Default_Ignorable_Code_Point}\u2028\u2029]/gu;
/** Nearly every text: a tenth of the work of looking each character up. */
const PRINTABLE_ASCII = /^[ -~]*$/;
/** Long enough for a name that means something, short enough for three in one warning. */
const LONGEST_VALUE = 60;

/** @returns the text on one line, with every character that can't be seen written as \u{hex}. */
export function visibleLine(text: string): string {
  return PRINTABLE_ASCII.test(text) ? text : text.replace(UNSEEN, escaped);
}

function escaped(character: string): string {
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
}

/**
 * @param value any JSON value
 * @returns it in double quotes when it is a string, as JSON otherwise; at most about 60 characters
 */
export function quote(value: unknown): string {
  return typeof value === 'string' ? `"${visible(value)}"` : visible(JSON.stringify(value) ?? 'nothing');
}

/** @returns a value without quotes, escaped and cut in the same way: for names inside longer names. */
export function visible(text: string): string {
  const beginning = text.slice(0, LONGEST_VALUE + 1);
  if (PRINTABLE_ASCII.test(beginning)) {
    return text.length <= LONGEST_VALUE ? text : `${text.slice(0, LONGEST_VALUE)}...`;
  }
  let shown = '';
  for (const character of text.slice(0, 2 * LONGEST_VALUE)) {
    const next = visibleLine(character);
    if (shown.length + next.length > LONGEST_VALUE) return `${shown}...`;
    shown += next;
  }
  return text.length > 2 * LONGEST_VALUE ? `${shown}...` : shown;
}

/** @returns the text on one visible line of at most `limit` bytes of UTF-8, at least 3. */
export function plain(text: string, limit: number): string {
  // Cut first as well: escaping makes a text up to ten times longer.
  return cut(visibleLine(text.length > limit ? text.slice(0, limit) + ' ' : text), limit);
}

/** Cut with "..." where it is longer; never in the middle of a character. */
function cut(text: string, limit: number): string {
  if (text.length * 3 <= limit) return text;
  if (PRINTABLE_ASCII.test(text)) return text.length <= limit ? text : `${text.slice(0, limit - 3)}...`;
  const bytes = new TextEncoder().encode(text);
  if (bytes.length <= limit) return text;
  const head = new TextDecoder().decode(bytes.subarray(0, limit - 3));
  return `${withoutEnd(head, '\uFFFD')}...`;
}

/**
 * @param characters any of them goes, as often as it is there
 * @returns the text without them at its end; a regular expression would begin anew at each of them, in quadratic time
 */
export function withoutEnd(text: string, characters: string): string {
  let end = text.length;
  while (end > 0 && characters.includes(text.charAt(end - 1))) end--;
  return text.slice(0, end);
}

/** Is the value one of the words but for capital and small letters? */
export function differsInCase(value: unknown, words: readonly string[]): boolean {
  if (typeof value !== 'string' || words.includes(value)) return false;
  return words.some((word) => word.length === value.length && word.toLowerCase() === value.toLowerCase());
}
