/**
 * The fields that an API server takes, found in the CRDs' own schemas: every string, list and map of them. Names of
 * steps are those of properties; ITEM and VALUE stand for an item of a list and a value of a map.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { KSERVE } from '../support/folders.ts';
import { METADATA } from './metadata.ts';

export const KINDS = ['InferenceService', 'ServingRuntime', 'ClusterServingRuntime'] as const;
export type Kind = (typeof KINDS)[number];

/** As much of a structural schema as is read here. */
export interface Schema {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly additionalProperties?: Schema | boolean;
  readonly required?: readonly string[];
  readonly enum?: readonly unknown[];
  readonly 'x-kubernetes-int-or-string'?: boolean;
}

export const ITEM = '[]';
export const VALUE = '{}';

export interface Field {
  readonly kind: Kind;
  /** Such as `spec.containers[].env[].name`. */
  readonly path: string;
  readonly steps: readonly string[];
  readonly type: 'string' | 'list' | 'map';
  /** Of the field itself. */
  readonly schema: Schema;
  /** Of the whole object. */
  readonly root: Schema;
}

interface Schemas {
  /** A file that is not there; null when all are. */
  readonly absent: string | null;
  readonly schemas: ReadonlyMap<Kind, Schema>;
}

/** @returns the schema of each kind */
export function readSchemas(): Schemas {
  const schemas = new Map<Kind, Schema>();
  for (const kind of KINDS) {
    const file = join(KSERVE, 'crds', `serving.kserve.io_${kind.toLowerCase()}s.yaml`);
    if (!existsSync(file)) return { absent: file, schemas };
    const { spec } = parse(readFileSync(file, 'utf8'));
    const { properties }: Schema = spec.versions[0].schema.openAPIV3Schema;
    schemas.set(kind, { type: 'object', properties: { ...properties, metadata: METADATA } });
  }
  return { absent: null, schemas };
}

/** @returns every string, list and map of a schema, in its order */
export function fieldsOf(kind: Kind, root: Schema): readonly Field[] {
  const fields: Field[] = [];
  const visit = (schema: Schema, steps: readonly string[]): void => {
    const type = typeOf(schema);
    if (type !== null && steps.length > 1) {
      fields.push({ kind, path: pathOf(steps), steps, type, schema, root });
    }
    for (const [name, inner] of Object.entries(schema.properties ?? {})) visit(inner, [...steps, name]);
    if (schema.items !== undefined) visit(schema.items, [...steps, ITEM]);
    const { additionalProperties: values } = schema;
    if (typeof values === 'object') visit(values, [...steps, VALUE]);
  };
  visit(root, []);
  return fields;
}

function typeOf(schema: Schema): Field['type'] | null {
  if (schema.type === 'string' || schema['x-kubernetes-int-or-string'] === true) return 'string';
  if (schema.type === 'array') return 'list';
  // An object without any properties is a map of whatever its author likes.
  return schema.type === 'object' && (schema.additionalProperties ?? schema.properties === undefined)
    ? 'map'
    : null;
}

/** Keys with dots stand in brackets, as Kubernetes writes them. */
function pathOf(steps: readonly string[]): string {
  let path = '';
  for (const step of steps) {
    if (step === ITEM || step === VALUE) path += step;
    else if (step.includes('.')) path += `[${step}]`;
    else path += path === '' ? step : `.${step}`;
  }
  return path;
}
