/**
 * Fields of a container that are written as another type than KServe's CRDs have, so that the API server refuses the
 * object. For unknown-field.
 */
import { asObject, property } from '../../lib/json.ts';
import { quote, visible } from '../../lib/text.ts';
import type { Report } from './finding.ts';
import { isUnquoted, noText } from './identity.ts';

/** Texts that are shown as an example. */
const MOST_EXAMPLES = 2;

/** Has a field another type, so that `otherTypes` says something? Nearly no container has one. */
export function hasOtherType(container: unknown): boolean {
  const resources = property(container, 'resources');
  const isMap = (given: unknown): boolean => isAbsent(given) || asObject(given) !== null;
  const isList = (given: unknown, isRight: (item: unknown) => boolean): boolean =>
    isAbsent(given) || (Array.isArray(given) && given.every(isRight));
  return !(
    isMap(resources) &&
    isMap(property(resources, 'requests')) &&
    isMap(property(resources, 'limits')) &&
    isList(property(container, 'command'), isText) &&
    isList(property(container, 'args'), isText) &&
    isList(property(container, 'env'), isVariable)
  );
}

function isAbsent(given: unknown): boolean {
  return given === undefined || given === null;
}

function isText(item: unknown): boolean {
  return typeof item === 'string';
}

function isVariable(item: unknown): boolean {
  return !isUnquoted(property(item, 'value'));
}

/** @param field of the container */
export function* otherTypes(container: unknown, field: string): Iterable<Report> {
  for (const key of ['command', 'args']) yield* texts(property(container, key), `${field}.${key}`, key);
  yield* variables(property(container, 'env'), `${field}.env`);
  const resources = property(container, 'resources');
  yield* noMap(resources, `${field}.resources`, 'requests: {nvidia.com/gpu: "8"}');
  for (const key of ['requests', 'limits']) {
    yield* noMap(property(resources, key), `${field}.resources.${key}`, 'nvidia.com/gpu: "8"');
  }
}

/** @param example of what the map may hold */
export function* noMap(given: unknown, field: string, example: string): Iterable<Report> {
  if (given === undefined || given === null || asObject(given) !== null) return;
  const name = field.slice(field.lastIndexOf('.') + 1);
  const found = `${name} is ${Array.isArray(given) ? 'a list' : quote(given)}, and the API server takes a map only`;
  const fix = `write a map, as in ${name}: {${example}}`;
  yield { severity: 'deny', field, message: found, fix, short: `${found}: ${fix}` };
}

/** `command` and `args` are lists of texts. */
function* texts(given: unknown, field: string, key: string): Iterable<Report> {
  if (given === undefined || given === null) return;
  if (!Array.isArray(given)) {
    const words = typeof given === 'string' ? given.trim().split(/\s+/) : ['--flag=value'];
    const more = words.length > MOST_EXAMPLES ? ', ...' : '';
    const example = words.slice(0, MOST_EXAMPLES).map(quote).join(', ');
    yield noList(field, key, given, `write a list, one text for each argument: ${key}: [${example}${more}]`);
    return;
  }
  for (const [index, item] of given.entries()) {
    const place = `${field}[${index}]`;
    if (typeof item === 'object') yield noArgument(place, item, key);
    else if (isUnquoted(item)) yield noText(item, place, `${key}[${index}]`);
  }
}

/** `env` is a list of names, each with a value that is a text. */
function* variables(given: unknown, field: string): Iterable<Report> {
  if (given === undefined || given === null) return;
  if (!Array.isArray(given)) {
    const [first] = Object.entries(asObject(given) ?? {});
    const [name, value] = first ?? ['NAME', 'value'];
    const example = `{name: ${visible(name)}, value: ${quote(isPlain(value) ? String(value) : 'value')}}`;
    yield noList(field, 'env', given, `write a list with an entry for each variable: env: [${example}]`);
    return;
  }
  for (const [index, item] of given.entries()) {
    const value = property(item, 'value');
    if (isUnquoted(value)) yield noText(value, `${field}[${index}].value`, `env[${index}].value`);
  }
}

function isPlain(value: unknown): boolean {
  return typeof value !== 'object' && value !== undefined;
}

function noList(field: string, key: string, given: unknown, fix: string): Report {
  const what = typeof given === 'object' ? 'a map' : quote(given);
  return {
    severity: 'deny',
    field,
    message: `${key} is ${what}, and the API server takes a list only`,
    fix,
    short: `${key} is ${what}, and the API server takes a list only`,
  };
}

function noArgument(field: string, given: unknown, key: string): Report {
  const fix = 'write one text, in quotes where it holds a colon and a blank';
  return {
    severity: 'deny',
    field,
    message: `${field} is ${quote(given)}, and the API server takes text only`,
    fix,
    short: `an entry of ${key} is ${quote(given)}, and the API server takes text only: ${fix}`,
  };
}
