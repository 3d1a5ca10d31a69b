/**
 * The tokens of Go's templates, as the lexer of text/template reads them (lex.go of Go 1.26). The text between
 * actions is skipped: no answer depends on it.
 */
import { TemplateError } from './error.ts';

export type TokenType =
  | 'left'
  | 'right'
  | 'space'
  | 'assign'
  | 'declare'
  | 'pipe'
  | 'string'
  | 'number'
  | 'complex'
  | 'character'
  | 'variable'
  | 'field'
  | 'dot'
  | 'identifier'
  | 'bool'
  | 'keyword'
  | 'open'
  | 'close'
  | 'other'
  | 'end';

export interface Token {
  readonly type: TokenType;
  readonly text: string;
  /** Where it begins in the template. */
  readonly at: number;
}

const KEYWORDS: ReadonlySet<string> = new Set(
  'block break continue define else end if nil range template with'.split(' '),
);

const SPACE = /[ \t\r\n]*/y;
const WORD = /[\p{L}\p{Nd}_]*/uy;
const QUOTED = /"(?:[^"\\\n]|\\[^\n])*"/suy;
const RAW = /`[^`]*`/y;
const CHARACTER = /'(?:[^'\\\n]|\\[^\n])*'/suy;
const HEX = /[+-]?0[xX][\da-fA-F_]*(?:\.[\da-fA-F_]*)?(?:[pP][+-]?[\d_]*)?i?/y;
const OCTAL = /[+-]?0[oO][0-7_]*(?:\.[0-7_]*)?i?/y;
const BINARY = /[+-]?0[bB][01_]*(?:\.[01_]*)?i?/y;
const DECIMAL = /[+-]?[\d_]*(?:\.[\d_]*)?(?:[eE][+-]?[\d_]*)?i?/y;
const PRINTABLE = /^[ -~]$/;

const SINGLE: Readonly<Record<string, TokenType>> = { '=': 'assign', '|': 'pipe', '(': 'open', ')': 'close' };

export class Lexer {
  readonly #input: string;
  #at = 0;
  #inside = false;
  #parentheses = 0;

  constructor(input: string) {
    this.#input = input;
  }

  /** @throws TemplateError where Go's lexer gives up */
  next(): Token {
    return this.#inside ? this.#inAction() : this.#outside();
  }

  #outside(): Token {
    for (;;) {
      const at = this.#input.indexOf('{{', this.#at);
      if (at < 0) return { type: 'end', text: '', at: this.#input.length };
      this.#at = at + 2;
      if (this.#input.charAt(this.#at) === '-' && isSpace(this.#input.charAt(this.#at + 1))) this.#at += 2;
      if (!this.#input.startsWith('/*', this.#at)) {
        this.#inside = true;
        this.#parentheses = 0;
        return { type: 'left', text: '{{', at };
      }
      this.#comment(at);
    }
  }

  #comment(at: number): void {
    const end = this.#input.indexOf('*/', this.#at + 2);
    if (end < 0) throw new TemplateError('unclosed comment', at);
    this.#at = end + 2;
    const delimiter = this.#rightDelimiter();
    if (delimiter === 0) throw new TemplateError('comment ends before closing delimiter', at);
    this.#at += delimiter;
  }

  /** Characters of a closing delimiter at this place, with its trim marker; 0 for none. */
  #rightDelimiter(): number {
    if (this.#input.startsWith('}}', this.#at)) return 2;
    return isSpace(this.#input.charAt(this.#at)) && this.#input.startsWith('-}}', this.#at + 1) ? 4 : 0;
  }

  #inAction(): Token {
    const at = this.#at;
    const delimiter = this.#rightDelimiter();
    if (delimiter > 0) {
      if (this.#parentheses > 0) throw new TemplateError('unclosed left paren', at);
      this.#inside = false;
      return this.#token('right', delimiter);
    }
    const character = this.#character();
    if (character === '') throw new TemplateError('unclosed action', at);
    if (isSpace(character)) return this.#spaces(this.#match(SPACE));
    if (character === '"') return this.#quoted('string', QUOTED, 'unterminated quoted string');
    if (character === '`') return this.#quoted('string', RAW, 'unterminated raw quoted string');
    if (character === "'") return this.#quoted('character', CHARACTER, 'unterminated character constant');
    if (character === '$') return this.#named('variable', 1);
    const following = this.#input.charAt(at + 1);
    if (character === '.' && following !== '' && !/\d/.test(following)) return this.#named('field', 1);
    if (/[-+.\d]/.test(character)) return this.#number();
    if (/[\p{L}\p{Nd}_]/u.test(character)) return this.#named('identifier', 0);
    return this.#mark(character);
  }

  #mark(character: string): Token {
    const at = this.#at;
    if (character === ':') {
      if (!this.#input.startsWith(':=', at)) throw new TemplateError('expected :=', at);
      return this.#token('declare', 2);
    }
    if (character === '(') this.#parentheses++;
    if (character === ')' && --this.#parentheses < 0) throw new TemplateError('unexpected right paren', at);
    if (!PRINTABLE.test(character)) throw new TemplateError('unrecognized character in action', at);
    return this.#token(SINGLE[character] ?? 'other', 1);
  }

  /** The last space of several may belong to a closing delimiter with a trim marker. */
  #spaces(length: number): Token {
    const { length: whole } = this.#input;
    const last = this.#at + length - 1;
    const trimmed = last < whole && this.#input.startsWith('-}}', last + 1);
    return this.#token('space', trimmed ? length - 1 : length);
  }

  #quoted(type: TokenType, pattern: RegExp, problem: string): Token {
    const length = this.#match(pattern);
    if (length === 0) throw new TemplateError(problem, this.#at);
    return this.#token(type, length);
  }

  /** @param prefix characters before the name: the dot of a field, the dollar of a variable */
  #named(type: 'variable' | 'field' | 'identifier', prefix: number): Token {
    const start = this.#at;
    this.#at += prefix;
    const length = this.#match(WORD) + prefix;
    this.#at = start + length;
    if (!this.#atTerminator())
      throw new TemplateError(`bad character ${JSON.stringify(this.#character())}`, this.#at);
    const text = this.#input.slice(start, this.#at);
    this.#at = start;
    return this.#token(typeOf(type, text), length);
  }

  #atTerminator(): boolean {
    const character = this.#character();
    return character === '' || ' \t\r\n.,|:)('.includes(character) || this.#input.startsWith('}}', this.#at);
  }

  #number(): Token {
    const start = this.#at;
    const first = this.#scanNumber();
    const sign = this.#input.charAt(start + first);
    const isComplex = sign === '+' || sign === '-';
    this.#at = start + first;
    const length = first + (isComplex ? this.#scanNumber() : 0);
    this.#at = start;
    if (isComplex && this.#input.charAt(start + length - 1) !== 'i')
      throw new TemplateError(BAD_NUMBER, start);
    return this.#token(isComplex ? 'complex' : 'number', length);
  }

  #scanNumber(): number {
    const start = this.#at;
    const prefix = /^[+-]?0([xXoObB])/.exec(this.#input.slice(start, start + 3))?.[1]?.toLowerCase();
    const length = this.#match(
      prefix === 'x' ? HEX : prefix === 'o' ? OCTAL : prefix === 'b' ? BINARY : DECIMAL,
    );
    const [following = ''] = this.#input.slice(start + length, start + length + 2);
    if (/[\p{L}\p{Nd}_]/u.test(following)) throw new TemplateError(BAD_NUMBER, start);
    return length;
  }

  /** The character at this place, both halves of a surrogate pair; '' at the end. */
  #character(): string {
    const code = this.#input.codePointAt(this.#at);
    return code === undefined ? '' : String.fromCodePoint(code);
  }

  #match(pattern: RegExp): number {
    pattern.lastIndex = this.#at;
    return pattern.exec(this.#input)?.[0].length ?? 0;
  }

  #token(type: TokenType, length: number): Token {
    const at = this.#at;
    this.#at += length;
    return { type, text: this.#input.slice(at, this.#at), at };
  }
}

function isSpace(character: string): boolean {
  return character === ' ' || character === '\t' || character === '\r' || character === '\n';
}

const BAD_NUMBER = 'bad number syntax';

function typeOf(type: 'variable' | 'field' | 'identifier', text: string): TokenType {
  if (type === 'field') return text === '.' ? 'dot' : 'field';
  if (type === 'variable') return 'variable';
  if (KEYWORDS.has(text)) return 'keyword';
  return text === 'true' || text === 'false' ? 'bool' : 'identifier';
}
