/**
 * Random pairs of a runtime and a service: the smallest valid ones with every place filled, or not, where a
 * size or a GPU count may stand. Weighted so that both admitted and denied pairs are common.
 */
import fc from 'fast-check';
import { minimalRuntime, minimalService, type Loose } from '../rules/cases.ts';
import { VENDORS } from './kserve.ts';

export interface Pair {
  readonly runtime: Loose;
  readonly service: Loose;
}

/** A list of a value for each of its weight. */
function weighted<T>(...choices: readonly (readonly [weight: number, arbitrary: fc.Arbitrary<T>])[]) {
  return fc.oneof(...choices.map(([weight, arbitrary]) => ({ weight, arbitrary })));
}

/** 63 to 128 make products on both sides of the cap of 4096. */
const size = weighted<number | undefined>(
  [6, fc.constant(undefined)],
  [8, fc.constantFrom(1, 2, 4, 8, 16)],
  [5, fc.integer({ min: 1, max: 16 })],
  [1, fc.constantFrom(63, 64, 65, 128)],
);

const count = weighted([1, fc.constant(0)], [24, fc.constantFrom(1, 2, 3, 4, 7, 8)]);

/** The ways in which YAML may give the same whole number. */
function spelled(value: number): fc.Arbitrary<unknown> {
  return weighted<unknown>(
    [8, fc.constant(String(value))],
    [1, fc.constant(value)],
    [1, fc.constant(`${value}000m`)],
  );
}

const spelledCount = count.chain(spelled);
const spelledTwice = count.chain((value) => fc.tuple(spelled(value), spelled(value)));

/** A container's resources: with GPUs of one type, without, or none. */
function resources(types: fc.Arbitrary<string>, present: number): fc.Arbitrary<Loose> {
  const gpus = types.chain((type) =>
    weighted<Loose>(
      [8, spelledCount.map((requests) => ({ requests: { [type]: requests } }))],
      [4, spelledCount.map((limits) => ({ limits: { [type]: limits } }))],
      [
        10,
        spelledTwice.map(([requests, limits]) => ({
          requests: { [type]: requests },
          limits: { [type]: limits },
        })),
      ],
      [
        1,
        fc.tuple(spelledCount, spelledCount).map(([requests, limits]) => ({
          requests: { [type]: requests },
          limits: { [type]: limits },
        })),
      ],
    ),
  );
  const besideCpu = gpus.map((given) => ({ ...given, requests: { cpu: '2', ...given.requests } }));
  return weighted<Loose>(
    [present, gpus],
    [present, besideCpu],
    [8, fc.constant(undefined)],
    [1, fc.constant({})],
    [1, fc.constant({ requests: { cpu: '6', memory: '24Gi' } })],
  );
}

/** Env of the author's own; sometimes a name that KServe sets, with a value that it will not have. */
const env = weighted<Loose>(
  [8, fc.constant(undefined)],
  [1, fc.constant([{ name: 'VLLM_LOGGING_LEVEL', value: 'DEBUG' }])],
  [1, fc.constant([{ name: 'RAY_NODE_COUNT', value: '99' }])],
);

/** One vendor for all containers of the pair, or mostly one. */
const vendors: fc.Arbitrary<fc.Arbitrary<string>> = fc.constantFrom(...VENDORS).chain((main) => {
  const mixed = weighted([5, fc.constant(main)], [1, fc.constantFrom(...VENDORS)]);
  return weighted([6, fc.constant(fc.constant(main))], [1, fc.constant(mixed)]);
});

const parts = vendors.chain((types) =>
  fc.record({
    runtimeHead: resources(types, 1),
    runtimeWorker: resources(types, 1),
    head: resources(types, 3),
    worker: resources(types, 4),
    runtimeTensor: size,
    runtimePipeline: size,
    tensor: size,
    pipeline: size,
    mp: weighted([9, fc.constant(false)], [1, fc.constant(true)]),
    keep: weighted([9, fc.constant(false)], [1, fc.constant(true)]),
    headEnv: env,
    workerEnv: env,
    emptyContainers: fc.boolean(),
  }),
);

/** Pairs of a runtime and a service that names it. */
export const pairs: fc.Arbitrary<Pair> = parts.map((given) => {
  const runtime = minimalRuntime();
  if (given.mp) runtime.spec.annotations = { 'multinode/executor-backend': 'mp' };
  put(runtime.spec.containers[0], { resources: given.runtimeHead });
  put(runtime.spec.workerSpec.containers[0], { resources: given.runtimeWorker });
  put(runtime.spec.workerSpec, {
    tensorParallelSize: given.runtimeTensor,
    pipelineParallelSize: given.runtimePipeline,
  });

  const service = minimalService();
  if (given.keep) service.metadata.annotations['headcount.dev/parallelism'] = 'keep';
  const { model, workerSpec } = service.spec.predictor;
  put(model, { resources: given.head, env: given.headEnv });
  put(workerSpec, { tensorParallelSize: given.tensor, pipelineParallelSize: given.pipeline });
  put(workerSpec, { containers: workerContainers(given.worker, given.workerEnv, given.emptyContainers) });
  return { runtime, service };
});

function workerContainers(resourcesGiven: Loose, envGiven: Loose, empty: boolean): Loose {
  if (resourcesGiven === undefined && envGiven === undefined) return empty ? [] : undefined;
  const container: Loose = { name: 'worker-container' };
  put(container, { resources: resourcesGiven, env: envGiven });
  return [container];
}

/** Sets each key that has a value and removes each that has none, as YAML would have them. */
function put(target: Loose, values: Readonly<Record<string, Loose>>): void {
  for (const [key, value] of Object.entries(values)) {
    if (value === undefined) delete target[key];
    else target[key] = structuredClone(value);
  }
}
