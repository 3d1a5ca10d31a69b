/** What an object is and how it is called: kind, apiVersion, name, annotations and labels. For unknown-field. */
import { API_VERSIONS, type JudgedKind } from '../../kserve/kinds.ts';
import { asObject, property } from '../../lib/json.ts';
import { quote, visible } from '../../lib/text.ts';
import type { Report } from './finding.ts';

/** @param kind that the object has, or that its author means */
export function* identity(raw: unknown, kind: JudgedKind): Iterable<Report> {
  const metadata = property(raw, 'metadata');
  yield* otherKind(property(raw, 'kind'), kind);
  yield* otherVersion(property(raw, 'apiVersion'), kind);
  if (isAbsent(property(metadata, 'name')) && isAbsent(property(metadata, 'generateName'))) yield NAMELESS;
  yield* unquoted(metadata);
}

function isAbsent(value: unknown): boolean {
  return value === undefined || value === null || value === '';
}

function* otherKind(given: unknown, kind: JudgedKind): Iterable<Report> {
  if (given === kind) return;
  const found = isAbsent(given) ? 'kind is missing' : `KServe has no kind ${quote(given)}`;
  const fix = `write kind: ${kind}`;
  yield { severity: 'deny', field: 'kind', message: found, fix, short: `${found}: ${fix}` };
}

/** KServe's CRDs have no other version. */
function* otherVersion(given: unknown, kind: JudgedKind): Iterable<Report> {
  const version = API_VERSIONS[kind];
  if (given === version) return;
  const found = isAbsent(given) ? 'apiVersion is missing' : `KServe has no ${kind} in ${quote(given)}`;
  const fix = `write apiVersion: ${version}`;
  yield { severity: 'deny', field: 'apiVersion', message: found, fix, short: `${found}: ${fix}` };
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
  for (const key of ['name', 'namespace', 'generateName']) {
    yield* noText(property(metadata, key), `metadata.${key}`, key);
  }
  for (const map of ['annotations', 'labels']) {
    for (const [key, value] of Object.entries(asObject(property(metadata, map)) ?? {})) {
      yield* noText(value, `metadata.${map}[${visible(key)}]`, visible(key));
    }
  }
}

/** @param name how the messages call the field */
export function* noText(value: unknown, field: string, name: string): Iterable<Report> {
  if (typeof value !== 'boolean' && typeof value !== 'number') return;
  yield {
    severity: 'deny',
    field,
    message: `${name} is ${value}, and the API server takes text only`,
    // Not with the value: YAML has made 1 of 1.0.
    fix: 'write it in quotes',
    short: `${name} is ${value}: write it in quotes, since the API server takes text only`,
  };
}
