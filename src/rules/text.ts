/**
 * How a user's value is shown. It may be of any type and length and hold anything: control characters make
 * the API server drop a warning, and zero-width or bidirectional ones make a line read as something else.
 */

/** Long enough for a name that means something, short enough for three in one warning. */
const LONGEST = 60;
/** Nearly every value: nothing in it to look for. */
const PLAIN = /^[\x20-\x7e]*$/;
/** What a reader would not see: control, format (bidirectional) and lone surrogate characters, blank letters. */
const UNSEEN = /[\p{C}\p{Default_Ignorable_Code_Point}\u2028\u2029]/u;

/**
 * @param value any JSON value
 * @returns it in double quotes when it is a string, as JSON otherwise; at most about 60 characters
 */
export function quote(value: unknown): string {
  return typeof value === 'string' ? `"${visible(value)}"` : visible(JSON.stringify(value) ?? 'nothing');
}

/** @returns the text without quotes, escaped and cut in the same way: for names inside longer names. */
export function visible(text: string): string {
  const beginning = text.slice(0, LONGEST + 1);
  if (PLAIN.test(beginning)) return text.length <= LONGEST ? text : `${text.slice(0, LONGEST)}...`;
  let shown = '';
  for (const character of text.slice(0, 2 * LONGEST)) {
    const next = UNSEEN.test(character) ? escaped(character) : character;
    if (shown.length + next.length > LONGEST) return `${shown}...`;
    shown += next;
  }
  return text.length > 2 * LONGEST ? `${shown}...` : shown;
}

function escaped(character: string): string {
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
}
