/** Containers beside the two that count, and the two under other names. */
import type { Loose } from '../../rules/cases.ts';
import {
  append,
  modelOf,
  predictorOf,
  runtimeHeadOf,
  runtimeOf,
  runtimeWorkerOf,
  workerOf,
  type Twist,
} from './world.ts';

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
  /** The service states one of request and limit, the runtime the other; with KServe's defaults of 1 and 2Gi beside them. */
  cpuAndMemory: (world, pick) => {
    const [own, ofRuntime] = pick([
      [modelOf, runtimeHeadOf],
      [workerOf, runtimeWorkerOf],
    ] as const);
    const [list, amounts, other, others] = pick([
      ['requests', { cpu: '1', memory: '2Gi' }, 'limits', [{ cpu: '500m' }, { memory: '1Gi' }, { cpu: '3' }]],
      ['limits', { cpu: '2', memory: '4Gi' }, 'requests', [{ cpu: '3' }, { memory: '1Ti' }, { cpu: '500m' }]],
    ] as const);
    addTo(own(world), list, amounts);
    addTo(ofRuntime(world), other, pick<Loose>(others));
  },
  ports: (world) => append(modelOf(world), 'ports', { containerPort: 8080, protocol: 'TCP' }),
};

function addTo(container: Loose, list: 'requests' | 'limits', amounts: Loose): void {
  container.resources = { ...container.resources, [list]: { ...container.resources?.[list], ...amounts } };
}
