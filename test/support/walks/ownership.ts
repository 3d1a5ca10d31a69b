/**
 * Who owns which fields, as the API server keeps it in metadata.managedFields: a small model of its structured merge
 * for KServe's InferenceService. Maps are owned key by key, env by the names of its entries, other lists as a whole.
 */
import { equalJson } from '../../../src/lib/json.ts';
import type { Loose } from '../../rules/cases.ts';

/** A path: `f:key` in maps, `k:{"name":"..."}` in lists with keys. */
type Path = readonly string[];

export interface Manager {
  readonly name: string;
  readonly operation: 'Apply' | 'Update';
}

const SEPARATOR = '\u0000';
const KEYED_LISTS: readonly string[] = ['f:env'];

const isMap = (value: Loose): boolean => typeof value === 'object' && value !== null && !Array.isArray(value);
/** workerSpec.containers is atomic: nothing inside it is owned by itself. */
const isKeyed = (path: Path): boolean => KEYED_LISTS.includes(path.at(-1) ?? '');

/** What managers own of an object: its spec, annotations and labels. */
function owned({ metadata, spec }: Loose): Loose {
  const { annotations, labels } = metadata;
  const ours = { ...(annotations && { annotations }), ...(labels && { labels }) };
  return { ...(Object.keys(ours).length > 0 && { metadata: ours }), ...(spec && { spec }) };
}

/** The children of a map or a keyed list, by path element; null of everything else. */
function children(value: Loose, path: Path): readonly (readonly [string, Loose])[] | null {
  if (isMap(value)) return Object.keys(value).map((key) => [`f:${key}`, value[key]]);
  if (Array.isArray(value) && isKeyed(path))
    return value.map((entry) => [`k:${JSON.stringify({ name: entry.name })}`, entry]);
  return null;
}

/** @returns leaf paths with their values; an empty map is a leaf */
function leaves(value: Loose, path: Path = []): Map<string, Loose> {
  const parts = children(value, path);
  if (parts === null || parts.length === 0) return new Map([[path.join(SEPARATOR), value]]);
  return new Map(parts.flatMap(([key, child]) => [...leaves(child, [...path, key])]));
}

/** @returns leaf paths with their values, and `.` below each map and keyed entry: who updates owns what it makes */
function leavesAndParents(value: Loose): Map<string, Loose> {
  const found = leaves(value);
  for (const path of found.keys()) {
    const keys = path.split(SEPARATOR);
    for (let length = keys.length - 1; length > 0; length--) {
      const parent = keys.slice(0, length);
      if (parent.join() !== 'f:metadata') found.set([...parent, '.'].join(SEPARATOR), true);
    }
  }
  return found;
}

function setOf({ fieldsV1 }: Loose): Set<string> {
  const paths = (node: Loose, path: Path): readonly string[] =>
    Object.keys(node).length === 0
      ? [path.join(SEPARATOR)]
      : Object.entries(node).flatMap(([key, child]) => paths(child, [...path, key]));
  return new Set(paths(fieldsV1, []));
}

function fieldsOf(set: ReadonlySet<string>): Loose {
  const fields: Loose = {};
  for (const path of set) {
    let node = fields;
    for (const key of path.split(SEPARATOR)) node = node[key] ??= {};
  }
  return fields;
}

const isOf = (entry: Loose, manager: Manager): boolean =>
  entry.manager === manager.name && entry.operation === manager.operation;

/**
 * @param time of this write; null where it changes no value. The entries of others keep theirs, also when they are pruned
 * @returns the entries with each one's set changed; those that own nothing any more go
 */
function entries(
  before: readonly Loose[],
  manager: Manager,
  time: string | null,
  change: (set: ReadonlySet<string>, isMine: boolean) => ReadonlySet<string>,
): readonly Loose[] {
  const known = before.some((entry) => isOf(entry, manager))
    ? before
    : [...before, { manager: manager.name, operation: manager.operation, fieldsType: 'FieldsV1' }];
  return known.flatMap((entry) => {
    const had = entry.fieldsV1 === undefined ? new Set<string>() : setOf(entry);
    const set = change(had, isOf(entry, manager));
    const fieldsV1 = fieldsOf(set);
    if (set.size === 0) return [];
    return [{ ...entry, fieldsV1, ...(time !== null && isOf(entry, manager) && { time }) }];
  });
}

function differing(from: ReadonlyMap<string, Loose>, to: ReadonlyMap<string, Loose>): readonly string[] {
  return [...to].filter(([path, value]) => !equalJson(from.get(path), value)).map(([path]) => path);
}

/** @returns managedFields after an update of `old` to `next` */
export function afterUpdate(old: Loose, next: Loose, manager: Manager, time: string): readonly Loose[] {
  const from = old === null ? new Map<string, Loose>() : leavesAndParents(owned(old));
  const to = leavesAndParents(owned(next));
  const changed = differing(from, to);
  const present = new Set(to.keys());
  return entries(
    old?.metadata.managedFields ?? [],
    manager,
    changed.length > 0 ? time : null,
    (set, isMine) => {
      const left = [...set].filter((path) => holds(present, path) && (isMine || !changed.includes(path)));
      return new Set(isMine ? [...left, ...changed] : left);
    },
  );
}

/** What server-side apply makes of an object, or why it is refused: the first such field. */
export type Applied =
  | { readonly object: Loose }
  /** Another manager holds it. */
  | { readonly conflict: string }
  /** The manifest says {}, and what was in it goes: the API server makes a null of it, which the schema refuses. */
  | { readonly nulled: string };

export function serverSideApply(
  old: Loose,
  manifest: Loose,
  manager: Manager,
  { force, time }: { readonly force: boolean; readonly time: string },
): Applied {
  const said = leaves(owned(manifest));
  const before: readonly Loose[] = old?.metadata.managedFields ?? [];
  const mine = before.find((entry) => isOf(entry, manager));
  const others = before.filter((entry) => !isOf(entry, manager)).map(setOf);
  const from = old === null ? new Map<string, Loose>() : leaves(owned(old));
  const changed = differing(from, said);
  const conflict = changed.find((path) => others.some((set) => set.has(path)));
  if (conflict !== undefined && !force) return { conflict: conflict.replaceAll(SEPARATOR, '.') };

  const gone = [...(mine === undefined ? [] : setOf(mine))].filter(
    (path) => ![new Set(said.keys()), ...others].some((set) => holds(set, path)),
  );
  // The name of a keyed entry goes last: it is what the entry is found by.
  gone.sort((one, other) => Number(one.endsWith('f:name')) - Number(other.endsWith('f:name')));
  const merged = gone.reduce(
    (object, path) => without(object, path.split(SEPARATOR)) ?? {},
    old === null ? manifest : merge(old, manifest, []),
  );
  const left = leaves(owned(merged));
  const nulled = [...said.keys()].find((path) => from.size > 0 && !holds(new Set(left.keys()), path));
  if (nulled !== undefined) return { nulled: nulled.replaceAll(SEPARATOR, '.') };
  const written = changed.length > 0 || gone.length > 0 ? time : null;
  const managedFields = entries(before, manager, written, (set, isMine) =>
    isMine ? new Set(said.keys()) : new Set([...set].filter((path) => !changed.includes(path))),
  );
  return { object: { ...merged, metadata: { ...merged.metadata, managedFields } } };
}

/** A map that was empty is held by whoever holds something in it. */
function holds(set: ReadonlySet<string>, path: string): boolean {
  return set.has(path) || [...set].some((other) => other.startsWith(`${path}${SEPARATOR}`));
}

function merge(live: Loose, said: Loose, path: Path): Loose {
  if (Array.isArray(live) && Array.isArray(said) && isKeyed(path)) {
    const more = said.filter(({ name }) => live.every((entry) => entry.name !== name));
    const kept = live.map((entry) => {
      const found = said.find(({ name }) => name === entry.name);
      return found === undefined ? entry : merge(entry, found, []);
    });
    return [...kept, ...more];
  }
  if (!isMap(live) || !isMap(said)) return said;
  const both = Object.keys(said).map((key) => [key, merge(live[key], said[key], [...path, `f:${key}`])]);
  return { ...live, ...Object.fromEntries(both) };
}

/** Takes a path out, with the parents in which nothing is left. */
function without(value: Loose, [element = '', ...rest]: Path): Loose {
  const replaced = (child: Loose): Loose => (rest.length === 0 ? undefined : without(child, rest));
  if (Array.isArray(value)) {
    const left = value.flatMap((entry) =>
      element === `k:${JSON.stringify({ name: entry.name })}` ? (replaced(entry) ?? []) : [entry],
    );
    return left.length === 0 ? undefined : left;
  }
  const key = element.slice('f:'.length);
  if (!isMap(value) || !(key in value)) return value;
  const { [key]: child, ...others } = value;
  const left = replaced(child);
  const whole = left === undefined ? others : { ...others, [key]: left };
  return Object.keys(whole).length === 0 ? undefined : whole;
}
