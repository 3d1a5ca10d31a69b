/**
 * Writes all of headcount's values into a service at once. The parents of a value are copied and everything else is
 * shared: patch.ts relies on that. It also returns what was written and which parents were made. record.ts stores this,
 * and intent.ts uses it to take the values back.
 */
import { asObject, property, type JsonObject } from '../lib/json.ts';
import { encodeProvenance, type Entry } from './record.ts';
import type { Parent, Role, SlotValue } from './slots.ts';
import { APPLIED } from '../kserve/annotations.ts';
import { modelKey } from '../kserve/model.ts';
import { WORKER_CONTAINER } from '../kserve/names.ts';

/** A value for a key of an object. */
export interface Addition<T extends SlotValue> {
  readonly key: string;
  readonly value: T;
  /** What its author has there; undefined when nothing. */
  readonly had: T | undefined;
}

/** A resource for requests, limits or both of a container that has room for it (ContainerView.holdsResources). */
export interface ResourceAddition {
  readonly key: string;
  readonly value: SlotValue;
  readonly parts: readonly ('requests' | 'limits')[];
}

export interface ContainerAdditions {
  readonly resources: readonly ResourceAddition[];
  /** Name and value of env that the container does not have. */
  readonly env: readonly (readonly [string, string])[];
}

export interface SpecAdditions {
  readonly sizes: readonly Addition<number>[];
  readonly head: ContainerAdditions;
  readonly worker: ContainerAdditions;
}

/** An object with our values in it, and what to remember of them. */
export interface Written {
  readonly object: unknown;
  readonly entries: readonly Entry[];
  readonly made: readonly Parent[];
}

/**
 * @param object a service for which there is a plan: its first worker container, if any, is the worker-container
 * @returns the object with the additions; those that need a parent of another type are left out
 */
export function writeSpec(object: unknown, additions: SpecAdditions): Written {
  const writer = new SpecWriter(additions);
  return { object: writer.service(object), entries: writer.entries, made: writer.made };
}

/** @returns the object with the annotations and, where anything of ours is in it, the record of that. */
export function writeAnnotations(written: Written, additions: readonly Addition<string>[]): unknown {
  const { object } = written;
  const metadata = asObject(property(object, 'metadata'));
  const present = asObject(metadata?.['annotations'] ?? NOTHING);
  if (metadata === null || present === null) return object;
  const entries = [...written.entries];
  const annotations: Record<string, unknown> = { ...present };
  for (const { key, value, had } of additions) {
    annotations[key] = value;
    entries.push({ slot: { at: 'annotation', key }, wrote: value, had });
  }
  if (entries.length === 0) return object;
  annotations[APPLIED] = encodeProvenance({ entries, made: written.made });
  return { ...(object as JsonObject), metadata: { ...metadata, annotations } };
}

/** Copies its way to every addition, and collects what it writes. */
class SpecWriter {
  readonly #additions: SpecAdditions;
  readonly entries: Entry[] = [];
  readonly made: Parent[] = [];

  constructor(additions: SpecAdditions) {
    this.#additions = additions;
  }

  service(object: unknown): unknown {
    const service = asObject(object);
    const spec = asObject(service?.['spec']);
    const predictor = asObject(spec?.['predictor']);
    return predictor === null
      ? object
      : { ...service, spec: { ...spec, predictor: this.#predictor(predictor) } };
  }

  #predictor(predictor: JsonObject): JsonObject {
    const written: Record<string, unknown> = { ...predictor };
    const key = modelKey(predictor);
    const model = key === null ? null : asObject(predictor[key]);
    if (key !== null && model !== null) written[key] = this.#container('head', model);
    const workerSpec = asObject(predictor['workerSpec']);
    if (workerSpec !== null) written['workerSpec'] = this.#workerSpec(workerSpec);
    return written;
  }

  #workerSpec(workerSpec: JsonObject): JsonObject {
    const written: Record<string, unknown> = { ...workerSpec };
    for (const { key, value, had } of this.#additions.sizes) {
      written[key] = value;
      this.entries.push({ slot: { at: 'size', key }, wrote: value, had });
    }
    const containers = workerSpec['containers'] ?? NONE;
    if (Array.isArray(containers)) written['containers'] = this.#containers(containers);
    if (containers === NONE) this.made.push('worker.containers');
    return written;
  }

  /** The first container is the worker container. */
  #containers([first, ...others]: readonly unknown[]): readonly unknown[] {
    if (first !== undefined) return [this.#container('worker', asObject(first) ?? NOTHING), ...others];
    this.made.push('worker.container');
    const container = this.#container('worker', { name: WORKER_CONTAINER });
    if (container['resources'] !== undefined) return [container];
    // KServe's defaulter would add it at its next write, and that would increase metadata.generation.
    this.made.push('worker.resources');
    return [{ ...container, resources: NOTHING }];
  }

  #container(role: Role, container: JsonObject): JsonObject {
    const { resources, env } = this.#additions[role];
    const written: Record<string, unknown> = { ...container };
    if (resources.length > 0) {
      written['resources'] = this.#resources(role, container['resources'], resources);
    }
    const list = container['env'] ?? NONE;
    if (env.length === 0 || !Array.isArray(list)) return written;
    if (list === NONE) this.made.push(`${role}.env`);
    written['env'] = [...(list as readonly unknown[]), ...env.map(([name, value]) => ({ name, value }))];
    for (const [key, value] of env) {
      this.entries.push({ slot: { at: 'env', role, key }, wrote: value, had: undefined });
    }
    return written;
  }

  #resources(role: Role, given: unknown, additions: readonly ResourceAddition[]): JsonObject {
    const resources = asObject(given);
    if (resources === null) this.made.push(`${role}.resources`);
    const written: Record<string, unknown> = { ...resources };
    for (const part of PARTS) {
      if (!additions.some(({ parts }) => parts.includes(part))) continue;
      const there = asObject(written[part]) ?? NOTHING;
      if (!hasOthers(there, part, additions)) this.made.push(`${role}.${part}`);
      written[part] = withEntries(there, part, additions);
    }
    for (const { key, value, parts } of additions) {
      for (const part of parts) {
        this.entries.push({ slot: { at: part, role, key }, wrote: value, had: undefined });
      }
    }
    return written;
  }
}

type Part = ResourceAddition['parts'][number];

/**
 * Does requests or limits hold anything beside the additions? If not, it counts as made by us: taking our values out of an
 * empty map of the author's and out of one that we made leaves the same.
 */
function hasOthers(there: JsonObject, part: Part, additions: readonly ResourceAddition[]): boolean {
  for (const name in there) {
    if (!additions.some(({ key, parts }) => key === name && parts.includes(part))) return true;
  }
  return false;
}

/** @returns a copy of requests or limits with the additions */
function withEntries(there: JsonObject, part: Part, additions: readonly ResourceAddition[]): JsonObject {
  const known = COPIES[part].get(additions);
  if (known?.there === there) return known.copy;
  const copy: Record<string, unknown> = { ...there };
  for (const { key, value, parts } of additions) if (parts.includes(part)) copy[key] = value;
  COPIES[part].set(additions, { there, copy });
  return copy;
}

interface Copied {
  readonly there: JsonObject;
  readonly copy: JsonObject;
}

/**
 * Kept because a map may have thousands of entries, and a service whose generation counts up is written twice, with the
 * same resources.
 */
const COPIES: Readonly<Record<Part, WeakMap<readonly ResourceAddition[], Copied>>> = {
  requests: new WeakMap(),
  limits: new WeakMap(),
};

const NOTHING: JsonObject = {};
const NONE: readonly unknown[] = [];
const PARTS = ['requests', 'limits'] as const;
