/**
 * The statements of Go's templates, as text/template parses it (parse.go of Go 1.26): what it refuses is refused here, for
 * the same reason.
 */
import { NotFollowed, TemplateError } from './error.ts';
import type { Control, Program, Statement } from './nodes.ts';
import { DEEPEST, Pipelines, stringOf } from './pipelines.ts';
import { Tokens, unexpected } from './tokens.ts';

/** @throws TemplateError for what Go refuses, NotFollowed for what is too deep */
export function parseTemplate(template: string): Program {
  return new Parser(template).program();
}

/** What ends a list of statements. */
type Ending = 'end' | 'else' | 'else if' | 'else with';

class Parser {
  readonly #tokens: Tokens;
  readonly #pipelines: Pipelines;
  readonly #defined = new Set<string>();
  #ranges = 0;
  #depth = 0;

  constructor(template: string) {
    this.#tokens = new Tokens(template);
    this.#pipelines = new Pipelines(this.#tokens);
  }

  program(): Program {
    const statements: Statement[] = [];
    for (;;) {
      const token = this.#tokens.nextAfterSpace();
      if (token.type === 'end') return { statements, defined: this.#defined };
      if (token.type !== 'left') throw unexpected(token, 'input');
      const word = this.#tokens.nextAfterSpace();
      if (word.text === 'define' && word.type === 'keyword') {
        this.#definition();
        continue;
      }
      this.#tokens.backUp(word);
      const statement = this.#action();
      if (typeof statement === 'string') throw new TemplateError(`unexpected {{${statement}}}`, token.at);
      statements.push(statement);
    }
  }

  #definition(): void {
    this.#defined.add(this.#templateName('define clause'));
    this.#tokens.expect('right', 'define clause');
    this.#ownScope('define clause');
  }

  /** The body of a template of its own, which does not see the variables around it. */
  #ownScope(context: string): void {
    const [scope, ranges] = [this.#pipelines.newScope(), this.#ranges];
    this.#ranges = 0;
    const { ending, at } = this.#list();
    if (ending !== 'end') throw new TemplateError(`unexpected {{${ending}}} in ${context}`, at);
    this.#pipelines.backTo(scope);
    this.#ranges = ranges;
  }

  #list(): { statements: Statement[]; ending: Ending; at: number } {
    if (++this.#depth > DEEPEST) throw new NotFollowed();
    const statements: Statement[] = [];
    for (;;) {
      const token = this.#tokens.nextAfterSpace();
      if (token.type === 'end') throw new TemplateError('unexpected EOF', token.at);
      if (token.type !== 'left') throw unexpected(token, 'input');
      const statement = this.#action();
      if (typeof statement === 'string') {
        this.#depth--;
        return { statements, ending: statement, at: token.at };
      }
      statements.push(statement);
    }
  }

  #action(): Statement | Ending {
    const word = this.#tokens.nextAfterSpace();
    const { at } = word;
    switch (word.type === 'keyword' ? word.text : '') {
      case 'block':
        return this.#block(at);
      case 'template':
        return this.#template(at);
      case 'break':
      case 'continue':
        return this.#leave(word.text as 'break' | 'continue', at);
      case 'if':
      case 'range':
      case 'with':
        return this.#control(word.text as Control['type'], at);
      case 'end':
        this.#tokens.expect('right', 'end');
        return 'end';
      case 'else':
        return this.#else();
      default:
        this.#tokens.backUp(word);
        return { type: 'action', at, pipeline: this.#pipelines.pipeline('command', 'right') };
    }
  }

  #else(): Ending {
    const word = this.#tokens.peekAfterSpace();
    if (word.type === 'keyword' && (word.text === 'if' || word.text === 'with')) return `else ${word.text}`;
    this.#tokens.expect('right', 'else');
    return 'else';
  }

  #leave(type: 'break' | 'continue', at: number): Statement {
    this.#tokens.expect('right', `{{${type}}}`);
    if (this.#ranges === 0) throw new TemplateError(`{{${type}}} outside {{range}}`, at);
    return { type, at };
  }

  #templateName(context: string): string {
    return stringOf(this.#tokens.expect('string', context));
  }

  #block(at: number): Statement {
    const name = this.#templateName('block clause');
    const pipeline = this.#pipelines.pipeline('block clause', 'right');
    this.#defined.add(name);
    this.#ownScope('block clause');
    return { type: 'template', at, name, pipeline };
  }

  #template(at: number): Statement {
    const name = this.#templateName('template clause');
    const token = this.#tokens.nextAfterSpace();
    if (token.type === 'right') return { type: 'template', at, name, pipeline: null };
    this.#tokens.backUp(token);
    return { type: 'template', at, name, pipeline: this.#pipelines.pipeline('template clause', 'right') };
  }

  #control(type: Control['type'], at: number): Control {
    const mark = this.#pipelines.mark();
    const pipeline = this.#pipelines.pipeline(type, 'right');
    if (type === 'range') this.#ranges++;
    const { statements: body, ending, at: place } = this.#list();
    if (type === 'range') this.#ranges--;
    const otherwise = this.#otherwise(type, ending, place);
    this.#pipelines.release(mark);
    return { type, at, pipeline, body, otherwise };
  }

  #otherwise(type: Control['type'], ending: Ending, at: number): readonly Statement[] | null {
    if (ending === 'end') return null;
    if (ending === `else ${type}`) {
      if (++this.#depth > DEEPEST) throw new NotFollowed();
      this.#tokens.nextAfterSpace();
      const chained = this.#control(type, at);
      this.#depth--;
      return [chained];
    }
    if (ending !== 'else') throw unexpected(this.#tokens.nextAfterSpace(), 'input');
    const { statements, ending: last, at: place } = this.#list();
    if (last !== 'end') throw new TemplateError(`expected end; found {{${last}}}`, place);
    return statements;
  }
}
