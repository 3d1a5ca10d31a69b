/**
 * One policy's variables and validations. A rule's texts about the new object are compared with those about the
 * stored object: a text that is in both is let through, as in src/admission/ratchet.ts. The API server shows only the
 * first validation that fails, so each validation answers with the texts of all rules.
 */
import { RULES } from '../../rules/index.ts';
import { quoted, variable, type Side, type Variable } from '../cel.ts';
import type { CelRule, Subject } from '../rule.ts';
import { CEL_RULES } from '../rules/index.ts';
import { EXCEPTED } from './exceptions.ts';
import { NAMES, runtimeVariables, serviceVariables } from '../subjects.ts';

/** The API server's limit is 5 KiB of UTF-8. It shows `message` in place of a longer text. */
const LONGEST_MESSAGE = 1_200;

export interface Validation {
  readonly expression: string;
  readonly message: string;
  readonly messageExpression: string;
  readonly reason: 'Invalid';
}

/** @returns the variable that lists what a rule denies: the parallel-size of a service is `parallelSize` */
export function denialsOf(id: string): string {
  return id.replaceAll(/-(.)/g, (_all, letter: string) => letter.toUpperCase());
}

/** Every rule that denies something in objects of this kind. */
export function rulesOf(subject: Subject): readonly CelRule[] {
  return CEL_RULES.filter((rule) => rule[subject] !== undefined);
}

/** What all rules look at. */
export function subjectVariables(subject: Subject): readonly Variable[] {
  return [...NAMES, ...(subject === 'services' ? serviceVariables() : runtimeVariables())];
}

/** @returns what a rule has found before and now, and what of it is new */
export function ruleVariables(rule: CelRule, subject: Subject): readonly Variable[] {
  const found = rule[subject];
  if (found === undefined) return [];
  const name = denialsOf(rule.id);
  const [now, before] = [variable(`${name}Found`), variable(`${name}Found`, 'Before')];
  const ofSide = (side: Side): string => gate(subject, side) + found(side);
  const excepted = subject === 'services' ? `${quoted(rule.id)} in ${variable(EXCEPTED)} || ` : '';
  const times = (list: string): string => `${list}.filter(g, g == f).size()`;
  return [
    { name: `${name}Found`, expression: ofSide('') },
    { name: `${name}FoundBefore`, expression: ofSide('Before') },
    {
      name,
      expression: `${excepted}${now} == ${before} ? [] : ${now}.filter(f, ${times(now)} > ${times(before)}).map(f, '${rule.id}: ' + f)`,
    },
  ];
}

/**
 * A rule finds nothing in a service that is not multi-node, nor in a runtime that is disabled. A create request has no
 * stored object.
 */
function gate(subject: Subject, side: Side): string {
  if (subject === 'services') return `!${variable('multiNode', side)} ? [] :\n`;
  const disabled = variable('disabled', side);
  return side === '' ? `${disabled} ? [] :\n` : `oldObject == null || ${disabled} ? [] :\n`;
}

/** @param ids of the rules whose texts make the message */
export function messageVariable(ids: readonly string[]): Variable {
  return { name: 'denials', expression: ids.map((id) => variable(denialsOf(id))).join(' + ') };
}

export function validation(rule: CelRule): Validation {
  const all = `${variable('denials')}.join('; ')`;
  return {
    expression: `size(${variable(denialsOf(rule.id))}) == 0`,
    message: `${rule.id}: ${RULES.find(({ id }) => id === rule.id)?.summary}`,
    messageExpression: `[${all}].map(a, size(a) > ${LONGEST_MESSAGE} ? a.substring(0, ${LONGEST_MESSAGE}) + '...' : a)[0]`,
    reason: 'Invalid',
  };
}
