/** Writing a value into an object at a field's place, with what its schema requires on the way to it. */
import { ITEM, VALUE, type Field, type Schema } from './schema.ts';

/** @returns a copy of the object with the value at the field; lists and maps on the way have one entry at least */
export function place(object: unknown, field: Field, value: unknown): unknown {
  return put(object, field.root, field.steps, value);
}

function put(current: unknown, schema: Schema, steps: readonly string[], value: unknown): unknown {
  const [step, ...rest] = steps;
  if (step === undefined) return value;
  if (step === ITEM) {
    const items = schema.items ?? {};
    const [first = smallest(items), ...others] = Array.isArray(current) ? (current as unknown[]) : [];
    return [put(first, items, rest, value), ...others];
  }
  const given = (current ?? smallest(schema)) as Readonly<Record<string, unknown>>;
  if (step === VALUE) {
    const values = typeof schema.additionalProperties === 'object' ? schema.additionalProperties : {};
    const [key = 'example'] = Object.keys(given);
    return { ...given, [key]: put(given[key], values, rest, value) };
  }
  return { ...given, [step]: put(given[step], schema.properties?.[step] ?? {}, rest, value) };
}

/** @returns the least that the schema allows */
export function smallest(schema: Schema): unknown {
  const { type, required = [], properties = {} } = schema;
  switch (type) {
    case 'object':
      return Object.fromEntries(required.map((name) => [name, smallest(properties[name] ?? {})]));
    case 'array':
      return [];
    case 'integer':
    case 'number':
      return 1;
    case 'boolean':
      return false;
    default:
      return schema.enum?.[0] ?? (schema['x-kubernetes-int-or-string'] === true ? '1' : 'x');
  }
}
