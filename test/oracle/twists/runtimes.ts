/** Runtimes: which one KServe takes, and what it lacks. */
import { modelOf, predictorOf, runtimeOf, SHORTHANDS, type Twist } from './world.ts';

export const runtimes: Readonly<Record<string, Twist>> = {
  shorthand: (world, pick) => {
    const predictor = predictorOf(world);
    const { modelFormat, ...rest } = modelOf(world);
    if (modelFormat === undefined) return;
    if (pick([true, true, false])) delete rest.runtime;
    predictor[pick([...SHORTHANDS, 'huggingface', 'huggingface'])] = rest;
    delete predictor.model;
  },
  modelAndShorthand: (world) => {
    predictorOf(world).huggingface ??= { storageUri: 'pvc://models/llama' };
  },
  autoSelected: (world) => {
    delete modelOf(world).runtime;
  },
  missing: (world, pick) => {
    modelOf(world).runtime = pick(['other', '']);
  },
  second: (world, pick) => {
    const second = structuredClone(runtimeOf(world));
    second.metadata.name = pick(['aa', 'zz']);
    const [format] = second.spec.supportedModelFormats;
    format.priority = pick([1, 2, 3, undefined]);
    format.autoSelect = pick([true, true, false]);
    second.metadata.creationTimestamp = pick(['2026-01-01T00:00:00Z', '2026-02-01T00:00:00Z', undefined]);
    second.spec.protocolVersions = pick([['v1'], ['v2'], ['v2', 'v1'], undefined]);
    if (second.spec.workerSpec !== undefined) second.spec.workerSpec.tensorParallelSize = 2;
    if (pick([false, false, true])) makeClusterWide(second);
    if (world.runtimes.length < 2) world.runtimes.push(second);
    if (pick([true, true, false])) delete modelOf(world).runtime;
  },
  clusterWide: (world) => makeClusterWide(runtimeOf(world)),
  disabled: (world, pick) => {
    runtimeOf(world).spec.disabled = pick([true, true, false]);
  },
  multiModel: (world) => {
    runtimeOf(world).spec.multiModel = true;
  },
  otherFormat: (world, pick) => {
    const model = modelOf(world);
    if (model.modelFormat !== undefined)
      model.modelFormat = pick([
        { name: 'vLLM' },
        { name: 'triton' },
        { name: 'huggingface', version: pick(['1', '2', '']) },
      ]);
  },
  protocol: (world, pick) => {
    modelOf(world).protocolVersion = pick(['v1', 'v2', 'grpc-v2', '']);
  },
  anyProtocol: (world, pick) => {
    const model = modelOf(world);
    model.protocolVersion = '';
    runtimeOf(world).spec.protocolVersions = pick([['v2'], ['v1'], undefined]);
    if (pick([true, false])) delete model.runtime;
  },
  emptyVersions: (world, pick) => {
    const model = modelOf(world);
    if (model.modelFormat !== undefined) model.modelFormat = { ...model.modelFormat, version: '' };
    const [format] = runtimeOf(world).spec.supportedModelFormats;
    format.version = pick(['1', '', undefined]);
    if (pick([true, false])) delete model.runtime;
  },
  protocolsOfRuntime: (world, pick) => {
    runtimeOf(world).spec.protocolVersions = pick([['v1'], ['v2'], ['grpc-v2'], undefined]);
  },
  noWorkerSpec: (world) => {
    delete runtimeOf(world).spec.workerSpec;
  },
  noSizes: (world) => {
    const { workerSpec } = runtimeOf(world).spec;
    delete workerSpec?.tensorParallelSize;
    delete workerSpec?.pipelineParallelSize;
  },
  containers: (world, pick) => {
    runtimeOf(world).spec.containers = pick([[], [{ name: 'vllm', image: 'x' }]]);
  },
  workerContainers: (world, pick) => {
    const { workerSpec } = runtimeOf(world).spec;
    if (workerSpec !== undefined) workerSpec.containers = pick([[], [{ name: 'worker', image: 'x' }]]);
  },
  backend: (world, pick) => {
    const { spec } = runtimeOf(world);
    spec.annotations = { ...spec.annotations, 'multinode/executor-backend': pick(['mp', 'ray', 'MP']) };
  },
  annotationsOfRuntime: (world, pick) => {
    const { spec } = runtimeOf(world);
    const more = pick([
      { 'serving.kserve.io/autoscalerClass': 'hpa' },
      { 'serving.kserve.io/deploymentMode': 'Knative' },
      { 'serving.kserve.io/gpu-resource-types': '["example.com/npu"]' },
      { team: 'ml' },
    ]);
    spec.annotations = { ...spec.annotations, ...more };
  },
};

function makeClusterWide(runtime: { kind: string; metadata: { namespace?: string } }): void {
  runtime.kind = 'ClusterServingRuntime';
  delete runtime.metadata.namespace;
}
