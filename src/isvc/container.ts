/**
 * One container of a service or a runtime, read into what the rules and the planner ask for. Every part
 * carries its field path, written as Kubernetes writes them: `env[0]`, `requests[nvidia.com/gpu]`.
 */
import { asList, asObject, asString, property, type JsonObject } from '../json.ts';
import { parseQuantity, wholeNumber, type Quantity } from '../quantity.ts';

/** One resource of `requests` or `limits`. */
export interface ResourceEntry {
  readonly field: string;
  readonly given: unknown;
  /** null where Kubernetes would refuse the quantity. */
  readonly quantity: Quantity | null;
  /** The quantity as a whole number >= 0; null where it is none. */
  readonly count: number | null;
}

export type Resources = ReadonlyMap<string, ResourceEntry>;

export interface EnvEntry {
  readonly field: string;
  readonly name: string;
  /** The literal value; null when absent or not a string. */
  readonly value: string | null;
  readonly hasValueFrom: boolean;
}

/** One string of `args` or `command`. */
export interface Word {
  readonly field: string;
  readonly text: string;
}

export interface Probe {
  readonly field: string;
  readonly raw: JsonObject;
}

export interface ContainerView {
  readonly field: string;
  readonly name: string | null;
  readonly env: readonly EnvEntry[];
  /** Field of `envFrom` where it holds at least one source, else null: its keys can't be seen. */
  readonly envFrom: string | null;
  readonly args: readonly Word[];
  readonly command: readonly Word[];
  readonly resourcesField: string;
  readonly requests: Resources;
  readonly limits: Resources;
  readonly startupProbe: Probe | null;
  readonly livenessProbe: Probe | null;
  readonly readinessProbe: Probe | null;
}

/** Reads a container of any shape. `field` is its path in the object, without a trailing dot. */
export function readContainer(raw: unknown, field: string): ContainerView {
  const resourcesField = `${field}.resources`;
  const resources = property(raw, 'resources');
  return {
    field,
    name: asString(property(raw, 'name')),
    env: readEnv(property(raw, 'env'), `${field}.env`),
    envFrom: asList(property(raw, 'envFrom')).length > 0 ? `${field}.envFrom` : null,
    args: readWords(property(raw, 'args'), `${field}.args`),
    command: readWords(property(raw, 'command'), `${field}.command`),
    resourcesField,
    requests: readResources(property(resources, 'requests'), `${resourcesField}.requests`),
    limits: readResources(property(resources, 'limits'), `${resourcesField}.limits`),
    startupProbe: readProbe(raw, 'startupProbe', field),
    livenessProbe: readProbe(raw, 'livenessProbe', field),
    readinessProbe: readProbe(raw, 'readinessProbe', field),
  };
}

/** Reads a list of containers; anything that is no list gives none. */
export function readContainers(raw: unknown, field: string): readonly ContainerView[] {
  return asList(raw).map((item, index) => readContainer(item, `${field}[${index}]`));
}

const NO_RESOURCES: Resources = new Map();

/** Reads a `requests` or `limits` map. */
export function readResources(raw: unknown, field: string): Resources {
  const object = asObject(raw);
  if (object === null) return NO_RESOURCES;
  const entries = new Map<string, ResourceEntry>();
  for (const name of Object.keys(object)) {
    const given = object[name];
    if (given === null) continue;
    const quantity = parseQuantity(given);
    entries.set(name, { field: `${field}[${name}]`, given, quantity, count: wholeNumber(quantity) });
  }
  return entries;
}

const NO_ENV: readonly EnvEntry[] = [];

function readEnv(raw: unknown, field: string): readonly EnvEntry[] {
  if (!Array.isArray(raw)) return NO_ENV;
  const entries: EnvEntry[] = [];
  for (const [index, item] of raw.entries()) {
    const name = asString(property(item, 'name'));
    if (name === null) continue;
    const valueFrom = property(item, 'valueFrom');
    entries.push({
      field: `${field}[${index}]`,
      name,
      value: asString(property(item, 'value')),
      hasValueFrom: valueFrom !== undefined && valueFrom !== null,
    });
  }
  return entries;
}

const NO_WORDS: readonly Word[] = [];

function readWords(raw: unknown, field: string): readonly Word[] {
  if (!Array.isArray(raw)) return NO_WORDS;
  const words: Word[] = [];
  for (const [index, text] of raw.entries()) {
    if (typeof text === 'string') words.push({ field: `${field}[${index}]`, text });
  }
  return words;
}

function readProbe(raw: unknown, key: string, field: string): Probe | null {
  const probe = asObject(property(raw, key));
  return probe === null ? null : { field: `${field}.${key}`, raw: probe };
}
