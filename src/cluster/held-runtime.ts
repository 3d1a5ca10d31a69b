/**
 * A runtime as headcount holds it, wherever it was read: no more than a RuntimeView asks for, as text of a bounded
 * length. Users of a namespace write its runtimes, and what they write must not decide how much memory a replica needs.
 * The cache, live reads and catalogues all read runtimes through this file, so that they give the same verdict.
 */
import { readRuntime, type NotHeld, type RuntimeView } from '../kserve/runtime.ts';
import { HEAD_CONTAINER, WORKER_CONTAINER } from '../kserve/names.ts';
import { asList, asObject, at, frozen, property } from '../lib/json.ts';
import { boundedText } from './bounded-text.ts';
import type { Reduced } from './cluster.ts';
import type { Share } from './store.ts';
import { CONTAINERS, METADATA, pick, trimmed, wordsOf, WORKER_FIELD } from './trimmed-runtime.ts';

/** Ten times what a runtime with long scripts has. */
const MOST_TEXT = 64 * 1024;
/** Far above what a pod has, and few enough to be looked at one by one. */
const MOST_CONTAINERS = 1_000;

/**
 * Chosen for a heap of 128 MB, which holds two lists while all runtimes are listed again. A runtime has about 3 KB, so
 * a namespace can have hundreds of runtimes before some are no longer held and are read live instead.
 */
export const SHARE: Share<HeldRuntime> = {
  length: ({ length }) => length,
  ofNamespace: 2 * 1024 ** 2,
  ofAll: 24 * 1024 ** 2,
  shortened: (runtime) => runtime.elsewhere(),
};

/** How much of a runtime is held. */
export type Extent = 'whole' | Reduced;

interface Text {
  readonly extent: Extent;
  readonly text: string;
  /** Fields of the containers whose args and command are left out. */
  readonly unread: ReadonlySet<string>;
}

/**
 * A runtime in as little memory as possible: as text that is parsed when it is needed. The view is held by a weak
 * reference.
 */
export class HeldRuntime {
  readonly isMultiNode: boolean;
  readonly #held: Text;
  #view: WeakRef<RuntimeView> | undefined;

  private constructor(held: Text, isMultiNode: boolean) {
    this.#held = held;
    this.isMultiNode = isMultiNode;
  }

  /** @param object the runtime, any JSON value */
  static of(object: unknown): HeldRuntime {
    return new HeldRuntime(textOf(object), hasWorkerSpec(object));
  }

  /** @returns the same runtime by its name and state only, for want of memory */
  elsewhere(): HeldRuntime {
    if (this.extent === 'name') return this;
    const object: unknown = JSON.parse(this.#held.text);
    return new HeldRuntime({ ...nameOnly(object), extent: 'elsewhere' }, this.isMultiNode);
  }

  get extent(): Extent {
    return this.#held.extent;
  }

  /** Characters that it takes. */
  get length(): number {
    return this.#held.text.length;
  }

  get view(): RuntimeView {
    const known = this.#view?.deref();
    if (known !== undefined) return known;
    const { text, extent, unread } = this.#held;
    const view = readRuntime(frozen(JSON.parse(text)), { notHeld: NOT_HELD[extent] ?? null, unread });
    this.#view = new WeakRef(view);
    return view;
  }
}

const NONE: ReadonlySet<string> = new Set();
const NOT_HELD: Partial<Record<Extent, NotHeld>> = { name: 'too-large', elsewhere: 'too-many' };

/** Never fails: one runtime that can't be held for an unforeseen reason must not make the whole list fail. */
function textOf(object: unknown): Text {
  if (containersOf(object).length > MOST_CONTAINERS) return nameOnly(object);
  try {
    const whole = boundedText(
      trimmed(object, () => true),
      MOST_TEXT,
    );
    return whole === null ? cut(object) : { extent: 'whole', text: whole, unread: NONE };
  } catch {
    return nameOnly(object);
  }
}

/** Keeps all words of a container or none: the last of several flags wins, so a part of the words could mislead. */
function cut(object: unknown): Text {
  const bare = boundedText(
    trimmed(object, () => false),
    MOST_TEXT,
  );
  if (bare === null) return nameOnly(object);
  let left = MOST_TEXT - bare.length;
  const unread = new Set<string>();
  for (const { field, container } of byImportance(object)) {
    const words = boundedText(wordsOf(container), left);
    if (words === null) unread.add(field);
    else left -= words.length;
  }
  const text = JSON.stringify(trimmed(object, (field) => !unread.has(field)));
  return { extent: 'cut', text, unread };
}

function nameOnly(object: unknown): Text {
  const spec = property(object, 'spec');
  const state = {
    kind: property(object, 'kind'),
    metadata: pick(property(object, 'metadata'), METADATA),
    spec: { ...pick(spec, ['disabled']), ...(hasWorkerSpec(object) && { workerSpec: {} }) },
  };
  return { extent: 'name', text: boundedText(state, MOST_TEXT) ?? '{}', unread: NONE };
}

function hasWorkerSpec(object: unknown): boolean {
  return asObject(at(object, 'spec', 'workerSpec')) !== null;
}

interface Container {
  readonly field: string;
  readonly container: unknown;
}

/** Head and worker before the others. */
function byImportance(object: unknown): readonly Container[] {
  const all = containersOf(object);
  const matters = ({ container }: Container): boolean =>
    [HEAD_CONTAINER, WORKER_CONTAINER].some((name) => property(container, 'name') === name);
  return [...all.filter(matters), ...all.filter((container) => !matters(container))];
}

function containersOf(object: unknown): readonly Container[] {
  const spec = property(object, 'spec');
  return [...containersIn(spec, 'spec'), ...containersIn(property(spec, 'workerSpec'), WORKER_FIELD)];
}

function containersIn(pod: unknown, field: string): readonly Container[] {
  return CONTAINERS.flatMap((key) =>
    asList(property(pod, key)).map((container, index) => ({ field: `${field}.${key}[${index}]`, container })),
  );
}
