/**
 * What to change in the text of a YAML document so that it says something else. Only what differs is changed,
 * in its own place: an alias is replaced by a copy, and its anchor stays. A value that comes from a merge (`<<`) is
 * overridden after the merge.
 */
import { isAlias, isMap, isSeq, type Document, type Pair, type YAMLMap, type YAMLSeq } from 'yaml';
import { asObject, equalJson, type JsonObject } from '../../lib/json.ts';
import { keyText, mergedMaps, resolved } from '../shared/yaml-position.ts';
import { isMerge } from '../shared/yaml-value.ts';
import { aligned } from './align.ts';
import {
  addItems,
  addPairs,
  EditProblem,
  remove,
  replace,
  type Inside,
  type Page,
  type Site,
} from './changes.ts';
import { flowOf } from './flow.ts';
import type { Splice } from './splice.ts';
import { styleOf } from './style.ts';
import { blockToken, listItems, pairToken } from './tokens.ts';

/**
 * @param text the file that the document is in
 * @param json is the file JSON?
 * @returns the changes that turn `before`, the document's value, into `after`. Aliases are replaced only when nothing
 *   else is left to change, because changing an anchor may also correct its aliases
 * @throws EditProblem
 */
export function edits(
  text: string,
  document: Document,
  before: unknown,
  after: unknown,
  json: boolean,
): readonly Splice[] {
  const editor = new Editor(text, document, json);
  const root = { node: document.contents, item: null, within: 'document', column: 0, flow: null } as const;
  editor.change(root, before, after);
  return editor.direct.length > 0 ? editor.direct : editor.copies;
}

class Editor {
  readonly #page: Page;
  readonly #document: Document;
  readonly #json: boolean;
  readonly direct: Splice[] = [];
  /** Those that replace aliases. */
  readonly copies: Splice[] = [];

  constructor(text: string, document: Document, json: boolean) {
    this.#page = { text, style: styleOf(text, document) };
    this.#document = document;
    this.#json = json;
  }

  change(site: Site, before: unknown, after: unknown): void {
    const { node } = site;
    if (equalJson(before, after)) return;
    const [map, wanted] = [asObject(before), asObject(after)];
    if (isAlias(node)) this.copies.push(...replace(this.#page, site, after));
    else if (isMap(node) && node.items.length > 0 && map !== null && wanted !== null) {
      this.#changeMap(site, node, map, wanted);
    } else if (isSeq(node) && node.items.length > 0 && Array.isArray(before) && Array.isArray(after)) {
      this.#changeList(site, node, before, after);
    } else this.direct.push(...replace(this.#page, site, after));
  }

  #changeMap(site: Site, node: YAMLMap, before: JsonObject, after: JsonObject): void {
    const inside = this.#inside(node, site);
    const gone = node.items.filter((pair) => {
      const key = this.#keyOf(pair);
      return key !== null && Object.hasOwn(before, key) && !Object.hasOwn(after, key);
    });
    const last = node.items.findLast((pair) => !gone.includes(pair));
    if (last === undefined) {
      this.direct.push(...replace(this.#page, site, after));
      return;
    }
    const added: [string, unknown][] = [];
    for (const [key, value] of Object.entries(after)) {
      const pair = Object.hasOwn(before, key) ? this.#pairOf(node, key) : null;
      if (pair !== null) {
        const place = { node: pair.value, item: pairToken(pair), within: 'map', ...inside } as const;
        this.change(place, before[key], value);
      } else if (!Object.hasOwn(before, key) || !equalJson(before[key], value)) added.push([key, value]);
    }
    this.direct.push(...remove(this.#page, gone.map(pairToken), node.items.map(pairToken), inside));
    if (added.length > 0) this.direct.push(addPairs(this.#page, pairToken(last), added, inside));
  }

  #changeList(site: Site, node: YAMLSeq, before: readonly unknown[], after: readonly unknown[]): void {
    const inside = this.#inside(node, site);
    const items = listItems(node.srcToken);
    const change = (i: number, j: number): void =>
      this.change(
        { node: node.items[i], item: items[i] ?? null, within: 'list', ...inside },
        before[i],
        after[j],
      );

    const gone = new Set<number>();
    let [i, j] = [0, 0];
    for (const [keptI, keptJ] of [...aligned(before, after), [before.length, after.length] as const]) {
      // Between two that stay: what can be changed into another is, the rest goes or comes.
      while (i < keptI && j < keptJ) change(i++, j++);
      const previous = items[i - 1];
      while (i < keptI) gone.add(i++);
      if (j < keptJ) {
        if (previous === undefined) throw new EditProblem('a list gets a new first item');
        this.direct.push(addItems(this.#page, previous, after.slice(j, keptJ), node.items.at(-1), inside));
      }
      if (keptI < before.length) change(keptI, keptJ);
      [i, j] = [keptI + 1, keptJ + 1];
    }
    if (gone.size === items.length) this.direct.push(...replace(this.#page, site, after));
    else {
      const taken = items.filter((_item, index) => gone.has(index));
      this.direct.push(...remove(this.#page, taken, items, inside));
    }
  }

  #inside(node: YAMLMap | YAMLSeq, { column, flow }: Inside): Inside {
    return {
      column: blockToken(node)?.indent ?? column,
      flow: node.flow === true ? flowOf(this.#page.text, node, flow, this.#json) : null,
    };
  }

  /** @returns the pair that gives the key its value; null where a merge does. */
  #pairOf(map: YAMLMap, key: string): Pair | null {
    const last = map.items.findLast((pair) => this.#gives(pair, key));
    return last === undefined || isMerge(last.key) ? null : last;
  }

  /** Does the pair, or the merge, have a value for the key? */
  #gives(pair: Pair, key: string): boolean {
    if (!isMerge(pair.key)) return this.#keyOf(pair) === key;
    return mergedMaps(this.#document, pair).some(
      (map) => isMap(map) && map.items.some((merged) => this.#gives(merged, key)),
    );
  }

  #keyOf({ key }: Pair): string | null {
    return isMerge(key) ? null : keyText(resolved(this.#document, key));
  }
}
