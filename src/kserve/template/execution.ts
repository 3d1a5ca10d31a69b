/**
 * Follows a parsed template over a service's metadata, as text/template executes it (exec.go of Go 1.26). It
 * tracks the kinds of values. An error in a branch that may not be taken does not count as a failure.
 */
import { TemplateError } from './error.ts';
import { callFunction } from './functions.ts';
import type { Command, Control, Operand, Pipeline, Program, Statement } from './nodes.ts';
import {
  metadataField,
  SOME_INT,
  SOME_STRING,
  truthOf,
  UNKNOWN,
  type KnownMetadata,
  type Value,
} from './values.ts';
import { Variables } from './variables.ts';

export interface Followed {
  /** Was every value known well enough to say that the template executes? */
  readonly isSure: boolean;
  /** Texts that it surely prints and that are known. */
  readonly printed: readonly string[];
}

const METADATA: Value = { kind: 'metadata' };

/** @throws TemplateError for what surely fails */
export function follow(program: Program, known: KnownMetadata): Followed {
  return new Execution(program, known).run();
}

class Execution {
  readonly #program: Program;
  readonly #known: KnownMetadata;
  readonly #printed: string[] = [];
  readonly #variables = new Variables(METADATA);
  /** How many branches that may not be taken are around this place. */
  #maybe = 0;
  #isSure = true;

  constructor(program: Program, known: KnownMetadata) {
    this.#program = program;
    this.#known = known;
  }

  run(): Followed {
    this.#list(this.#program.statements, METADATA);
    return { isSure: this.#isSure, printed: this.#printed };
  }

  #fail(reason: string, at: number): Value {
    if (this.#maybe === 0) throw new TemplateError(reason, at);
    return this.#unknown();
  }

  #unknown(): Value {
    this.#isSure = false;
    return UNKNOWN;
  }

  #list(statements: readonly Statement[], dot: Value): void {
    for (const statement of statements) this.#statement(statement, dot);
  }

  #statement(statement: Statement, dot: Value): void {
    switch (statement.type) {
      case 'action':
        this.#print(this.#pipeline(statement.pipeline, dot), statement.pipeline);
        return;
      case 'if':
      case 'with':
        this.#branch(statement, dot);
        return;
      case 'range':
        this.#range(statement, dot);
        return;
      case 'template':
        this.#template(statement.name, statement.pipeline, dot, statement.at);
        return;
      default:
        // After a break or a continue nothing is sure to run.
        this.#isSure = false;
    }
  }

  #print(value: Value, { variables }: Pipeline): void {
    if (variables.length > 0 || this.#maybe > 0) return;
    if (value.kind === 'string' && value.text !== null) this.#printed.push(value.text);
  }

  #template(name: string, pipeline: Pipeline | null, dot: Value, at: number): void {
    if (!this.#program.defined.has(name)) this.#fail(`template ${JSON.stringify(name)} not defined`, at);
    if (pipeline !== null) this.#pipeline(pipeline, dot);
    this.#isSure = false;
  }

  #branch({ type, pipeline, body, otherwise }: Control, dot: Value): void {
    const mark = this.#variables.mark();
    const value = this.#pipeline(pipeline, dot);
    const inner = type === 'with' ? value : dot;
    const truth = truthOf(value);
    if (truth === true) this.#list(body, inner);
    else if (truth === false) this.#list(otherwise ?? [], dot);
    else {
      this.#perhaps(body, inner);
      this.#perhaps(otherwise ?? [], dot);
    }
    this.#variables.release(mark);
  }

  #range({ pipeline, body, otherwise, at }: Control, dot: Value): void {
    const mark = this.#variables.mark();
    const value = this.#pipeline({ ...pipeline, variables: [] }, dot);
    if (UNRANGED.has(value.kind)) this.#fail(`range can't iterate over a ${value.kind}`, at);
    const element = value.kind === 'map' ? SOME_STRING : UNKNOWN;
    const index = value.kind === 'map' ? SOME_STRING : value.kind === 'list' ? SOME_INT : UNKNOWN;
    if (value.kind === 'int' && pipeline.variables.length > 1) this.#isSure = false;
    const given = pipeline.variables.length > 1 ? [index, element] : [element];
    for (const [place, name] of pipeline.variables.entries()) {
      this.#variables.set(name, pipeline.isAssignment ? UNKNOWN : (given[place] ?? UNKNOWN));
    }
    this.#perhaps(body, element);
    this.#perhaps(otherwise ?? [], dot);
    this.#variables.release(mark);
  }

  #perhaps(statements: readonly Statement[], dot: Value): void {
    this.#maybe++;
    this.#list(statements, dot);
    this.#maybe--;
  }

  #pipeline({ commands, variables, isAssignment }: Pipeline, dot: Value): Value {
    let value: Value | null = null;
    for (const command of commands) value = this.#command(command, dot, value);
    for (const name of variables) {
      if (isAssignment && !this.#variables.has(name))
        this.#fail(`undefined variable: ${name}`, commands[0]?.at ?? 0);
      this.#variables.set(name, isAssignment ? UNKNOWN : (value ?? UNKNOWN));
    }
    return value ?? UNKNOWN;
  }

  /** @param final the result of the previous stage, which becomes the last argument; null in the first stage */
  #command({ operands }: Command, dot: Value, final: Value | null): Value {
    const [first, ...rest] = operands;
    if (first === undefined) return UNKNOWN;
    const hasArguments = rest.length > 0 || final !== null;
    if (first.type === 'function') return this.#call(first, rest, dot, final);
    if (first.type === 'field' || first.type === 'chain') return this.#operand(first, dot, hasArguments);
    if (first.type === 'variable' && first.path.length > 0) return this.#operand(first, dot, hasArguments);
    if (hasArguments) return this.#fail("can't give an argument to what is no function", first.at);
    if (first.type === 'nil') return this.#fail('nil is not a command', first.at);
    return this.#operand(first, dot, false);
  }

  #call(
    of: Operand & { type: 'function' },
    rest: readonly Operand[],
    dot: Value,
    final: Value | null,
  ): Value {
    const deciding = of.name === 'or' ? true : of.name === 'and' ? false : null;
    const maybe = this.#maybe;
    const values: Value[] = [];
    for (const operand of rest) {
      const value = this.#operand(operand, dot, false);
      values.push(value);
      // The next argument is evaluated only if this one does not decide the result.
      const truth = truthOf(value);
      if (deciding !== null && (truth === null || truth === deciding)) this.#maybe = maybe + 1;
    }
    this.#maybe = maybe;
    const result = callFunction(of.name, final === null ? values : [...values, final]);
    if (typeof result === 'string') return this.#fail(result, of.at);
    return result.kind === 'unknown' ? this.#unknown() : result;
  }

  #operand(operand: Operand, dot: Value, hasArguments: boolean): Value {
    switch (operand.type) {
      case 'dot':
        return dot;
      case 'bool':
        return { kind: 'bool', value: operand.value };
      case 'string':
        return { kind: 'string', text: operand.text };
      case 'integer':
        return SOME_INT;
      case 'constant':
        return { kind: 'float' };
      case 'nil':
        return this.#unknown();
      case 'function':
        return this.#call(operand, [], dot, null);
      case 'field':
        return this.#fields(dot, operand.path, hasArguments, operand.at);
      case 'variable':
        return this.#fields(this.#variable(operand.name, operand.at), operand.path, hasArguments, operand.at);
      case 'chain':
        return this.#chain(operand, dot, hasArguments);
      default:
        return this.#pipeline(operand, dot);
    }
  }

  #variable(name: string, at: number): Value {
    return this.#variables.get(name) ?? this.#fail(`undefined variable: ${name}`, at);
  }

  #chain({ of, path, at }: Operand & { type: 'chain' }, dot: Value, hasArguments: boolean): Value {
    if (of.type === 'nil') return this.#fail('indirection through explicit nil', at);
    return this.#fields(this.#operand(of, dot, false), path, hasArguments, at);
  }

  #fields(start: Value, path: readonly string[], hasArguments: boolean, at: number): Value {
    let value = start;
    let receiver = start;
    for (const name of path) {
      receiver = value;
      value = this.#field(value, name, at);
    }
    if (path.length > 0 && hasArguments && (receiver.kind === 'map' || value.kind !== 'unknown')) {
      return this.#fail(`${path.at(-1)} has arguments but cannot be invoked as function`, at);
    }
    return value.kind === 'unknown' ? this.#unknown() : value;
  }

  #field(of: Value, name: string, at: number): Value {
    if (of.kind === 'unknown') return UNKNOWN;
    if (of.kind === 'metadata') {
      return (
        metadataField(name, this.#known) ??
        this.#fail(`can't evaluate field ${name} in the service's metadata`, at)
      );
    }
    if (of.kind !== 'map') return this.#fail(`can't evaluate field ${name} in a ${of.kind}`, at);
    const entry = of.entries !== null && Object.hasOwn(of.entries, name) ? of.entries[name] : undefined;
    // A missing key may be added before KServe reads the metadata.
    return typeof entry === 'string' ? { kind: 'string', text: entry } : UNKNOWN;
  }
}

/** What Go's range surely refuses. */
const UNRANGED: ReadonlySet<Value['kind']> = new Set(['string', 'bool', 'float', 'metadata']);
