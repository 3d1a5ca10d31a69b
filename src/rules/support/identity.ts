/** What an object is and how it is called: kind, apiVersion, name, annotations and labels. For unknown-field. */
import { API_VERSIONS, type JudgedKind } from '../../kserve/kinds.ts';
import { asObject, property, type JsonObject } from '../../lib/json.ts';
import { quote, visible } from '../../lib/text.ts';
import type { Report } from './finding.ts';

/**
 * @param kind that the object has, or that its author means
 * @param isNamed is its name known from elsewhere?
 */
export function* identity(raw: unknown, kind: JudgedKind, isNamed: boolean): Iterable<Report> {
  const metadata = property(raw, 'metadata');
  const [given, version] = [property(raw, 'kind'), property(raw, 'apiVersion')];
  if (given !== kind) yield otherKind(given, kind);
  if (version !== API_VERSIONS[kind]) yield otherVersion(version, kind);
  const isNameless = isAbsent(property(metadata, 'name')) && isAbsent(property(metadata, 'generateName'));
  if (isNameless && !isNamed) yield NAMELESS;
  yield* unquoted(metadata);
}

function isAbsent(value: unknown): boolean {
  return value === undefined || value === null || value === '';
}

function otherKind(given: unknown, kind: JudgedKind): Report {
  const found = isAbsent(given) ? 'kind is missing' : `KServe has no kind ${quote(given)}`;
  const fix = `write kind: ${kind}`;
  return { severity: 'deny', field: 'kind', message: found, fix, short: `${found}: ${fix}` };
}

/** KServe's CRDs have no other version. */
function otherVersion(given: unknown, kind: JudgedKind): Report {
  const found = isAbsent(given) ? 'apiVersion is missing' : `KServe has no ${kind} in ${quote(given)}`;
  const fix = `write apiVersion: ${API_VERSIONS[kind]}`;
  return { severity: 'deny', field: 'apiVersion', message: found, fix, short: `${found}: ${fix}` };
}

const NAMELESS: Report = {
  severity: 'deny',
  field: 'metadata.name',
  message: 'the object has no name, and the API server refuses it',
  fix: 'write metadata.name',
  short: 'the object has no name, and the API server refuses it: write metadata.name',
};

/** YAML reads true and 1 as no text, and the API server takes text only. */
function* unquoted(metadata: unknown): Iterable<Report> {
  for (const key of NAMES) {
    const value = property(metadata, key);
    if (isUnquoted(value)) yield noText(value, `metadata.${key}`, key);
  }
  for (const map of MAPS) {
    const texts = asObject(property(metadata, map)) ?? NONE;
    // Not for..in: V8 optimizes a generator with it again and again, and throws the result away each time.
    for (const key of Object.keys(texts)) {
      const value = texts[key];
      if (isUnquoted(value)) yield noText(value, `metadata.${map}[${visible(key)}]`, visible(key));
    }
  }
}

const NAMES = ['name', 'namespace', 'generateName'];
const MAPS = ['annotations', 'labels'];
const NONE: JsonObject = {};

/** Is it what YAML makes of a text without quotes? */
export function isUnquoted(value: unknown): value is boolean | number {
  return typeof value === 'boolean' || typeof value === 'number';
}

/** @param name how the messages call the field */
export function noText(value: boolean | number, field: string, name: string): Report {
  return {
    severity: 'deny',
    field,
    message: `${name} is ${value}, and the API server takes text only`,
    // Not with the value: YAML has made 1 of 1.0.
    fix: 'write it in quotes',
    short: `${name} is ${value}: write it in quotes, since the API server takes text only`,
  };
}
