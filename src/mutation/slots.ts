/**
 * The places of a service that headcount may write, named by role instead of by path, so that a record of
 * them survives KServe's rewriting of predictor.huggingface into predictor.model. Written by additions.ts, taken
 * out by removals.ts.
 */
import { asList, asObject, asString, at, property, type JsonObject } from '../lib/json.ts';
import { isWorkerName } from '../kserve/merge.ts';
import { AUTOSCALER_CLASS, DEPLOYMENT_MODE } from '../kserve/annotations.ts';
import { modelKey } from '../kserve/model.ts';

export type Role = 'head' | 'worker';

export type Slot =
  | { readonly at: 'annotation'; readonly key: string }
  | { readonly at: 'size'; readonly key: string }
  | ContainerSlot;

export interface ContainerSlot {
  readonly at: 'requests' | 'limits' | 'env';
  readonly role: Role;
  readonly key: string;
}

/** A string for annotations, quantities and env; a number for sizes (and quantities given as numbers). */
export type SlotValue = string | number;

/** A parent that we may have to make, by role. */
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
] as const;
export type Parent = (typeof PARENTS)[number];

/** The annotations that we may write; a record that names another is not ours. */
export const WRITABLE_ANNOTATIONS: readonly string[] = [AUTOSCALER_CLASS, DEPLOYMENT_MODE];

/** The parts of an object that hold slots; null where it has none that could. */
export interface Places {
  readonly annotations: JsonObject | null;
  readonly workerSpec: JsonObject | null;
  readonly head: JsonObject | null;
  readonly worker: JsonObject | null;
}

export function placesOf(object: unknown): Places {
  const predictor = at(object, 'spec', 'predictor');
  const key = modelKey(predictor);
  const workerSpec = asObject(property(predictor, 'workerSpec'));
  const first = asObject(asList(property(workerSpec, 'containers'))[0]);
  return {
    annotations: asObject(at(object, 'metadata', 'annotations')),
    workerSpec,
    head: key === null ? null : asObject(property(predictor, key)),
    worker: isWorker(first) ? first : null,
  };
}

/** Is it the container that becomes the worker's? */
export function isWorker(container: JsonObject | null): container is JsonObject {
  return container !== null && isWorkerName(asString(container['name']));
}

/** @returns the slot's value; undefined when absent (null counts as absent). */
export function readSlot(places: Places, slot: Slot): unknown {
  return valueIn(places, slot) ?? undefined;
}

/** Is the value that we wrote still in its place? An env name may occur several times: any entry counts. */
export function stands(places: Places, slot: Slot, wrote: SlotValue): boolean {
  if (slot.at !== 'env') return readSlot(places, slot) === wrote;
  return indexOfEnvValue(asList(property(places[slot.role], 'env')), slot.key, wrote) !== -1;
}

function valueIn(places: Places, slot: Slot): unknown {
  if (slot.at === 'annotation') return property(places.annotations, slot.key);
  if (slot.at === 'size') return property(places.workerSpec, slot.key);
  const container = places[slot.role];
  if (slot.at !== 'env') return at(container, 'resources', slot.at, slot.key);
  const env = asList(property(container, 'env'));
  return property(env[indexOfEnv(env, slot.key)], 'value');
}

function indexOfEnv(env: readonly unknown[], name: string): number {
  return env.findIndex((entry) => property(entry, 'name') === name);
}

/** @returns the index of the last entry with the name and the value, since we append; -1 where there is none */
export function indexOfEnvValue(env: readonly unknown[], name: string, value: SlotValue): number {
  return env.findLastIndex((entry) => property(entry, 'name') === name && property(entry, 'value') === value);
}
