/**
 * Where the cases run: a server without a cluster for the reviews, one with a small API server for runtimes that are
 * stored. A server that has ended is started again for the next case.
 */
import { minimalRuntime, minimalService, type Loose } from '../rules/cases.ts';
import { container } from '../support/container.ts';
import type { Figure } from '../support/targets.ts';
import { GrowthApi } from './api.ts';
import type { Case } from './pairs.ts';
import { manyRuntimes, type Way } from './many.ts';
import { Target, until } from './target.ts';

export interface Stored {
  readonly name: string;
  readonly bytes: number;
  readonly runtimes: readonly Loose[];
  /** How many runtimes were held before. */
  readonly before: number;
}

/** Milliseconds that the server may take until it holds a runtime. */
const PATIENCE = 3_000;

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

  /**
   * Puts a runtime into the cluster, and waits until the server has looked at it: a small one follows it, which is held
   * even where the large one is left out.
   */
  async store(runtime: Loose): Promise<Stored> {
    this.#names += 1;
    const name = `blown-${this.#names}`;
    const named = { ...runtime, metadata: { ...runtime.metadata, name } };
    const small = {
      ...minimalRuntime(),
      kind: runtime.kind,
      metadata: { ...named.metadata, name: `next-${name}` },
    };
    const before = await this.#held(runtime.kind);
    const runtimes = [named, small];
    for (const one of runtimes) this.#api?.add(one);
    await until(async () => (await this.#held(runtime.kind)) > before, PATIENCE);
    return { name, bytes: JSON.stringify(named).length, runtimes, before };
  }

  async forget({ runtimes, before }: Stored): Promise<void> {
    for (const one of runtimes) this.#api?.remove(one);
    if (this.#target?.target.alive !== true) return;
    await until(async () => (await this.#held(runtimes[0]?.kind)) <= before, PATIENCE);
  }

  /** Servers of their own, one after the other. */
  async manyRuntimes(starts: readonly (readonly [number, Way])[]): Promise<readonly Figure[]> {
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
