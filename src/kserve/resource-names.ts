/** The kind of a resource name, by KServe (docs/kserve.md, GPU types) and by the configuration's gpus.notGpus. */
import { STANDARD_RESOURCES } from './container.ts';
import { KNOWN_GPU_TYPES } from './gpu-types.ts';
import { isNeverGpu, type ContainerResources, type KServeFacts } from './gpus.ts';

/** What KServe and the configuration take a resource name for. */
export type ResourceKind = 'standard' | 'gpu' | 'network' | 'unknown';

/** Names that are known without a list. */
const KNOWN: ReadonlyMap<string, ResourceKind> = new Map([
  ...STANDARD_RESOURCES.map((name) => [name, 'standard'] as const),
  ...KNOWN_GPU_TYPES.map((name) => [name, 'gpu'] as const),
]);

const NONE_LISTED: ReadonlySet<string> = new Set();

export class ResourceNames {
  readonly #listed: ReadonlySet<string>;
  readonly #notGpus: readonly string[];
  readonly #readable: boolean;

  /** @param listed null where the annotation can't be read: then no name can be called unknown */
  constructor(
    listed: readonly string[] | null,
    { customGpuTypes }: KServeFacts,
    { notGpus }: { readonly notGpus: readonly string[] },
  ) {
    this.#readable = listed !== null;
    const hasList = (listed !== null && listed.length > 0) || customGpuTypes.length > 0;
    this.#listed = hasList ? new Set([...(listed ?? []), ...customGpuTypes]) : NONE_LISTED;
    this.#notGpus = notGpus;
  }

  kindOf(name: string): ResourceKind {
    const known = KNOWN.get(name);
    if (known !== undefined) return known;
    if (isNeverGpu(name, this.#notGpus)) return 'network';
    if (this.#listed.has(name)) return 'gpu';
    return this.#readable ? 'unknown' : 'standard';
  }

  isGpu(name: string): boolean {
    return this.kindOf(name) === 'gpu';
  }

  /** Does KServe's validator take it, by the annotation or the ConfigMap? */
  isListed(name: string): boolean {
    return !this.#readable || this.#listed.has(name);
  }
}

/** @returns every name in requests or limits, once; to be read through once */
export function namesIn({ requests, limits }: ContainerResources): Iterable<string> {
  // Mostly the limits name nothing else; of thousands no list is made.
  const more: string[] = [];
  for (const name of limits.keys()) if (!requests.has(name)) more.push(name);
  return more.length === 0 ? requests.keys() : [...requests.keys(), ...more];
}
