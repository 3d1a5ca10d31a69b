/** Literals of Go's templates, read as strconv reads them. */

const ESCAPES: Readonly<Record<string, string>> = {
  a: '\u0007',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
  '"': '"',
  "'": "'",
};
const ESCAPE = /\\(?:([0-7]{3})|x([\da-fA-F]{2})|u([\da-fA-F]{4})|U([\da-fA-F]{8})|(.))/gsu;
const DECIMAL = /^[+-]?(?:0|[1-9](?:_?\d)*)$/;
const PREFIXED = /^[+-]?0(?:[xX](?:_?[\da-fA-F])+|[bB](?:_?[01])+|[oO]?(?:_?[0-7])+)$/;
const FLOAT = /^[+-]?(?:\d+\.\d*|\.\d+|\d+(?=[eE]))(?:[eE][+-]?\d+)?$/;

/** @returns the text of a quoted or raw string, null where strconv.Unquote refuses it */
export function unquoted(literal: string): string | null {
  if (literal.startsWith('`')) return literal.slice(1, -1).replaceAll('\r', '');
  return unescaped(literal.slice(1, -1), '"');
}

/** Is it one character between single quotes? */
export function isCharacter(literal: string): boolean {
  const text = unescaped(literal.slice(1, -1), "'");
  return text !== null && /^.$/su.test(text);
}

function unescaped(text: string, quote: string): string | null {
  let isValid = true;
  const plain = text.replaceAll(
    ESCAPE,
    (_all, octal?: string, byte?: string, short?: string, long?: string, letter?: string) => {
      const code = parseInt(octal ?? byte ?? short ?? long ?? '0', octal === undefined ? 16 : 8);
      if (letter === undefined) {
        const limit = octal === undefined ? 0x10ffff : 0xff;
        isValid &&= code <= limit && !(code >= 0xd800 && code <= 0xdfff);
        return isValid ? String.fromCodePoint(code) : '';
      }
      isValid &&= letter in ESCAPES && (letter !== '"' || quote === '"') && (letter !== "'" || quote === "'");
      return ESCAPES[letter] ?? '';
    },
  );
  return isValid ? plain : null;
}

/** @returns what Go reads a number as; null where it refuses it, `unsure` where headcount does not follow */
export function numberKind(text: string): 'integer' | 'float' | 'unsure' | null {
  if (DECIMAL.test(text) || PREFIXED.test(text)) return fitsInteger(text) ? 'integer' : null;
  if (FLOAT.test(text)) return Number.isFinite(Number(text)) ? 'float' : 'unsure';
  if (text.includes('__') || /^[+-]?0[xX][^pi]*$/i.test(text)) return null;
  return /[_ipP]/.test(text) ? 'unsure' : null;
}

/** Is it an int of 64 bits? */
function fitsInteger(text: string): boolean {
  if (text.length < 16) return true;
  const digits = text.replaceAll('_', '').replace(/^\+/, '');
  const negative = digits.startsWith('-');
  const bare = negative ? digits.slice(1) : digits;
  if (bare.length > 66) return false;
  const size = BigInt(/^0\d/.test(bare) ? `0o${bare.slice(1)}` : bare);
  return size <= (negative ? 2n ** 63n : 2n ** 63n - 1n);
}
