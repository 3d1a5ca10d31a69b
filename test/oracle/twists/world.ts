/**
 * A twist is one more thing that an author, an administrator or a platform may write: it changes a pair of a service
 * and its runtimes in one place. Random pairs get a few of them, each with a choice of its own.
 */
import type { Loose } from '../../rules/cases.ts';

/** A service, the runtimes of its cluster (the first is the one that it names), and KServe's ConfigMap. */
export interface World {
  readonly service: Loose;
  readonly runtimes: Loose[];
  /** Keys that differ from what KServe ships. */
  readonly configMap: Record<string, string>;
}

/** Takes one of the values; the next call of the same twist chooses anew. */
export type Pick = <T>(values: readonly T[]) => T;

export type Twist = (world: World, pick: Pick) => void;

/** @returns the choices that a number stands for */
export function picker(number: number): Pick {
  let rest = number;
  return (values) => {
    const value = values[rest % values.length];
    rest = Math.floor(rest / values.length);
    // Lists of choices are never empty.
    return value as (typeof values)[number];
  };
}

/** The shorthands that a twist may have put in place of `model`. */
export const SHORTHANDS = ['huggingface', 'triton', 'sklearn'] as const;

export function predictorOf({ service }: World): Loose {
  return service.spec.predictor;
}

/** The model's container, under whichever key it is. */
export function modelOf(world: World): Loose {
  const predictor = predictorOf(world);
  const key = ['model', ...SHORTHANDS].find((name) => predictor[name] !== undefined) ?? 'model';
  return (predictor[key] ??= {});
}

/** The service's first worker container. */
export function workerOf(world: World): Loose {
  const { workerSpec } = predictorOf(world);
  workerSpec.containers ??= [];
  return (workerSpec.containers[0] ??= { name: 'worker-container' });
}

export function runtimeOf({ runtimes }: World): Loose {
  return runtimes[0];
}

/** The runtime's container of the head; one that nobody sees where a twist took it away. */
export function runtimeHeadOf(world: World): Loose {
  return runtimeOf(world).spec.containers?.[0] ?? {};
}

export function runtimeWorkerOf(world: World): Loose {
  return runtimeOf(world).spec.workerSpec?.containers?.[0] ?? {};
}

/** One of the four containers that make up head and worker. */
export function anyContainer(world: World, pick: Pick): Loose {
  return pick([modelOf, workerOf, runtimeHeadOf, runtimeWorkerOf])(world);
}

export function annotate(world: World, values: Readonly<Record<string, string>>): void {
  const { metadata } = world.service;
  metadata.annotations = { ...metadata.annotations, ...values };
}

export function annotatePredictor(world: World, values: Readonly<Record<string, string>>): void {
  const predictor = predictorOf(world);
  predictor.annotations = { ...predictor.annotations, ...values };
}

export const GPU_TYPES = 'serving.kserve.io/gpu-resource-types';

/** Annotations of the runtime's head, or of its worker. */
export function annotateRuntime(
  world: World,
  part: 'head' | 'worker',
  values: Readonly<Record<string, string>>,
): void {
  const { spec } = runtimeOf(world);
  const pod = part === 'head' ? spec : spec.workerSpec;
  if (pod !== undefined) pod.annotations = { ...pod.annotations, ...values };
}

/** The names that the pods of a service get listed as GPU types: those of all runtimes, whichever KServe takes. */
export function listedTypes({ service, runtimes }: World): Readonly<Record<'head' | 'worker', string[]>> {
  const of = (podOf: (spec: Loose) => Loose): string[] => {
    const [first = [], ...others] = runtimes.map(({ spec }): string[] => {
      const layers = [service.spec.predictor, service.metadata, podOf(spec)];
      const lists = layers.map((holder) => holder?.annotations?.[GPU_TYPES]);
      return String(lists.find((list) => list !== undefined)).match(/[^\s"[\],]+/g) ?? [];
    });
    return first.filter((name) => others.every((names) => names.includes(name)));
  };
  return { head: of((spec) => spec), worker: of((spec) => spec.workerSpec) };
}

export function append(container: Loose, list: 'env' | 'args' | 'ports', ...values: readonly Loose[]): void {
  container[list] = [...(container[list] ?? []), ...values];
}
