/** Environment of the author and of the runtime, where KServe sets some of it too. */
import {
  anyContainer,
  append,
  modelOf,
  runtimeHeadOf,
  runtimeWorkerOf,
  workerOf,
  type Twist,
} from './world.ts';

const SET_BY_KSERVE = [
  'RAY_NODE_COUNT',
  'REQUEST_GPU_COUNT',
  'MODEL_NAME',
  'MODEL_DIR',
  'INFERENCE_SERVICE_NAME',
  'ISVC_NAME',
  'HEAD_SVC',
  'WORKER_SVC',
];
const VALUE_FROM = { fieldRef: { fieldPath: 'metadata.name' } };

export const env: Readonly<Record<string, Twist>> = {
  envOfKServe: (world, pick) =>
    append(anyContainer(world, pick), 'env', { name: pick(SET_BY_KSERVE), value: pick(['2', 'x', '']) }),
  envOfKServeFrom: (world, pick) =>
    append(anyContainer(world, pick), 'env', { name: pick(SET_BY_KSERVE), valueFrom: VALUE_FROM }),
  sizesAsEnv: (world, pick) => {
    const container = anyContainer(world, pick);
    const name = pick(['TENSOR_PARALLEL_SIZE', 'PIPELINE_PARALLEL_SIZE']);
    append(container, 'env', pick([true, false]) ? { name, value: '2' } : { name, valueFrom: VALUE_FROM });
  },
  pythonPath: (world, pick) =>
    append(anyContainer(world, pick), 'env', { name: 'PYTHONPATH', value: '/app' }),
  ownEnv: (world, pick) =>
    append(anyContainer(world, pick), 'env', {
      name: pick(['NCCL_DEBUG', 'HF_TOKEN', 'VLLM_LOGGING_LEVEL', 'POD_IP']),
      value: pick(['INFO', '', '{{.Name}}']),
    }),
  envOnBothSides: (world, pick) => {
    const [service, runtime] = pick([
      [modelOf(world), runtimeHeadOf(world)],
      [workerOf(world), runtimeWorkerOf(world)],
    ] as const);
    append(
      service,
      'env',
      pick([
        { name: 'A', value: '1' },
        { name: 'A', valueFrom: VALUE_FROM },
      ]),
    );
    append(
      runtime,
      'env',
      pick([
        { name: 'A', value: '2' },
        { name: 'A', valueFrom: VALUE_FROM },
      ]),
    );
  },
  envTwice: (world, pick) => {
    const container = anyContainer(world, pick);
    append(container, 'env', { name: 'A', value: '1' });
    append(
      container,
      'env',
      pick([
        { name: 'A', value: '2' },
        { name: 'A', valueFrom: VALUE_FROM },
      ]),
    );
  },
  envFrom: (world, pick) => {
    anyContainer(world, pick).envFrom = [{ configMapRef: { name: 'settings' } }];
  },
};
