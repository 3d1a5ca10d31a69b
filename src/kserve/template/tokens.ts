/** The tokens of a template with the look-ahead that Go's parser has (parse.go: next, backup, peek). */
import { TemplateError } from './error.ts';
import { Lexer, type Token, type TokenType } from './lexer.ts';

export class Tokens {
  readonly #lexer: Lexer;
  #ahead: Token[] = [];

  constructor(template: string) {
    this.#lexer = new Lexer(template);
  }

  next(): Token {
    return this.#ahead.pop() ?? this.#lexer.next();
  }

  /** The last one given comes first. */
  backUp(...tokens: readonly Token[]): void {
    this.#ahead.push(...tokens);
  }

  peek(): Token {
    const token = this.next();
    this.backUp(token);
    return token;
  }

  nextAfterSpace(): Token {
    let token = this.next();
    while (token.type === 'space') token = this.next();
    return token;
  }

  peekAfterSpace(): Token {
    const token = this.nextAfterSpace();
    this.backUp(token);
    return token;
  }

  expect(type: TokenType, context: string): Token {
    const token = this.nextAfterSpace();
    if (token.type !== type) throw unexpected(token, context);
    return token;
  }
}

export function unexpected({ type, text, at }: Token, context: string): TemplateError {
  return new TemplateError(`unexpected ${type === 'end' ? 'EOF' : JSON.stringify(text)} in ${context}`, at);
}
