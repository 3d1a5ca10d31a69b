/**
 * Where the cases run: a server without a cluster for the reviews, one with a small API server for runtimes that are
 * stored. A server that has ended is started again for the next case.
 */
import { minimalRuntime, minimalService, type Loose } from '../rules/cases.ts';
import { container } from '../container.ts';
import type { Figure } from '../targets.ts';
import { GrowthApi } from './api.ts';
import type { Case } from './pairs.ts';
import { manyRuntimes } from './many.ts';
import { Target, until } from './target.ts';

export interface Stored {
  readonly name: string;
  readonly bytes: number;
  readonly runtime: Loose;
}

/** The longest that a stored runtime may take to show. One that is never held is none that a review can meet. */
const SHOWS = 1_500;

export class World {
  readonly #around = container();
  #target: { readonly stored: boolean; readonly target: Target } | null = null;
  #api: GrowthApi | null = null;
  #names = 0;
  /** How often a server was started. */
  starts = 0;

  get how(): string {
    return this.#around.how;
  }

  /** @returns a server for the case, started where there is none of its kind that lives */
  async target({ stored }: Pick<Case, 'stored'>): Promise<Target> {
    if (this.#target?.stored === stored && this.#target.target.alive) return this.#target.target;
    await this.#stopTarget();
    this.starts += 1;
    if (stored) this.#api = await GrowthApi.start();
    const target = await Target.start({
      ...this.#around,
      catalogue: [storedService()],
      ...(this.#api !== null && { kubeconfig: this.#api.kubeconfig }),
    });
    this.#target = { stored, target };
    return target;
  }

  /** Puts a runtime into the cluster, and waits until the server has it. */
  async store(runtime: Loose): Promise<Stored> {
    this.#names += 1;
    const name = `blown-${this.#names}`;
    const named = { ...runtime, metadata: { ...runtime.metadata, name } };
    const before = await this.#held(runtime.kind);
    this.#api?.add(named);
    await until(async () => (await this.#held(runtime.kind)) > before, SHOWS);
    return { name, bytes: JSON.stringify(named).length, runtime: named };
  }

  async forget({ runtime }: Stored): Promise<void> {
    const before = await this.#held(runtime.kind);
    this.#api?.remove(runtime);
    await until(async () => (await this.#held(runtime.kind)) < before, SHOWS);
  }

  /** Servers of their own, one after the other. */
  async manyRuntimes(
    starts: readonly (readonly [number, 'listed' | 'in files'])[],
  ): Promise<readonly Figure[]> {
    await this.#stopTarget();
    const figures: Figure[] = [];
    for (const [count, how] of starts) figures.push(...(await manyRuntimes(count, how, this.#around)));
    return figures;
  }

  async stop(): Promise<void> {
    await this.#stopTarget();
    this.#around.remove();
  }

  /** NaN where the server has ended. */
  async #held(kind: string): Promise<number> {
    return (
      (await this.#target?.target
        .metric(`headcount_cache_objects{kind="${kind}"}`)
        .catch(() => Number.NaN)) ?? Number.NaN
    );
  }

  async #stopTarget(): Promise<void> {
    await this.#target?.target.stop();
    this.#api?.stop();
    this.#target = null;
    this.#api = null;
  }
}

/** A change of a runtime is judged by the services that run on it. */
function storedService(): Loose {
  const service = minimalService();
  service.metadata.name = 'stored';
  service.spec.predictor.model.runtime = minimalRuntime().metadata.name;
  return service;
}
