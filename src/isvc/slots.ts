/**
 * The places of a service that headcount may write, named by role instead of by path, so that a record of
 * them survives KServe's rewriting of predictor.huggingface into predictor.model. Reading a slot, writing
 * it with the parents it needs, taking it out, and asking server-side apply who owns it: all here, so that
 * the places that are written (topology/apply.ts) and taken back (provenance.ts) can't drift apart.
 */
import { asList, asObject, asString, at, property } from '../json.ts';
import { getIn, removeIn, setIn, type Path } from '../edit.ts';
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

/** What a write gave: the new object and the parents that had to be made for it. */
export interface Written {
  readonly object: unknown;
  readonly made: readonly Parent[];
}

/** @returns the object with the slot set; null where a parent has a type that can't hold it. */
export function writeSlot(object: unknown, slot: Slot, value: SlotValue): Written | null {
  const made: Parent[] = [];
  let here = object;
  const ensure = (path: Path, empty: unknown, parent: Parent): boolean => {
    const found = getIn(here, path);
    if (found !== undefined && found !== null)
      return Array.isArray(empty) === Array.isArray(found) && typeof found === 'object';
    here = setIn(here, path, empty);
    made.push(parent);
    return true;
  };

  if (slot.at === 'annotation') {
    if (asObject(at(here, 'metadata')) === null || !ensure(ANNOTATIONS, {}, 'annotations')) return null;
    return { object: setIn(here, [...ANNOTATIONS, slot.key], value), made };
  }
  if (slot.at === 'size') {
    if (asObject(getIn(here, WORKER)) === null) return null;
    return { object: setIn(here, [...WORKER, slot.key], value), made };
  }
  if (slot.role === 'worker' && asList(getIn(here, CONTAINERS)).length === 0) {
    if (asObject(getIn(here, WORKER)) === null || !ensure(CONTAINERS, [], 'worker.containers')) return null;
    here = setIn(here, [...CONTAINERS, 0], { name: WORKER_CONTAINER });
    made.push('worker.container');
  }
  const container = containerPath(here, slot.role);
  if (container === null) return null;
  if (slot.at === 'env') {
    const list = [...container, 'env'];
    if (!ensure(list, [], `${slot.role}.env`)) return null;
    const index = envIndex(here, container, slot.key);
    const end = asList(getIn(here, list)).length;
    const entry = { name: slot.key, value };
    return {
      object: setIn(
        here,
        index === -1 ? [...list, end] : [...list, index, 'value'],
        index === -1 ? entry : value,
      ),
      made,
    };
  }
  const resources = [...container, 'resources'];
  if (!ensure(resources, {}, `${slot.role}.resources`)) return null;
  if (!ensure([...resources, slot.at], {}, `${slot.role}.${slot.at}`)) return null;
  return { object: setIn(here, [...resources, slot.at, slot.key], value), made };
}

/** @returns the object without the slot; parents stay, but for the env entry that is nothing but its value. */
export function removeSlot(object: unknown, slot: Slot): unknown {
  const path = slotPath(object, slot);
  if (path === null) return object;
  return removeIn(object, slot.at === 'env' ? path.slice(0, -1) : path);
}

/** @returns the object without the parent where nothing is left in it; a container is left with its name. */
export function removeEmptyParent(object: unknown, parent: Parent): unknown {
  const path = parentPath(object, parent);
  if (path === null) return object;
  const found = getIn(object, path);
  if (typeof found !== 'object' || found === null) return object;
  const left = Object.keys(found);
  const empty =
    left.length === 0 || (parent === 'worker.container' && left.length === 1 && left[0] === 'name');
  return empty ? removeIn(object, path) : object;
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
