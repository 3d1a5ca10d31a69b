/** Which pairs of which fillings of which fields: everything, or for CI the most telling. */
import type { Phase } from '../../src/admission/decision.ts';
import { fillingsOf } from './content.ts';
import type { Filling } from './filling.ts';
import {
  alone,
  beside,
  besideTheSame,
  listed,
  recorded,
  turned,
  unnamed,
  updated,
  type Case,
} from './pairs.ts';
import { isRead, isSecond } from './read.ts';
import type { Field } from './schema.ts';

/**
 * @param short fewer of each field
 * @returns the cases of these fields
 */
export function casesOf(fields: readonly Field[], short: boolean): readonly Case[] {
  return fields.flatMap((field) => {
    const all = fillingsOf(field);
    if (!isRead(field)) return all.slice(0, 1).flatMap((filling) => unread(field, filling));
    if (!short) return all.flatMap((filling) => read(field, filling));
    const most = isWord(field) ? 1 : isSecond(field) ? 2 : all.length;
    return all.slice(0, most).flatMap((filling, index) => brief(field, filling, index));
  });
}

/** One word of a command line, or a value: as lists of many they are filled as well. */
function isWord({ path, type }: Field): boolean {
  return type === 'string' && !path.startsWith('metadata.');
}

/** What a field that is read is judged beside: everything. */
function read(field: Field, filling: Filling): readonly Case[] {
  const { kind } = field;
  const phases: readonly Phase[] = kind === 'InferenceService' ? ['mutate', 'validate'] : ['validate'];
  return [
    ...phases.map((phase) => alone(field, filling, phase)),
    updated(field, filling, 'validate', (value) => value),
    updated(field, filling, 'mutate', turned),
    ...(kind === 'InferenceService'
      ? [...listed(field, filling), ...recorded(field, filling)]
      : [...beside(field, filling), ...besideTheSame(field, filling), ...unnamed(field, filling)]),
  ];
}

/** The most telling of them. */
function brief(field: Field, filling: Filling, index: number): readonly Case[] {
  const first = index === 0 && field.type !== 'string' && !isSecond(field);
  const turns = first ? [updated(field, filling, 'validate', turned)] : [];
  if (field.kind === 'InferenceService') {
    return [
      alone(field, filling, 'mutate'),
      ...turns,
      ...(index < 2 && !isSecond(field) ? listed(field, filling) : []),
      ...(first ? recorded(field, filling) : []),
    ];
  }
  return [
    ...(index === 0 && !isSecond(field) ? [alone(field, filling, 'validate')] : []),
    ...turns,
    ...(isSecond(field) && (index > 0 || isWord(field)) ? [] : beside(field, filling)),
    ...(first ? besideTheSame(field, filling) : []),
    ...unnamed(field, filling),
  ];
}

/** A field that nobody reads is compared as a part of the whole, whatever it says; a deep one not differently. */
function unread(field: Field, filling: Filling): readonly Case[] {
  const phase = field.kind === 'InferenceService' ? 'mutate' : 'validate';
  return [
    alone(field, filling, phase),
    ...(field.steps.length < 6 ? [updated(field, filling, phase, turned), ...beside(field, filling)] : []),
  ];
}
