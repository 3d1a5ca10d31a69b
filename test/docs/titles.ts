/** The titles of a file's tests, read by the parser that Jest compiles them with: comments and data are not titles. */
import { readFileSync } from 'node:fs';
import { parseSync } from '@swc/core';

export interface Title {
  /** As it is written: `${RUNS}` and `%s` stand for themselves. */
  readonly text: string;
  /** Whether the test, or a block around it, is skipped always or on a condition. */
  readonly skipped: boolean;
}

interface Node {
  readonly type: string;
  readonly [key: string]: unknown;
}

const BLOCK = 'describe';
const TESTS = ['test', 'it', 'testWithShared'];
const SKIPS = ['skip', 'todo', 'xtest', 'xit', 'xdescribe'];

/** @returns the titles of all tests of the file, in its order */
export function titlesOf(path: string): readonly Title[] {
  const parsed = parseSync(readFileSync(path, 'utf8'), { syntax: 'typescript', target: 'es2024' });
  return titlesIn(parsed, false);
}

function titlesIn(value: unknown, skipped: boolean): readonly Title[] {
  if (Array.isArray(value)) return value.flatMap((item) => titlesIn(item, skipped));
  if (!isNode(value)) return [];
  const names = value.type === 'CallExpression' ? namesIn(value['callee']) : [];
  const isSkipped = skipped || names.some((name) => SKIPS.includes(name));
  const below = names.includes(BLOCK) ? isSkipped : skipped;
  const own = names.some((name) => TESTS.includes(name)) ? textsOf(value) : [];
  const inner = Object.values(value).flatMap((part) => titlesIn(part, below));
  return [...own.map((text) => ({ text, skipped: isSkipped })), ...inner];
}

/** The names in what is called: `test` and `each` of `test.each([])`, both sides of `(isThere ? test : test.skip)`. */
function namesIn(callee: unknown): readonly string[] {
  if (!isNode(callee)) return [];
  if (callee.type === 'Identifier') return [String(callee['value'])];
  const { object, property, callee: called, expression, tag, consequent, alternate } = callee;
  return [object, property, called, expression, tag, consequent, alternate].flatMap(namesIn);
}

/** The first argument, where it is a text. */
function textsOf({ arguments: given }: Node): readonly string[] {
  const [first] = given as readonly { readonly expression: Node }[];
  if (first?.expression.type === 'StringLiteral') return [String(first.expression['value'])];
  if (first?.expression.type !== 'TemplateLiteral') return [];
  const { quasis, expressions } = first.expression as unknown as {
    readonly quasis: readonly { readonly cooked: string }[];
    readonly expressions: readonly Node[];
  };
  const parts = quasis.map(({ cooked }, index) => {
    const name = expressions[index]?.['value'];
    return index < expressions.length ? `${cooked}\${${typeof name === 'string' ? name : '...'}}` : cooked;
  });
  return [parts.join('')];
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
