/**
 * The configuration's exceptions, in CEL: the rules that deny nothing in a service, by its namespace and name. A policy
 * does not know the day, so it is given those that hold when it is made.
 */
import type { Exception } from '../../config/exceptions.ts';
import { get, variable, type Variable } from '../cel.ts';

/** The rules that are excepted for the service. */
export const EXCEPTED = 'excepted';

/** @returns the list of the excepted rules */
export function exceptedVariable(exceptions: readonly Exception[]): Variable {
  return { name: EXCEPTED, expression: ['[]', ...exceptions.map(one)].join(' +\n') };
}

/** The values are JSON, which the chart can write as well. */
function one({ rules, namespaces, names }: Exception): string {
  const isNamed = names === undefined ? '' : ` && ${hasName(JSON.stringify(patternOf(names)))}`;
  return `(request.namespace in ${JSON.stringify(namespaces)}${isNamed} ? ${JSON.stringify(rules)} : [])`;
}

/** @param pattern a regular expression, as a CEL string */
export function hasName(pattern: string): string {
  return `[${get(variable('metadata'), 'name')}].exists(n, type(n) == string && n.matches(${pattern}))`;
}

/** @returns a regular expression for names in which * stands for any characters (config/schema.ts says which others) */
function patternOf(names: readonly string[]): string {
  return `^(${names.join('|').replaceAll('.', '[.]').replaceAll('*', '.*')})$`;
}
