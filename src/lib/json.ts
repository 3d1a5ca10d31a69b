/**
 * Reading JSON of any shape. An admission webhook runs before the CRD's schema is checked, so every field
 * may have any type; these helpers answer "absent" instead of throwing.
 */
export type JsonObject = { readonly [key: string]: unknown };

/** @returns the value as an object, or null when it is anything else (arrays included). */
export function asObject(value: unknown): JsonObject | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : null;
}

/** @returns the value as a list, or an empty one when it is anything else. */
export function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as readonly unknown[]) : NOTHING;
}

const NOTHING: readonly unknown[] = Object.freeze([]);

/** @returns the value when it is a string, else null. */
export function asString(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

/**
 * @returns an own property of an object, undefined for anything else. JSON has no functions, so a function must come
 *   from Object.prototype. Checking the type is faster than checking whether the property is own.
 */
export function property(value: unknown, key: string): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || key === '__proto__')
    return undefined;
  const found = (value as JsonObject)[key];
  return typeof found === 'function' ? undefined : found;
}

/** @returns the value at a chain of own properties, undefined as soon as one is missing. */
export function at(value: unknown, ...keys: readonly string[]): unknown {
  let here = value;
  for (const key of keys) here = property(here, key);
  return here;
}

/** Deep equality of two JSON values; the order of an object's keys does not count. */
export function equalJson(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (Array.isArray(a)) {
    if (!Array.isArray(b) || a.length !== b.length) return false;
    for (let i = 0; i < a.length; i++) if (!equalJson(a[i], b[i])) return false;
    return true;
  }
  const left = asObject(a);
  const right = asObject(b);
  if (left === null || right === null) return false;
  // Not Object.keys: a review compares many objects, and two lists of keys for each are much of what it allocates.
  for (const key in left) {
    if (!Object.hasOwn(right, key) || !equalJson(left[key], right[key])) return false;
  }
  for (const key in right) if (!Object.hasOwn(left, key)) return false;
  return true;
}

/** @returns the value of a JSON text, undefined if it is not JSON. The caller must bound its length and depth. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** @returns the same JSON value, frozen to its leaves. */
export function frozen<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  for (const inner of Object.values(value)) frozen(inner);
  return Object.freeze(value);
}
