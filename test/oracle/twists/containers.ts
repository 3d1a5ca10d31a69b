/** Containers beside the two that count, and the two under other names. */
import { append, modelOf, predictorOf, runtimeOf, workerOf, type Twist } from './world.ts';

const GPU = { requests: { 'nvidia.com/gpu': '1' }, limits: { 'nvidia.com/gpu': '1' } };
const NAMES = ['log', 'kserve-container', 'transformer-container', 'worker-container', 'queue-proxy', ''];

export const containers: Readonly<Record<string, Twist>> = {
  sidecar: (world, pick) => {
    const predictor = predictorOf(world);
    const sidecar = { name: pick(NAMES), image: 'log:1', ...pick([{}, {}, { resources: GPU }]) };
    predictor.containers = [...(predictor.containers ?? []), sidecar];
  },
  sidecarOfRuntime: (world, pick) => {
    const { spec } = runtimeOf(world);
    const sidecar = { name: pick(['log', 'transformer-container']), image: 'log:1' };
    spec.containers = [...(spec.containers ?? []), sidecar];
  },
  initContainer: (world, pick) => {
    const pod = pick([predictorOf(world), predictorOf(world).workerSpec]);
    const names = pick([
      ['init'],
      ['init', 'init'],
      ['kserve-container'],
      ['worker-container'],
      ['init', 'log'],
    ]);
    const resources = pick([{}, { resources: GPU }]);
    pod.initContainers = names.map((name) => ({ name, image: 'x', ...resources }));
  },
  workerName: (world, pick) => {
    workerOf(world).name = pick(['', 'worker', 'kserve-container']);
  },
  twoWorkers: (world, pick) => {
    workerOf(world);
    predictorOf(world).workerSpec.containers.push({ name: pick(['log', 'worker-container']), image: 'x' });
  },
  noWorkers: (world, pick) => {
    predictorOf(world).workerSpec.containers = pick([[], undefined]);
  },
  modelName: (world, pick) => {
    modelOf(world).name = pick(['', 'kserve-container', 'vllm']);
  },
  podResources: (world, pick) => {
    pick([predictorOf(world), predictorOf(world).workerSpec]).resources = GPU;
  },
  emptyResources: (world, pick) => {
    pick([modelOf(world), workerOf(world)]).resources = pick([
      {},
      { requests: {} },
      { requests: {}, limits: {} },
    ]);
  },
  ports: (world) => append(modelOf(world), 'ports', { containerPort: 8080, protocol: 'TCP' }),
};
