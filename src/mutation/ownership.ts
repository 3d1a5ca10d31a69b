/** What server-side apply says about a service: which managers own a slot, and when they applied it. */
import { asList, asObject, at, equalJson, property, type JsonObject } from '../lib/json.ts';
import { oncePer } from '../lib/once.ts';
import { read } from '../lib/unread.ts';
import type { Slot } from './slots.ts';
import { modelKey } from '../kserve/model.ts';

/**
 * Does one server-side-apply manager own all of the slots? workerSpec.containers is an atomic list in KServe's CRD,
 * so whoever owns the list owns all of it.
 */
export function isApplied(object: unknown, ...slots: readonly Slot[]): boolean {
  const paths = slots.map((slot) => fieldsPath(object, slot));
  return appliers(object).some((entry) => paths.every((path) => owns(entry, path)));
}

/** Does any manager, of whatever operation, own the workerSpec or something in it? */
export function isWorkerSpecOwned(object: unknown): boolean {
  const all = managers(object);
  return all.length === 0 || all.some((entry) => owns(entry, WORKER_SPEC));
}

/**
 * Has a manager applied the object in this request and no longer states a workerSpec that it stated before? An update
 * also removes fields from a manager's entry, but does not change the entry's time. The time has whole seconds, so two
 * applies may have the same one. Then it is known of a workerSpec that was stated as such, for instance an empty one: an
 * update leaves it in the entry as long as the object has a workerSpec.
 * @param object with a workerSpec
 */
export function hasLetGoOfWorkerSpec(object: unknown, old: unknown): boolean {
  const now = appliers(object);
  return appliers(old)
    .filter((entry) => owns(entry, WORKER_SPEC))
    .some((before) =>
      now.some(
        (entry) =>
          property(entry, 'manager') === property(before, 'manager') &&
          (property(entry, 'time') !== property(before, 'time') || ownsItself(before, WORKER_SPEC)) &&
          !owns(entry, WORKER_SPEC),
      ),
    );
}

/** Has a manager that owns the slot applied in this request? Then its entry differs from the stored one. */
export function isAppliedNow(object: unknown, old: unknown, slot: Slot): boolean {
  const path = fieldsPath(object, slot);
  const before = appliers(old);
  return appliers(object).some(
    (entry) => owns(entry, path) && !before.some((stored) => equalJson(stored, entry)),
  );
}

const PREDICTOR = ['fieldsV1', 'f:spec', 'f:predictor'];
const WORKER_SPEC = [...PREDICTOR, 'f:workerSpec'];

/** Kept, because each slot of a record needs it and there may be thousands of managers. */
const appliersOf = oncePer((service: JsonObject): readonly unknown[] =>
  managers(service).filter((entry) => property(entry, 'operation') === 'Apply'),
);

/** @returns the managers of an object that have applied it */
function appliers(object: unknown): readonly unknown[] {
  const service = asObject(object);
  return service === null ? [] : appliersOf(service);
}

function managers(object: unknown): readonly unknown[] {
  const all = asList(read(at(object, 'metadata', 'managedFields')));
  return all.filter((entry) => property(entry, 'subresource') === undefined);
}

function owns(manager: unknown, path: readonly string[]): boolean {
  return at(manager, ...path) !== undefined;
}

/** Does it own the field as such, and not only something in it? */
function ownsItself(manager: unknown, path: readonly string[]): boolean {
  const fields = asObject(at(manager, ...path));
  return fields !== null && (Object.hasOwn(fields, '.') || Object.keys(fields).length === 0);
}

function fieldsPath(object: unknown, slot: Slot): readonly string[] {
  if (slot.at === 'annotation') return ['fieldsV1', 'f:metadata', 'f:annotations', `f:${slot.key}`];
  if (slot.at === 'size') return [...WORKER_SPEC, `f:${slot.key}`];
  if (slot.role === 'worker') return [...WORKER_SPEC, 'f:containers'];
  const head = [...PREDICTOR, `f:${modelKey(at(object, 'spec', 'predictor')) ?? 'model'}`];
  if (slot.at === 'env') return [...head, 'f:env', `k:${JSON.stringify({ name: slot.key })}`];
  return [...head, 'f:resources', `f:${slot.at}`, `f:${slot.key}`];
}
