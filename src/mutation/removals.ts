/**
 * Removes all of headcount's values from a service at once, with the parents that were made for them: the reverse of
 * additions.ts. The parents of a value are copied, and everything else is shared.
 */
import { asObject, type JsonObject } from '../lib/json.ts';
import { indexOfEnvValue, isWorker, type Parent, type Role, type Slot, type SlotValue } from './slots.ts';
import { APPLIED } from '../kserve/annotations.ts';
import { modelKey } from '../kserve/model.ts';

/** A slot that goes back to what its author had there: undefined when nothing. */
export interface Removal {
  readonly slot: Slot;
  /** The value that stands there. */
  readonly wrote: SlotValue;
  readonly had: SlotValue | undefined;
}

const RECORD: Removal = { slot: { at: 'annotation', key: APPLIED }, wrote: '', had: undefined };

/**
 * @param made parents that were made for our values; those in which nothing is left go too
 * @returns the object with what its author had in the slots, and without the record
 */
export function restored(
  object: JsonObject,
  removals: readonly Removal[],
  made: readonly Parent[],
): JsonObject {
  return new Restorer([RECORD, ...removals], made).service(object);
}

/** @returns the object without spec.predictor.workerSpec. */
export function withoutWorkerSpec(object: JsonObject): JsonObject {
  return changed(object, 'spec', (spec) =>
    changed(spec, 'predictor', (predictor) => changed(predictor, 'workerSpec', () => undefined)),
  );
}

/**
 * @param change makes another object of the one at `key`, or nothing at all
 * @returns a copy with that; the object itself where there is no object at `key`
 */
function changed(object: JsonObject, key: string, change: (child: JsonObject) => unknown): JsonObject {
  const child = asObject(object[key]);
  return child === null ? object : withValue(object, key, change(child));
}

/** @returns a copy with another value at `key`, or without the key for undefined. */
function withValue(object: JsonObject, key: string, value: unknown): JsonObject {
  if (value !== undefined) return { ...object, [key]: value };
  const { [key]: _gone, ...others } = object;
  return others;
}

class Restorer {
  readonly #removals: readonly Removal[];
  readonly #made: readonly Parent[];

  constructor(removals: readonly Removal[], made: readonly Parent[]) {
    this.#removals = removals;
    this.#made = made;
  }

  service(object: JsonObject): JsonObject {
    const unannotated = changed(object, 'metadata', (metadata) =>
      changed(metadata, 'annotations', (annotations) => this.#annotations(annotations)),
    );
    return changed(unannotated, 'spec', (spec) =>
      changed(spec, 'predictor', (predictor) => this.#predictor(predictor)),
    );
  }

  #annotations(annotations: JsonObject): JsonObject | undefined {
    const left = this.#values(annotations, (slot) => slot.at === 'annotation');
    // The API server keeps no empty map.
    return Object.keys(left).length === 0 ? undefined : left;
  }

  #predictor(predictor: JsonObject): JsonObject {
    const key = modelKey(predictor) ?? 'model';
    const headed = changed(predictor, key, (model) => this.#container('head', model));
    return changed(headed, 'workerSpec', (workerSpec) => this.#workerSpec(workerSpec));
  }

  #workerSpec(workerSpec: JsonObject): JsonObject {
    const { containers } = workerSpec;
    const left = this.#values(workerSpec, (slot) => slot.at === 'size');
    return Array.isArray(containers) ? withValue(left, 'containers', this.#containers(containers)) : left;
  }

  #containers(list: readonly unknown[]): readonly unknown[] | undefined {
    const [first, ...others] = list;
    const container = asObject(first);
    if (!isWorker(container)) return this.#unlessEmpty(list, 'worker.containers');
    const left = this.#container('worker', container);
    const isBare = Object.keys(left).length === 1 && this.#made.includes('worker.container');
    return this.#unlessEmpty(isBare ? others : [left, ...others], 'worker.containers');
  }

  #container(role: Role, container: JsonObject): JsonObject {
    const { env } = container;
    const left = changed(container, 'resources', (resources) => this.#resources(role, resources));
    return Array.isArray(env) ? withValue(left, 'env', this.#env(role, env)) : left;
  }

  #resources(role: Role, resources: JsonObject): JsonObject | undefined {
    let left = resources;
    for (const part of ['requests', 'limits'] as const) {
      const isHere = (slot: Slot): boolean => slot.at === part && slot.role === role;
      left = changed(left, part, (values) => {
        const others = this.#values(values, isHere);
        // Our removals emptied it, so it is removed, even if the author once had values in it.
        const isEmptied = others !== values && Object.keys(others).length === 0;
        return isEmptied ? undefined : this.#unlessEmpty(others, `${role}.${part}`);
      });
    }
    return this.#unlessEmpty(left, `${role}.resources`);
  }

  #env(role: Role, env: readonly unknown[]): readonly unknown[] | undefined {
    const left = [...env];
    for (const { slot, wrote, had } of this.#removals) {
      if (slot.at !== 'env' || slot.role !== role) continue;
      const index = indexOfEnvValue(left, slot.key, wrote);
      // A forged record may name a slot twice.
      if (index === -1) continue;
      if (had === undefined) left.splice(index, 1);
      else left[index] = { ...asObject(left[index]), value: had };
    }
    return this.#unlessEmpty(left, `${role}.env`);
  }

  /** @returns the object that holds some of the slots, with what its author had in them */
  #values(object: JsonObject, isHere: (slot: Slot) => boolean): JsonObject {
    const here = this.#removals.filter(({ slot }) => isHere(slot));
    if (!here.some(({ slot }) => Object.hasOwn(object, slot.key))) return object;
    const left: Record<string, unknown> = { ...object };
    for (const { slot, had } of here) {
      if (had === undefined) delete left[slot.key];
      else left[slot.key] = had;
    }
    return left;
  }

  #unlessEmpty<T extends object>(value: T, parent: Parent): T | undefined {
    return Object.keys(value).length === 0 && this.#made.includes(parent) ? undefined : value;
  }
}
