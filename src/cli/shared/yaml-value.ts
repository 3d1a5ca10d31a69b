/**
 * A parsed YAML document as the JSON value that kubectl makes of it: keys become strings, the last of two
 * equal keys wins, a merge (`<<`) overrides the keys before it and is overridden by those after it, as
 * go-yaml v2 does it.
 */
import { isAlias, isMap, isScalar, isSeq, Scalar, type Document, type Node } from 'yaml';
import { resolvePlain } from './yaml-scalar.ts';

/** A document that kubectl would refuse; `offset` is where, in UTF-16 units. */
export class YamlProblem extends Error {
  readonly offset: number;

  constructor(message: string, offset: number) {
    super(message);
    this.offset = offset;
  }
}

/**
 * Ten aliases of ten aliases ... of a list make billions of values out of one kilobyte. No manifest comes
 * near this number; go-yaml's own limit is of the same order.
 */
const MOST_ALIASED_VALUES = 100_000;
/** The API server refuses deeper JSON, and so does the webhook. */
const DEEPEST = 100;

const STANDARD_TAG = 'tag:yaml.org,2002:';

/**
 * @returns the document's value; shared anchors are copied
 * @throws YamlProblem
 */
export function valueOf(document: Document): unknown {
  return new Converter(document).convert(document.contents, 0);
}

class Converter {
  readonly #document: Document;
  readonly #open = new Set<Node>();
  #aliasDepth = 0;
  #aliased = 0;

  constructor(document: Document) {
    this.#document = document;
  }

  convert(node: unknown, depth: number): unknown {
    if (node === null || node === undefined) return null;
    if (isScalar(node)) return this.#scalar(node);
    const from = offsetOf(node);
    if (depth > DEEPEST) throw new YamlProblem(`nested more than ${DEEPEST} levels deep`, from);
    if (isAlias(node)) {
      const target = node.resolve(this.#document);
      if (target === undefined) throw new YamlProblem(`unknown anchor "${node.source}"`, from);
      if (this.#open.has(target)) throw new YamlProblem(`anchor "${node.source}" contains itself`, from);
      this.#aliasDepth += 1;
      const value = this.convert(target, depth);
      this.#aliasDepth -= 1;
      return value;
    }
    this.#count(from);
    if (!isMap(node) && !isSeq(node)) throw new YamlProblem('neither a value, a list nor a map', from);
    this.#open.add(node);
    const value = isSeq(node)
      ? node.items.map((item) => this.convert(item, depth + 1))
      : this.#fill({}, node, depth);
    this.#open.delete(node);
    return value;
  }

  #fill(into: Record<string, unknown>, map: Node, depth: number): Record<string, unknown> {
    if (!isMap(map)) return into;
    for (const { key, value } of map.items) {
      if (isMerge(key)) this.#merge(into, value, offsetOf(key), depth);
      else set(into, this.#key(key), this.convert(value, depth + 1));
    }
    return into;
  }

  /** Of several maps the first wins, so they are written from the last. */
  #merge(into: Record<string, unknown>, value: unknown, from: number, depth: number): void {
    const source = isAlias(value) ? value.resolve(this.#document) : value;
    const values = isSeq(source) ? source.items.toReversed() : [value];
    for (const item of values) {
      const converted = this.convert(item, depth + 1);
      if (typeof converted !== 'object' || converted === null || Array.isArray(converted)) {
        throw new YamlProblem('"<<" takes a map or a list of maps', from);
      }
      for (const [key, merged] of Object.entries(converted)) set(into, key, merged);
    }
  }

  /** @returns the key as a string: 5 is "5", n is "false". */
  #key(node: unknown): string {
    const target = isAlias(node) ? node.resolve(this.#document) : node;
    const value = isScalar(target) ? this.#scalar(target) : null;
    if (value === null)
      throw new YamlProblem('a key has to be a string, a number or a boolean', offsetOf(node));
    return String(value);
  }

  #scalar(node: Scalar): string | number | boolean | null {
    this.#count(offsetOf(node));
    const text = node.source ?? '';
    const value = tagged(node, text);
    if (typeof value === 'number' && Number.isNaN(value)) {
      throw new YamlProblem(`JSON has no number for ${text}`, offsetOf(node));
    }
    return value;
  }

  #count(from: number): void {
    if (this.#aliasDepth === 0) return;
    this.#aliased += 1;
    if (this.#aliased > MOST_ALIASED_VALUES) {
      throw new YamlProblem(`aliases stand for more than ${MOST_ALIASED_VALUES} values`, from);
    }
  }
}

/** @returns the text that a `!!binary` value stands for */
function decoded(node: Scalar, base64: string): string {
  try {
    return new TextDecoder().decode(Uint8Array.from(atob(base64), (byte) => byte.charCodeAt(0)));
  } catch {
    throw new YamlProblem('this !!binary is no base64', offsetOf(node));
  }
}

function tagged(node: Scalar, text: string): string | number | boolean | null {
  const plain = node.type === Scalar.PLAIN || node.type === undefined;
  if (node.tag === undefined) return plain ? resolvePlain(text) : text;
  const tag = node.tag.startsWith(STANDARD_TAG) ? node.tag.slice(STANDARD_TAG.length) : '';
  if (tag === 'binary') return decoded(node, text);
  const kind = { int: 'number', float: 'number', bool: 'boolean', null: 'object' }[tag];
  if (kind === undefined) return text;
  const value = resolvePlain(text);
  if (typeof value !== kind || (tag === 'int' && !Number.isInteger(value))) {
    throw new YamlProblem(`"${text}" is no ${tag}`, offsetOf(node));
  }
  return value;
}

export function isMerge(key: unknown): boolean {
  return isScalar(key) && key.value === '<<' && key.type === Scalar.PLAIN;
}

function offsetOf(node: unknown): number {
  const range = (node as { range?: readonly [number, number, number] | null } | null)?.range;
  return range?.[0] ?? 0;
}

/** As an own property also where the key is `__proto__`. */
function set(into: Record<string, unknown>, key: string, value: unknown): void {
  if (key === '__proto__') {
    Object.defineProperty(into, key, { value, enumerable: true, configurable: true, writable: true });
  } else {
    into[key] = value;
  }
}
