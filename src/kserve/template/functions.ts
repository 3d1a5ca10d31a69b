/** The functions of Go's templates (funcs.go of Go 1.26); KServe adds none. Which calls surely fail, and what they give. */
import { SOME_BOOL, SOME_INT, SOME_STRING, truthOf, UNKNOWN, type Value } from './values.ts';

interface Builtin {
  /** How many arguments it takes. */
  readonly least: number;
  readonly most: number;
  /** @returns the result, or why the call surely fails */
  readonly call: (values: readonly Value[]) => Value | string;
}

const MANY = Number.POSITIVE_INFINITY;
const gives = (least: number, most: number, value: Value): Builtin => ({ least, most, call: () => value });

const BUILTINS: ReadonlyMap<string, Builtin> = new Map([
  ['and', { least: 1, most: MANY, call: (values: readonly Value[]) => decided(values, false) }],
  ['or', { least: 1, most: MANY, call: (values: readonly Value[]) => decided(values, true) }],
  ['not', { least: 1, most: 1, call: ([value = UNKNOWN]: readonly Value[]) => negated(value) }],
  ['call', { least: 1, most: MANY, call: ([value = UNKNOWN]: readonly Value[]) => called(value) }],
  ['html', gives(0, MANY, SOME_STRING)],
  ['js', gives(0, MANY, SOME_STRING)],
  ['urlquery', gives(0, MANY, SOME_STRING)],
  ['print', gives(0, MANY, SOME_STRING)],
  ['println', gives(0, MANY, SOME_STRING)],
  ['printf', { least: 1, most: MANY, call: ([format = UNKNOWN]: readonly Value[]) => formatted(format) }],
  ['len', { least: 1, most: 1, call: ([value = UNKNOWN]: readonly Value[]) => length(value) }],
  ['index', { least: 1, most: MANY, call: indexed }],
  ['slice', { least: 1, most: 4, call: sliced }],
  ['eq', { least: 2, most: MANY, call: equal }],
  ['ne', { least: 2, most: 2, call: equal }],
  ['lt', { least: 2, most: 2, call: ordered }],
  ['le', { least: 2, most: 2, call: ordered }],
  ['gt', { least: 2, most: 2, call: ordered }],
  ['ge', { least: 2, most: 2, call: ordered }],
]);

export function isFunction(name: string): boolean {
  return BUILTINS.has(name);
}

/** @returns what the call gives, or why it surely fails */
export function callFunction(name: string, values: readonly Value[]): Value | string {
  const builtin = BUILTINS.get(name);
  if (builtin === undefined) return UNKNOWN;
  if (values.length < builtin.least || values.length > builtin.most)
    return `wrong number of args for ${name}`;
  return builtin.call(values);
}

/** `and` and `or` give the first argument that decides, else the last. */
function decided(values: readonly Value[], by: boolean): Value {
  for (const value of values) {
    const truth = truthOf(value);
    if (truth === null) return UNKNOWN;
    if (truth === by) return value;
  }
  return values.at(-1) ?? UNKNOWN;
}

function negated(value: Value): Value {
  const truth = truthOf(value);
  return truth === null ? SOME_BOOL : { kind: 'bool', value: !truth };
}

/** No field of the metadata is a function. */
function called({ kind }: Value): Value | string {
  return kind === 'unknown' ? UNKNOWN : `call of a ${kind}, which is no function`;
}

/** What it prints is not followed. */
function formatted({ kind }: Value): Value | string {
  return kind === 'string' || kind === 'unknown'
    ? SOME_STRING
    : `wrong type for value; expected string; got ${kind}`;
}

function length({ kind }: Value): Value | string {
  if (kind === 'unknown') return UNKNOWN;
  return kind === 'string' || kind === 'list' || kind === 'map' ? SOME_INT : `len of a ${kind}`;
}

function indexed([item = UNKNOWN, ...keys]: readonly Value[]): Value | string {
  const [key] = keys;
  if (key === undefined || item.kind === 'unknown') return item;
  if (item.kind === 'map') {
    if (key.kind !== 'string')
      return key.kind === 'unknown' ? UNKNOWN : `a ${key.kind} is no key of a map of strings`;
    return keys.length > 1 ? UNKNOWN : SOME_STRING;
  }
  if (item.kind !== 'string' && item.kind !== 'list') return `can't index a ${item.kind}`;
  return key.kind === 'int' || key.kind === 'unknown'
    ? UNKNOWN
    : `cannot index a ${item.kind} with a ${key.kind}`;
}

function sliced([item = UNKNOWN, ...bounds]: readonly Value[]): Value | string {
  if (item.kind !== 'unknown' && item.kind !== 'string' && item.kind !== 'list')
    return `can't slice a ${item.kind}`;
  const wrong = bounds.find(({ kind }) => kind !== 'int' && kind !== 'unknown');
  if (wrong !== undefined) return `cannot slice with a ${wrong.kind}`;
  return bounds.length === 0 ? item : UNKNOWN;
}

/** Checks only the first two arguments, because `eq` stops at the first equal one. */
function equal([first = UNKNOWN, second = UNKNOWN]: readonly Value[]): Value | string {
  if (first.kind === 'unknown' || second.kind === 'unknown') return UNKNOWN;
  const wrong = [first, second].find(({ kind }) => !COMPARABLE.includes(kind));
  if (wrong !== undefined) return `a ${wrong.kind} can't be compared`;
  return first.kind === second.kind
    ? SOME_BOOL
    : `incompatible types for comparison: ${first.kind} and ${second.kind}`;
}

function ordered(values: readonly Value[]): Value | string {
  return values.some(({ kind }) => kind === 'bool') ? 'invalid type for comparison' : equal(values);
}

const COMPARABLE: readonly Value['kind'][] = ['string', 'int', 'float', 'bool'];
