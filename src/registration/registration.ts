/**
 * A webhook configuration comes into force when its entries get their rules: an entry without rules matches nothing. The
 * chart writes the rules into an annotation, and headcount copies them into the entries once the API server reaches it
 * (in-force.ts). So no manifest names the field that headcount writes, and no tool puts it back.
 */
import { asObject, equalJson, property } from '../lib/json.ts';

/** The two configurations, both named CONFIGURATION. */
export const KINDS = ['mutating', 'validating'] as const;
export type Kind = (typeof KINDS)[number];

export const CONFIGURATION = 'multinode.headcount.dev';
/** Annotation of a configuration: the rules of its entries by their names, as JSON. */
export const RULES = 'headcount.dev/rules';

/** What a configuration holds. */
export interface Registration {
  readonly version: string;
  /** The annotation's value, parsed; undefined where there is none, or no JSON. */
  readonly stated: unknown;
  readonly entries: readonly { readonly name: string; readonly rules: unknown }[];
}

/** The rules that the entry at this index is to have. */
export interface Change {
  readonly index: number;
  readonly rules: unknown;
}

/** @returns what the entries lack; an entry that the annotation does not name keeps the rules that it has */
export function changesOf({ stated, entries }: Registration): readonly Change[] {
  return entries.flatMap(({ name, rules }, index) => {
    const wanted = property(asObject(stated), name);
    return wanted === undefined || equalJson(wanted, rules) ? [] : [{ index, rules: wanted }];
  });
}

/** The API server, as far as this folder needs it. Every method rejects when the API server can't be asked or refuses. */
export interface RegistrationStore {
  /** Null when there is no such configuration. */
  read(kind: Kind): Promise<Registration | null>;
  /** Makes the API server ask headcount (probe.ts). @returns null when it did, else why it seems not to have */
  probe(kind: Kind): Promise<string | null>;
  /** Writes rules, if the version is still this one. */
  write(kind: Kind, changes: readonly Change[], version: string): Promise<'written' | 'conflict' | 'gone'>;
}
