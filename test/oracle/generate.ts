/**
 * Random pairs of a runtime and a service: the smallest valid ones with every place filled, or not, where a
 * size or a GPU count may stand. Weighted so that both admitted and denied pairs are common.
 */
import fc from 'fast-check';
import { minimalRuntime, minimalService, type Loose } from '../rules/cases.ts';

export type Json = { readonly [key: string]: unknown };

export interface Pair {
  readonly runtime: Loose;
  readonly service: Loose;
}

const VENDORS = ['nvidia.com/gpu', 'amd.com/gpu', 'intel.com/gpu', 'habana.ai/gaudi'] as const;

/** A counterexample shrinks to the first of the alternatives. */
const SMALLER = { withCrossShrink: true };

/** 63 to 128 make products on both sides of the contract's cap of 4096. */
const size = fc.option(
  fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom(1, 2, 4, 8, 16) },
    { weight: 4, arbitrary: fc.integer({ min: 1, max: 16 }) },
    { weight: 1, arbitrary: fc.constantFrom(63, 64, 65, 128) },
  ),
  { nil: undefined, freq: 2 },
);

const count = fc.oneof(
  { weight: 1, arbitrary: fc.constant(0) },
  { weight: 24, arbitrary: fc.constantFrom(1, 2, 3, 4, 7, 8) },
);

/** The three ways in which YAML may give the same whole number. */
const spelled = (value: number): fc.Arbitrary<unknown> =>
  fc.oneof(
    { weight: 8, arbitrary: fc.constant(String(value)) },
    { weight: 1, arbitrary: fc.constant(value) },
    { weight: 1, arbitrary: fc.constant(`${value}000m`) },
  );

/** Resources of one container that name one GPU type. */
function gpus(type: string): fc.Arbitrary<{ requests?: Json; limits?: Json }> {
  const one = count.chain(spelled).map((value) => ({ [type]: value }));
  const both = count.chain((value) =>
    fc.record({
      requests: spelled(value).map((text) => ({ [type]: text })),
      limits: spelled(value).map((text) => ({ [type]: text })),
    }),
  );
  return fc.oneof(
    { weight: 8, arbitrary: one.map((requests) => ({ requests })) },
    { weight: 4, arbitrary: one.map((limits) => ({ limits })) },
    { weight: 10, arbitrary: both },
    { weight: 1, arbitrary: fc.record({ requests: one, limits: one }) },
  );
}

/** A container's resources: none, without GPUs, or with them; cpu beside them sometimes. */
function resources(types: fc.Arbitrary<string>, present: number): fc.Arbitrary<Json | undefined> {
  const given = fc.tuple(types.chain(gpus), fc.boolean()).map(([found, cpu]) => {
    const { requests } = found;
    return cpu ? { ...found, requests: { cpu: '2', ...requests } } : found;
  });
  return fc.oneof(
    SMALLER,
    { weight: 4, arbitrary: fc.constant(undefined) },
    { weight: present, arbitrary: given },
    { weight: 1, arbitrary: fc.constant({}) },
    { weight: 1, arbitrary: fc.constant({ requests: { cpu: '6', memory: '24Gi' } }) },
  );
}

/** Env of the author's own; sometimes a name that KServe sets, with another value. */
const env = fc.oneof(
  SMALLER,
  { weight: 6, arbitrary: fc.constant(undefined) },
  { weight: 1, arbitrary: fc.constant([{ name: 'VLLM_LOGGING_LEVEL', value: 'DEBUG' }]) },
  { weight: 1, arbitrary: fc.constant([{ name: 'RAY_NODE_COUNT', value: '99' }]) },
  { weight: 1, arbitrary: fc.constant([{ name: 'REQUEST_GPU_COUNT', value: '99' }]) },
);

/** One vendor for the whole pair, or, in two of eleven pairs, mostly one. */
const vendors: fc.Arbitrary<fc.Arbitrary<string>> = fc.constantFrom(...VENDORS).chain((main) =>
  fc.oneof(
    { weight: 9, arbitrary: fc.constant(fc.constant<string>(main)) },
    {
      weight: 2,
      arbitrary: fc.constant(
        fc.oneof(
          { weight: 4, arbitrary: fc.constant<string>(main) },
          { weight: 1, arbitrary: fc.constantFrom<string>(...VENDORS) },
        ),
      ),
    },
  ),
);

const oneInTen = fc.integer({ min: 0, max: 9 }).map((roll) => roll === 9);

/** Pairs of a runtime and a service that names it. */
export const pairs: fc.Arbitrary<Pair> = vendors
  .chain((types) =>
    fc.record({
      runtimeHead: resources(types, 2),
      runtimeWorker: resources(types, 2),
      head: resources(types, 5),
      worker: resources(types, 7),
      runtimeTensor: size,
      runtimePipeline: size,
      tensor: size,
      pipeline: size,
      mp: oneInTen,
      keep: oneInTen,
      annotated: fc.boolean(),
      headEnv: env,
      workerEnv: env,
      emptyContainers: fc.boolean(),
    }),
  )
  .map((parts) => {
    const runtime = minimalRuntime();
    if (parts.mp) runtime.spec.annotations = { 'multinode/executor-backend': 'mp' };
    put(runtime.spec.containers[0], { resources: parts.runtimeHead });
    put(runtime.spec.workerSpec.containers[0], { resources: parts.runtimeWorker });
    put(runtime.spec.workerSpec, {
      tensorParallelSize: parts.runtimeTensor,
      pipelineParallelSize: parts.runtimePipeline,
    });

    const service = minimalService();
    if (!parts.annotated) delete service.metadata.annotations;
    if (parts.keep) put(service.metadata, { annotations: { ...service.metadata.annotations, ...KEEP } });
    put(service.spec.predictor.model, { resources: parts.head, env: parts.headEnv });
    put(service.spec.predictor.workerSpec, {
      tensorParallelSize: parts.tensor,
      pipelineParallelSize: parts.pipeline,
      containers: workerContainers(parts.worker, parts.workerEnv, parts.emptyContainers),
    });
    return { runtime, service };
  });

const KEEP = { 'headcount.dev/parallelism': 'keep' };

function workerContainers(resourcesGiven: Json | undefined, envGiven: unknown, empty: boolean): unknown {
  if (resourcesGiven === undefined && envGiven === undefined) return empty ? [] : undefined;
  const container: Loose = { name: 'worker-container' };
  put(container, { resources: resourcesGiven, env: envGiven });
  return [container];
}

/** Sets each key that has a value and removes each that has none, as YAML would have them. */
function put(target: Loose, values: Json): void {
  for (const [key, value] of Object.entries(values)) {
    if (value === undefined) delete target[key];
    else target[key] = value;
  }
}
