/**
 * One container of a service or a runtime, read into what the rules and the planner ask for. Every part
 * carries its field path, written as Kubernetes writes them: `env[0]`, `requests[nvidia.com/gpu]`.
 */
import { asList, asObject, asString, property, type JsonObject } from '../lib/json.ts';
import { bracedTexts, remainingTexts, type Word } from './container-texts.ts';
import { parseQuantity, wholeNumber, type Quantity } from '../lib/quantity.ts';

/** Resources that are never GPUs: all that KServe's validator admits besides them. */
export const STANDARD_RESOURCES: readonly string[] = ['cpu', 'memory', 'storage', 'ephemeral-storage'];

/** How nearly every GPU count is spelled; read without BigInt. */
const PLAIN_NUMBER = /^\d{1,9}$/;

/** One resource of `requests` or `limits`. Most are cpu and memory, whose quantity nobody asks for. */
export class ResourceEntry {
  readonly #parent: string;
  readonly #name: string;
  readonly given: unknown;
  #quantity: Quantity | null | undefined;
  #count: number | null | undefined;

  /** @param parent field of the map that holds it */
  constructor(parent: string, name: string, given: unknown) {
    this.#parent = parent;
    this.#name = name;
    this.given = given;
  }

  get field(): string {
    return `${this.#parent}[${this.#name}]`;
  }

  /** null where Kubernetes would refuse the quantity. */
  get quantity(): Quantity | null {
    if (this.#quantity === undefined) this.#quantity = parseQuantity(this.given);
    return this.#quantity;
  }

  /** The quantity as a whole number >= 0; null where it is none. */
  get count(): number | null {
    if (this.#count === undefined) this.#count = this.#readCount();
    return this.#count;
  }

  #readCount(): number | null {
    const { given } = this;
    return typeof given === 'string' && PLAIN_NUMBER.test(given) ? Number(given) : wholeNumber(this.quantity);
  }
}

export type Resources = ReadonlyMap<string, ResourceEntry>;

export interface EnvEntry {
  readonly field: string;
  readonly name: string;
  /** The literal value; null when absent or not a string. */
  readonly value: string | null;
  /** Is the value a number or the like, which the API server refuses? */
  readonly hasOtherType: boolean;
  readonly hasValueFrom: boolean;
}

export type { Word } from './container-texts.ts';

/**
 * A container of any shape. Each field is read only when it is needed: a review makes many views of one object, and
 * uses a few fields of each.
 */
export class ContainerView {
  readonly #raw: unknown;
  readonly #place: string;
  readonly #index: number | null;
  readonly name: string | null;
  /** Were args and command left out, too long to be held? They read as absent then. */
  readonly unread: boolean;
  #requests: Resources | undefined;
  #limits: Resources | undefined;
  #env: readonly EnvEntry[] | undefined;
  #args: readonly Word[] | undefined;
  #command: readonly Word[] | undefined;
  #bracedTexts: readonly Word[] | undefined;

  /**
   * @param place its field, or that of the list that holds it
   * @param unread whether its args and command were left out
   * @param index in the list; null where it is in none
   */
  constructor(raw: unknown, place: string, unread = false, index: number | null = null) {
    this.#raw = raw;
    this.#place = place;
    this.#index = index;
    this.unread = unread;
    this.name = asString(property(raw, 'name'));
  }

  /** Its path in the object, without a trailing dot. Made when it is asked for: a list may hold thousands. */
  get field(): string {
    return this.#index === null ? this.#place : fieldIn(this.#place, this.#index);
  }

  get resourcesField(): string {
    return `${this.field}.resources`;
  }

  get requests(): Resources {
    return (this.#requests ??= this.#resources('requests'));
  }

  get limits(): Resources {
    return (this.#limits ??= this.#resources('limits'));
  }

  /** Can a resource be written: are resources, requests and limits each an object or absent? */
  get holdsResources(): boolean {
    const resources = property(this.#raw, 'resources') ?? NOTHING;
    const isRoom = (part: string): boolean => asObject(property(resources, part) ?? NOTHING) !== null;
    return asObject(resources) !== null && isRoom('requests') && isRoom('limits');
  }

  get env(): readonly EnvEntry[] {
    return (this.#env ??= readEnv(property(this.#raw, 'env'), `${this.field}.env`));
  }

  /** Field of `envFrom` where it holds at least one source, else null: its keys can't be seen. */
  get envFrom(): string | null {
    return asList(property(this.#raw, 'envFrom')).length > 0 ? `${this.field}.envFrom` : null;
  }

  get args(): readonly Word[] {
    return (this.#args ??= readWords(property(this.#raw, 'args'), `${this.field}.args`));
  }

  get command(): readonly Word[] {
    return (this.#command ??= readWords(property(this.#raw, 'command'), `${this.field}.command`));
  }

  /** Texts with `{{` beside args, command and env. */
  get bracedTexts(): readonly Word[] {
    return (this.#bracedTexts ??= bracedTexts(this.#raw, this.field));
  }

  /** @returns those that stay under another container; null where that is open */
  bracedTextsUnder(over: ContainerView): readonly Word[] | null {
    return remainingTexts(this.#raw, this.field, over.#raw);
  }

  /** Are args and command each a list or absent? */
  get holdsWords(): boolean {
    return ['args', 'command'].every((part) => Array.isArray(property(this.#raw, part) ?? []));
  }

  get image(): string | null {
    return asString(property(this.#raw, 'image'));
  }

  get startupProbe(): JsonObject | null {
    return asObject(property(this.#raw, 'startupProbe'));
  }

  get livenessProbe(): JsonObject | null {
    return asObject(property(this.#raw, 'livenessProbe'));
  }

  get readinessProbe(): JsonObject | null {
    return asObject(property(this.#raw, 'readinessProbe'));
  }

  #resources(part: 'requests' | 'limits'): Resources {
    return readResources(property(property(this.#raw, 'resources'), part), `${this.resourcesField}.${part}`);
  }
}

/**
 * Reads a list of containers; anything that is no list gives none.
 * @param unread fields of the containers whose args and command were left out
 */
export function readContainers(
  raw: unknown,
  field: string,
  unread: ReadonlySet<string> = NOT_ONE,
): readonly ContainerView[] {
  const list = asList(raw);
  if (list.length === 0) return NO_CONTAINERS;
  const isUnread = (index: number): boolean => unread.size > 0 && unread.has(fieldIn(field, index));
  return list.map((item, index) => new ContainerView(item, field, isUnread(index), index));
}

const fieldIn = (list: string, index: number): string => `${list}[${index}]`;

const NOT_ONE: ReadonlySet<string> = new Set();

const NO_CONTAINERS: readonly ContainerView[] = [];

const NOTHING: JsonObject = {};
const NO_RESOURCES: Resources = new Map();

/** Reads a `requests` or `limits` map. */
export function readResources(raw: unknown, field: string): Resources {
  const object = asObject(raw);
  if (object === null) return NO_RESOURCES;
  const entries = new Map<string, ResourceEntry>();
  for (const name of Object.keys(object)) {
    const given = object[name];
    if (given === null) continue;
    entries.set(name, new ResourceEntry(field, name, given));
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
    const value = property(item, 'value') ?? null;
    const valueFrom = property(item, 'valueFrom');
    entries.push({
      field: `${field}[${index}]`,
      name,
      value: asString(value),
      hasOtherType: value !== null && typeof value !== 'string',
      hasValueFrom: valueFrom !== undefined && valueFrom !== null,
    });
  }
  return entries;
}

const NO_WORDS: readonly Word[] = [];
/** Lists with more characters than this are cached, because several versions of a service share them. */
const LONG = 4_096;
const LONG_LISTS = new WeakMap<readonly unknown[], readonly Word[]>();

function readWords(raw: unknown, field: string): readonly Word[] {
  if (!Array.isArray(raw)) return NO_WORDS;
  const known = LONG_LISTS.get(raw);
  if (known !== undefined) return known;
  const words: Word[] = [];
  let length = 0;
  for (const [index, text] of raw.entries()) {
    if (typeof text !== 'string') continue;
    words.push({ field: `${field}[${index}]`, text });
    length += text.length;
  }
  if (length > LONG) LONG_LISTS.set(raw, words);
  return words;
}
