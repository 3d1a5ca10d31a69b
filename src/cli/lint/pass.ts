/**
 * Reads the files of lint one at a time and drops each after it has been judged, so a directory of thousands needs no
 * more memory than its largest file. A first pass collects objects that other files depend on, such as runtimes and
 * claims.
 */
import type { Part } from '../../cluster/catalogue.ts';
import { eachFileOnce, filesOf, isPipe, readSource } from '../shared/files.ts';
import { orUnreadable } from '../shared/input.ts';
import { batchOf, type Batch, type Item, type Source } from '../shared/items.ts';
import { Kustomizations } from '../shared/kustomize.ts';
import type { Streams } from '../shared/streams.ts';
import { UnreadableFile } from '../shared/unreadable.ts';

/**
 * The kinds that other objects depend on, and a runtime whose kind is misspelt. A backslash matches too, because an escape
 * may hide a kind.
 */
const MAY_HOLD_OTHERS =
  /ServingRuntime|PersistentVolumeClaim|ConfigMap|Namespace|kind["']?[ \t]*:[ \t]*["']?\w*[Rr]un|\\/;

/** The objects that other files depend on. */
interface Around {
  readonly items: readonly Pick<Item, 'object' | 'part'>[];
  readonly unreadable: readonly UnreadableFile[];
}

export class Pass {
  readonly files: readonly string[];
  readonly #stdin: Streams['stdin'];
  /** Standard input and pipes, which can be read only once. */
  readonly #readOnce = new Map<string, Source | UnreadableFile>();

  readonly #kustomizations = new Kustomizations();

  constructor(paths: readonly string[], stdin: Streams['stdin']) {
    this.files = eachFileOnce(filesOf(paths));
    this.#stdin = stdin;
  }

  /**
   * @returns all objects except services, and the files that can't be read. If there is a runtime, services are
   *   included, because a runtime is judged by its effect on them
   */
  async surroundings(): Promise<Around> {
    const others = await this.#items((text) => MAY_HOLD_OTHERS.test(text));
    const hasRuntime = others.items.some(({ part }) => part === 'runtime');
    if (hasRuntime) return this.#items(() => true);
    return { ...others, items: others.items.filter(({ part }) => part !== 'service') };
  }

  async #items(wanted: (text: string) => boolean): Promise<Around> {
    const items: { object: unknown; part: Part }[] = [];
    const unreadable: UnreadableFile[] = [];
    for (const file of this.files) {
      const batch = await this.#batch(file, wanted);
      if (batch instanceof UnreadableFile) unreadable.push(batch);
      else if (batch !== null) items.push(...batch.items.map(({ object, part }) => ({ object, part })));
    }
    return { items, unreadable };
  }

  async *batches(): AsyncIterable<Batch | UnreadableFile> {
    for (const file of this.files) {
      const batch = await this.#batch(file, () => true);
      if (batch !== null) yield batch;
    }
  }

  /** @returns null for a file that is not wanted */
  async #batch(file: string, wanted: (text: string) => boolean): Promise<Batch | UnreadableFile | null> {
    return orUnreadable(async () => {
      const source = await this.#source(file);
      if (source instanceof UnreadableFile) return source;
      return wanted(source.text) ? batchOf(source, (path) => this.#kustomizations.patching(path)) : null;
    });
  }

  async #source(file: string): Promise<Source | UnreadableFile> {
    const known = this.#readOnce.get(file);
    if (known !== undefined) return known;
    const once = file === '-' || isPipe(file);
    const source = await orUnreadable(async () => readSource(file, this.#stdin));
    if (once) this.#readOnce.set(file, source);
    return source;
  }
}
