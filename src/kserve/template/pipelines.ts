/** The pipelines of Go's templates: what stands between `{{` and `}}`, as text/template parses it (parse.go of Go 1.26). */
import { NotFollowed, TemplateError } from './error.ts';
import { isFunction } from './functions.ts';
import type { Token } from './lexer.ts';
import { isCharacter, numberKind, unquoted } from './literals.ts';
import type { Command, Operand, Pipeline } from './nodes.ts';
import { unexpected, type Tokens } from './tokens.ts';

/** Go's parser takes 10,000 parentheses; nobody writes a hundred. */
export const DEEPEST = 100;

const OPERANDS: ReadonlySet<Token['type']> = new Set([
  'bool',
  'character',
  'complex',
  'dot',
  'field',
  'identifier',
  'number',
  'string',
  'variable',
  'open',
]);

/** Operands that can't begin a later stage of a pipeline, and that have no fields. */
const CONSTANTS: ReadonlySet<Operand['type']> = new Set([
  'bool',
  'dot',
  'nil',
  'constant',
  'integer',
  'string',
]);

/** The variables that are declared at a place in the template. */
interface Scope {
  /** How often each variable is declared. */
  readonly counts: Map<string, number>;
  /** The declared names, in order of declaration. */
  readonly names: string[];
}

export class Pipelines {
  readonly #tokens: Tokens;
  #scope: Scope = { counts: new Map(), names: [] };
  #depth = 0;

  constructor(tokens: Tokens) {
    this.#tokens = tokens;
  }

  /** @returns the scope that this one replaces, for backTo */
  newScope(): Scope {
    const before = this.#scope;
    this.#scope = { counts: new Map(), names: [] };
    return before;
  }

  backTo(scope: Scope): void {
    this.#scope = scope;
  }

  /** @returns a place, for release */
  mark(): number {
    return this.#scope.names.length;
  }

  /** Forgets the variables that were declared since. */
  release(mark: number): void {
    const { counts, names } = this.#scope;
    for (const name of names.splice(mark)) counts.set(name, (counts.get(name) ?? 1) - 1);
  }

  pipeline(context: string, end: 'right' | 'close'): Pipeline {
    const { at } = this.#tokens.peekAfterSpace();
    const { variables, isAssignment } = this.#declarations(context);
    const commands: Command[] = [];
    for (;;) {
      const token = this.#tokens.nextAfterSpace();
      if (token.type === end) break;
      if (!OPERANDS.has(token.type) && token.text !== 'nil') throw unexpected(token, context);
      this.#tokens.backUp(token);
      commands.push(this.#command());
    }
    if (commands.length === 0) throw new TemplateError(`missing value for ${context}`, at);
    for (const [index, { operands, at: place }] of commands.entries()) {
      if (index > 0 && operands[0] !== undefined && CONSTANTS.has(operands[0].type)) {
        throw new TemplateError(`non executable command in pipeline stage ${index + 1}`, place);
      }
    }
    return { type: 'pipeline', at, variables, isAssignment, commands };
  }

  /** `$x :=`, `$x =`, and for range `$i, $x :=`. */
  #declarations(context: string): { variables: string[]; isAssignment: boolean } {
    const variables: string[] = [];
    let token = this.#tokens.peekAfterSpace();
    while (token.type === 'variable') {
      const variable = this.#tokens.nextAfterSpace();
      const after = this.#tokens.peek();
      const following = this.#tokens.nextAfterSpace();
      const isComma = following.type === 'other' && following.text === ',';
      if (following.type !== 'assign' && following.type !== 'declare' && !isComma) {
        this.#tokens.backUp(following, ...(after.type === 'space' ? [after] : []), variable);
        break;
      }
      variables.push(variable.text);
      this.#declare(variable.text);
      if (!isComma) return { variables, isAssignment: following.type === 'assign' };
      token = this.#tokens.peekAfterSpace();
      if (context !== 'range' || variables.length > 1)
        throw new TemplateError(`too many declarations in ${context}`, following.at);
      if (!['variable', 'right', 'close'].includes(token.type))
        throw new TemplateError('range can only initialize variables', token.at);
    }
    return { variables, isAssignment: false };
  }

  #declare(name: string): void {
    const { counts, names } = this.#scope;
    names.push(name);
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }

  #command(): Command {
    const { at } = this.#tokens.peekAfterSpace();
    const operands: Operand[] = [];
    for (;;) {
      const operand = this.#operand();
      if (operand !== null) operands.push(operand);
      const token = this.#tokens.next();
      if (token.type === 'space') continue;
      if (token.type === 'right' || token.type === 'close') this.#tokens.backUp(token);
      else if (token.type !== 'pipe') throw unexpected(token, 'operand');
      break;
    }
    if (operands.length === 0) throw new TemplateError('empty command', at);
    return { at, operands };
  }

  #operand(): Operand | null {
    const term = this.#term();
    if (term === null || this.#tokens.peek().type !== 'field') return term;
    const path: string[] = [];
    while (this.#tokens.peek().type === 'field') path.push(this.#tokens.next().text.slice(1));
    if (term.type === 'field' || term.type === 'variable') return { ...term, path: [...term.path, ...path] };
    if (CONSTANTS.has(term.type)) throw new TemplateError('unexpected . after term', term.at);
    return { type: 'chain', at: term.at, of: term, path };
  }

  #term(): Operand | null {
    const token = this.#tokens.nextAfterSpace();
    const { type, text, at } = token;
    switch (type) {
      case 'identifier':
        if (!isFunction(text)) throw new TemplateError(`function ${JSON.stringify(text)} not defined`, at);
        return { type: 'function', at, name: text };
      case 'dot':
        return { type, at };
      case 'bool':
        return { type, at, value: text === 'true' };
      case 'field':
        return { type, at, path: [text.slice(1)] };
      case 'variable':
        if (text !== '$' && !this.#scope.counts.get(text))
          throw new TemplateError(`undefined variable ${JSON.stringify(text)}`, at);
        return { type, at, name: text, path: [] };
      case 'string':
        return { type, at, text: stringOf(token) };
      case 'number':
      case 'character':
      case 'complex':
        return number(token);
      case 'open':
        return this.#parenthesized();
      default:
        if (type === 'keyword' && text === 'nil') return { type: 'nil', at };
        this.#tokens.backUp(token);
        return null;
    }
  }

  #parenthesized(): Operand {
    if (++this.#depth > DEEPEST) throw new NotFollowed();
    const pipeline = this.pipeline('parenthesized pipeline', 'close');
    this.#depth--;
    return pipeline;
  }
}

/** @throws TemplateError where strconv.Unquote refuses the token */
export function stringOf({ text, at }: Token): string {
  const value = unquoted(text);
  if (value === null) throw new TemplateError('invalid syntax', at);
  return value;
}

function number({ type, text, at }: Token): Operand {
  if (type === 'character') {
    if (!isCharacter(text)) throw new TemplateError(`malformed character constant: ${text}`, at);
    return { type: 'integer', at };
  }
  const kind = type === 'complex' ? 'unsure' : numberKind(text);
  if (kind === 'unsure') throw new NotFollowed();
  if (kind === null) throw new TemplateError(`illegal number syntax: ${JSON.stringify(text)}`, at);
  return { type: kind === 'integer' ? 'integer' : 'constant', at };
}
