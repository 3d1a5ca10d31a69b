/**
 * The texts of a container beside args, command and env. KServe executes the head's whole container as a template
 * (docs/kserve.md, Merge of service and runtime), so that `{{` counts in every one of them.
 */
import { asList, asObject, property } from '../lib/json.ts';

/** One string of a container. */
export interface Word {
  readonly field: string;
  readonly text: string;
}

/** Fields of a container that hold texts, in the order in which Go writes them. */
export const TEXT_FIELDS: readonly string[] = [
  'image',
  'workingDir',
  'ports',
  'envFrom',
  'volumeMounts',
  'volumeDevices',
  'livenessProbe',
  'readinessProbe',
  'startupProbe',
  'lifecycle',
  'terminationMessagePath',
];
/** KServe merges the entries of these lists by a key, and replaces every other list as a whole. */
const KEYED: readonly string[] = ['ports', 'volumeMounts', 'volumeDevices'];
/** Deeper than any field of a container: lifecycle.postStart.httpGet.httpHeaders[].value. */
const DEEPEST = 8;

const NO_TEXTS: readonly Word[] = [];

/** @returns the texts that have `{{` in them */
export function bracedTexts(container: unknown, field: string): readonly Word[] {
  return TEXT_FIELDS.flatMap((key) => {
    const value = property(container, key);
    return value === undefined ? NO_TEXTS : [...textsIn(value, `${field}.${key}`)];
  });
}

/**
 * @param over the container that KServe lays over this one
 * @returns the texts with `{{` that stay; null where that is open, since both have entries of a list with keys
 */
export function remainingTexts(container: unknown, field: string, over: unknown): readonly Word[] | null {
  const remaining: Word[] = [];
  for (const key of TEXT_FIELDS) {
    const laidOver = property(over, key);
    const isKeyed = KEYED.includes(key);
    const texts = [...textsIn(property(container, key), `${field}.${key}`, isKeyed ? null : laidOver)];
    if (texts.length > 0 && isKeyed && asList(laidOver).length > 0) return null;
    remaining.push(...texts);
  }
  return remaining;
}

/** @returns whether a field of a container has a text with `{{` */
export function hasBracedText(value: unknown): boolean {
  return textsIn(value, '').next().done !== true;
}

function* textsIn(value: unknown, field: string, over: unknown = null, levels = DEEPEST): Generator<Word> {
  if (typeof value === 'string') {
    if (value.includes('{{') && (over ?? '') === '') yield { field, text: value };
  } else if (Array.isArray(value)) {
    if (levels === 0 || asList(over).length > 0) return;
    for (const [index, item] of value.entries()) {
      yield* textsIn(item, `${field}[${index}]`, null, levels - 1);
    }
  } else if (levels > 0) {
    for (const [key, item] of Object.entries(asObject(value) ?? {})) {
      yield* textsIn(item, `${field}.${key}`, property(over, key), levels - 1);
    }
  }
}
