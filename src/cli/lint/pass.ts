/**
 * The files of lint one after the other, each forgotten when it has been judged: a directory of thousands takes no
 * more memory than the largest of them. What the files hold for one another (runtimes, claims and the like) is looked
 * for first.
 */
import type { Part } from '../../cluster/catalogue.ts';
import { batchOf, filesOf, readSource, type Batch, type Item, type Source } from '../shared/input.ts';
import type { Streams } from '../shared/streams.ts';

/** The kinds that say something about other objects. A text with an escape may spell them otherwise. */
const MAY_HOLD_OTHERS = /ServingRuntime|PersistentVolumeClaim|ConfigMap|Namespace|\\/;

export class Pass {
  readonly files: readonly string[];
  readonly #stdin: Streams['stdin'];
  /** Standard input can be read but once. */
  #fromStdin: Source | undefined;

  /** @throws Refusal for a path that can't be read */
  constructor(paths: readonly string[], stdin: Streams['stdin']) {
    this.files = filesOf(paths);
    this.#stdin = stdin;
  }

  /**
   * @returns all but the services; those too where there is a runtime, which is judged by what it does to them
   * @throws Refusal
   */
  async surroundings(): Promise<readonly Pick<Item, 'object' | 'part'>[]> {
    const others = await this.#items((text) => MAY_HOLD_OTHERS.test(text));
    const hasRuntime = others.some(({ part }) => part === 'runtime');
    return hasRuntime ? this.#items(() => true) : others.filter(({ part }) => part !== 'service');
  }

  async #items(wanted: (text: string) => boolean): Promise<{ object: unknown; part: Part }[]> {
    const found: { object: unknown; part: Part }[] = [];
    for (const file of this.files) {
      const source = await this.#source(file);
      if (!wanted(source.text)) continue;
      found.push(...batchOf(source).items.map(({ object, part }) => ({ object, part })));
    }
    return found;
  }

  /** @throws Refusal */
  async *batches(): AsyncIterable<Batch> {
    for (const file of this.files) yield batchOf(await this.#source(file));
  }

  async #source(file: string): Promise<Source> {
    if (file !== '-') return readSource(file, this.#stdin);
    this.#fromStdin ??= await readSource(file, this.#stdin);
    return this.#fromStdin;
  }
}
