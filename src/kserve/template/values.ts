/** What is known about a value while a template is followed: its kind, and sometimes the value itself. */

export type Value =
  /** A kind that headcount does not follow, or that is known only at run time. */
  | { readonly kind: 'unknown' }
  | { readonly kind: 'string'; readonly text: string | null }
  | { readonly kind: 'int' | 'float' | 'list' }
  | { readonly kind: 'bool'; readonly value: boolean | null }
  /** A map of strings; `entries` is null if it is unknown. More entries may be added before KServe reads it. */
  | { readonly kind: 'map'; readonly entries: Readonly<Record<string, unknown>> | null }
  /** The ObjectMeta that the template is executed over. */
  | { readonly kind: 'metadata' };

export const UNKNOWN: Value = { kind: 'unknown' };
export const SOME_STRING: Value = { kind: 'string', text: null };
export const SOME_INT: Value = { kind: 'int' };
export const SOME_BOOL: Value = { kind: 'bool', value: null };

/** What the service's metadata says; null where it is not known, as for a runtime by itself. */
export interface KnownMetadata {
  readonly name: string | null;
  readonly namespace: string | null;
  readonly labels: Readonly<Record<string, unknown>> | null;
  readonly annotations: Readonly<Record<string, unknown>> | null;
}

/** @returns what `if` makes of the value; null where only a run tells */
export function truthOf(value: Value): boolean | null {
  switch (value.kind) {
    case 'metadata':
      return true;
    case 'bool':
      return value.value;
    case 'string':
      return value.text === null ? null : value.text !== '';
    case 'map':
      return value.entries !== null && Object.keys(value.entries).length > 0 ? true : null;
    default:
      return null;
  }
}

/** Fields of metav1.ObjectMeta, which KServe executes its templates over, in the order of its declaration. */
const FIELDS: Readonly<Record<string, (known: KnownMetadata) => Value>> = {
  Name: ({ name }) => ({ kind: 'string', text: name }),
  GenerateName: () => SOME_STRING,
  Namespace: ({ namespace }) => ({ kind: 'string', text: namespace }),
  SelfLink: () => SOME_STRING,
  UID: () => SOME_STRING,
  ResourceVersion: () => SOME_STRING,
  Generation: () => SOME_INT,
  CreationTimestamp: () => UNKNOWN,
  DeletionTimestamp: () => UNKNOWN,
  DeletionGracePeriodSeconds: () => UNKNOWN,
  Labels: ({ labels }) => ({ kind: 'map', entries: labels }),
  Annotations: ({ annotations }) => ({ kind: 'map', entries: annotations }),
  OwnerReferences: () => ({ kind: 'list' }),
  Finalizers: () => ({ kind: 'list' }),
  ManagedFields: () => ({ kind: 'list' }),
  // Methods of the value: all others want a pointer, which the template does not have.
  SwaggerDoc: () => UNKNOWN,
  OpenAPIModelName: () => UNKNOWN,
};

/** @returns a field of the metadata, null where it has none of that name: names are Go's, with a capital */
export function metadataField(name: string, known: KnownMetadata): Value | null {
  return Object.hasOwn(FIELDS, name) ? (FIELDS[name]?.(known) ?? null) : null;
}
