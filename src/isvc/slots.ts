/**
 * The places of a service that headcount may write, named by role instead of by path, so that a record of
 * them survives KServe's rewriting of predictor.huggingface into predictor.model. Reading a slot, writing
 * it with the parents it needs, taking it out, and asking server-side apply who owns it: all here, so that
 * the places that are written (topology/apply.ts) and taken back (provenance.ts) can't drift apart.
 */
import { asList, asObject, asString, at, property } from '../json.ts';
import { getIn, type Draft, type Path } from '../edit.ts';
import { AUTOSCALER_CLASS, DEPLOYMENT_MODE, modelKey, WORKER_CONTAINER } from './view.ts';

export type Role = 'head' | 'worker';

export type Slot =
  | { readonly at: 'annotation'; readonly key: string }
  | { readonly at: 'size'; readonly key: string }
  | { readonly at: 'requests' | 'limits' | 'env'; readonly role: Role; readonly key: string };

/** A string for annotations, quantities and env; a number for sizes (and quantities given as numbers). */
export type SlotValue = string | number;

/** A parent that we may have to make, by role; the order is from the inside out. */
export const PARENTS = [
  'head.requests',
  'head.limits',
  'head.resources',
  'head.env',
  'worker.requests',
  'worker.limits',
  'worker.resources',
  'worker.env',
  'worker.container',
  'worker.containers',
  'annotations',
] as const;
export type Parent = (typeof PARENTS)[number];

const ANNOTATIONS: Path = ['metadata', 'annotations'];
const PREDICTOR: Path = ['spec', 'predictor'];
const WORKER: Path = [...PREDICTOR, 'workerSpec'];
const CONTAINERS: Path = [...WORKER, 'containers'];

/** @returns the path of the container that plays the role; null when the object has none to write to. */
function containerPath(object: unknown, role: Role): Path | null {
  if (role === 'worker') {
    const first = asList(getIn(object, CONTAINERS))[0];
    return property(first, 'name') === WORKER_CONTAINER ? [...CONTAINERS, 0] : null;
  }
  const key = modelKey(at(object, 'spec', 'predictor'));
  return key === null || asObject(at(object, 'spec', 'predictor', key)) === null ? null : [...PREDICTOR, key];
}

function envIndex(object: unknown, container: Path, name: string): number {
  return asList(getIn(object, [...container, 'env'])).findIndex((entry) => property(entry, 'name') === name);
}

/** @returns where the slot is in this object, null when it has no value there. */
function slotPath(object: unknown, slot: Slot): Path | null {
  if (slot.at === 'annotation') return [...ANNOTATIONS, slot.key];
  if (slot.at === 'size') return [...WORKER, slot.key];
  const container = containerPath(object, slot.role);
  if (container === null) return null;
  if (slot.at !== 'env') return [...container, 'resources', slot.at, slot.key];
  const index = envIndex(object, container, slot.key);
  return index === -1 ? null : [...container, 'env', index, 'value'];
}

/** @returns the slot's value; undefined when absent (null counts as absent). */
export function readSlot(object: unknown, slot: Slot): unknown {
  const path = slotPath(object, slot);
  return path === null ? undefined : (getIn(object, path) ?? undefined);
}

/**
 * Sets a slot, with the parents that it needs.
 * @returns the parents that had to be made; null, and nothing is written, where a parent has a type that
 *   can't hold the slot
 */
export function writeSlot(draft: Draft, slot: Slot, value: SlotValue): readonly Parent[] | null {
  const made: Parent[] = [];
  if (slot.at === 'annotation') {
    if (asObject(draft.get(['metadata'])) === null) return null;
    if (!ensure(draft, ANNOTATIONS, {}, 'annotations', made)) return null;
    draft.set([...ANNOTATIONS, slot.key], value);
    return made;
  }
  if (slot.at === 'size') {
    if (asObject(draft.get(WORKER)) === null) return null;
    draft.set([...WORKER, slot.key], value);
    return made;
  }
  const container = ensureContainer(draft, slot.role, made);
  if (container === null) return null;
  if (slot.at === 'env') {
    const index = envIndex(draft.value, container, slot.key);
    if (index === -1) return appendTo(draft, container, slot.role, [[slot.key, value]], made);
    draft.set([...container, 'env', index, 'value'], value);
    return made;
  }
  const more = writeResource(draft, slot.role, slot.key, value, [slot.at]);
  return more === null ? null : [...made, ...more];
}

/**
 * Appends env entries of which none is there yet, at once: a list of thousands is looked at once, not once
 * for each.
 * @returns as writeSlot
 */
export function appendEnv(
  draft: Draft,
  role: Role,
  entries: readonly (readonly [string, SlotValue])[],
): readonly Parent[] | null {
  const made: Parent[] = [];
  const container = ensureContainer(draft, role, made);
  return container === null ? null : appendTo(draft, container, role, entries, made);
}

/** Sets a resource in some of requests and limits at once. @returns as writeSlot */
export function writeResource(
  draft: Draft,
  role: Role,
  key: string,
  value: SlotValue,
  parts: readonly ('requests' | 'limits')[],
): readonly Parent[] | null {
  const made: Parent[] = [];
  const container = ensureContainer(draft, role, made);
  if (container === null) return null;
  const path = [...container, 'resources'];
  const resources = draft.get(path) ?? undefined;
  if (resources === undefined) {
    draft.set(path, Object.fromEntries(parts.map((part) => [part, { [key]: value }])));
    return [...made, ...parts.map((part) => `${role}.${part}` as const), `${role}.resources`];
  }
  if (parts.some((part) => !canHold(resources, part))) return null;
  for (const part of parts) {
    if (!ensure(draft, [...path, part], {}, `${role}.${part}`, made)) return null;
    draft.set([...path, part, key], value);
  }
  return made;
}

/** Is there an object at `key`, or nothing that would be in the way of one? */
function canHold(parent: unknown, key: string): boolean {
  const found = property(parent, key) ?? null;
  return asObject(parent) !== null && (found === null || asObject(found) !== null);
}

function appendTo(
  draft: Draft,
  container: Path,
  role: Role,
  entries: readonly (readonly [string, SlotValue])[],
  made: Parent[],
): readonly Parent[] | null {
  const list = [...container, 'env'];
  if (!ensure(draft, list, [], `${role}.env`, made)) return null;
  const added = entries.map(([name, value]) => ({ name, value }));
  draft.set(list, [...asList(draft.get(list)), ...added]);
  return made;
}

function ensureContainer(draft: Draft, role: Role, made: Parent[]): Path | null {
  if (role === 'worker' && asList(draft.get(CONTAINERS)).length === 0) {
    if (asObject(draft.get(WORKER)) === null) return null;
    if (!ensure(draft, CONTAINERS, [], 'worker.containers', made)) return null;
    draft.set([...CONTAINERS, 0], { name: WORKER_CONTAINER });
    made.push('worker.container');
  }
  return containerPath(draft.value, role);
}

/** Makes a parent where there is none; false where something of another type stands there. */
function ensure(draft: Draft, path: Path, empty: object, parent: Parent, made: Parent[]): boolean {
  const found = draft.get(path);
  if (found !== undefined && found !== null) {
    return typeof found === 'object' && Array.isArray(empty) === Array.isArray(found);
  }
  draft.set(path, empty);
  made.push(parent);
  return true;
}

/** Takes a slot out; its parents stay, but for the env entry that is nothing but its value. */
export function removeSlot(draft: Draft, slot: Slot): void {
  const path = slotPath(draft.value, slot);
  if (path !== null) draft.remove(slot.at === 'env' ? path.slice(0, -1) : path);
}

/** Takes a parent out where nothing is left in it; a container is left with its name. */
export function removeEmptyParent(draft: Draft, parent: Parent): void {
  const path = parentPath(draft.value, parent);
  if (path === null) return;
  const found = draft.get(path);
  if (typeof found !== 'object' || found === null) return;
  const left = Object.keys(found);
  const bare = parent === 'worker.container' && left.length === 1 && left[0] === 'name';
  if (left.length === 0 || bare) draft.remove(path);
}

function parentPath(object: unknown, parent: Parent): Path | null {
  if (parent === 'annotations') return ANNOTATIONS;
  if (parent === 'worker.containers') return CONTAINERS;
  if (parent === 'worker.container') return containerPath(object, 'worker');
  const [role, name] = parent.split('.') as [Role, string];
  const container = containerPath(object, role);
  if (container === null) return null;
  return name === 'requests' || name === 'limits' ? [...container, 'resources', name] : [...container, name];
}

/**
 * Does a server-side-apply manager own the slot? workerSpec.containers is an atomic list in KServe's CRD,
 * so whoever owns the list owns all of it.
 */
export function isApplied(object: unknown, slot: Slot): boolean {
  return managers(object, 'Apply').some((fields) => hasField(fields, fieldsPath(object, slot)));
}

/** Does any manager, of whatever operation, own the workerSpec or something in it? */
export function isWorkerSpecOwned(object: unknown): boolean {
  const all = managers(object, null);
  return (
    all.length === 0 || all.some((fields) => hasField(fields, ['f:spec', 'f:predictor', 'f:workerSpec']))
  );
}

/** @returns the times of the Apply entries, to see that one was just written. */
export function applyTimes(object: unknown): readonly string[] {
  return asList(at(object, 'metadata', 'managedFields'))
    .filter((entry) => property(entry, 'operation') === 'Apply')
    .map((entry) => asString(property(entry, 'time')) ?? '');
}

function managers(object: unknown, operation: 'Apply' | null): readonly unknown[] {
  return asList(at(object, 'metadata', 'managedFields'))
    .filter((entry) => property(entry, 'subresource') === undefined)
    .filter((entry) => operation === null || property(entry, 'operation') === operation)
    .map((entry) => property(entry, 'fieldsV1'));
}

function fieldsPath(object: unknown, slot: Slot): readonly string[] {
  if (slot.at === 'annotation') return ['f:metadata', 'f:annotations', `f:${slot.key}`];
  const worker = ['f:spec', 'f:predictor', 'f:workerSpec'];
  if (slot.at === 'size') return [...worker, `f:${slot.key}`];
  if (slot.role === 'worker') return [...worker, 'f:containers'];
  const head = ['f:spec', 'f:predictor', `f:${modelKey(at(object, 'spec', 'predictor')) ?? 'model'}`];
  if (slot.at === 'env') return [...head, 'f:env', `k:${JSON.stringify({ name: slot.key })}`];
  return [...head, 'f:resources', `f:${slot.at}`, `f:${slot.key}`];
}

function hasField(fields: unknown, path: readonly string[]): boolean {
  return at(fields, ...path) !== undefined;
}

/** The annotations that we may write; a record that names another is not ours. */
export const WRITABLE_ANNOTATIONS: readonly string[] = [AUTOSCALER_CLASS, DEPLOYMENT_MODE];
