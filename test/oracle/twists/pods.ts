/** What a pod may say about its node, its account, its image and its probes. */
import {
  anyContainer,
  modelOf,
  predictorOf,
  runtimeHeadOf,
  runtimeOf,
  runtimeWorkerOf,
  workerOf,
  type Twist,
} from './world.ts';

const PROBE = { periodSeconds: 10, failureThreshold: 3 };

export const pods: Readonly<Record<string, Twist>> = {
  scheduling: (world, pick) => {
    const pod = pick([predictorOf(world), predictorOf(world).workerSpec, runtimeOf(world).spec]);
    Object.assign(
      pod,
      pick([
        { nodeSelector: { gpu: 'a100' } },
        { tolerations: [{ key: 'gpu', operator: 'Exists' }] },
        { serviceAccountName: 'models' },
        { priorityClassName: 'high' },
        { imagePullSecrets: [{ name: 'pull' }] },
        { hostIPC: true },
      ]),
    );
  },
  sharedMemory: (world, pick) => {
    const sides = pick([[predictorOf(world)], world.runtimes.map(({ spec }) => spec)]);
    for (const side of sides) side.volumes = [{ name: 'shm', emptyDir: { medium: 'Memory' } }];
    modelOf(world).volumeMounts = [{ name: 'shm', mountPath: '/dev/shm' }];
  },
  image: (world, pick) => {
    modelOf(world).image = pick(['vllm:1', 'vllm', 'vllm:1-gpu', 'vllm@sha256:00']);
  },
  imageOfRuntime: (world, pick) => {
    const image = pick(['kserve/huggingfaceserver:v0.19.0', 'registry:5000/vllm', 'vllm:1-gpu']);
    runtimeHeadOf(world).image = image;
    runtimeWorkerOf(world).image = image;
  },
  runtimeVersion: (world, pick) => {
    modelOf(world).runtimeVersion = pick(['v1', 'v1-gpu', '']);
  },
  serverType: (world, pick) => {
    const runtime = runtimeOf(world);
    for (const container of [runtimeHeadOf(world), runtimeWorkerOf(world)]) container.image = 'server:1';
    if (pick([true, false])) {
      const name = pick(['kserve-huggingfaceserver', 'kserve-vllmserver', 'kserve-torchserve']);
      runtime.metadata.name = name;
      modelOf(world).runtime = name;
    } else {
      const type = pick(['huggingfaceserver', 'vllmserver', 'other', '']);
      runtime.metadata.annotations = { 'serving.kserve.io/server-type': type };
    }
    // Limits on one side change the image of the head only.
    const silent = pick([modelOf, workerOf, null]);
    if (silent !== null) delete silent(world).resources;
  },
  probe: (world, pick) => {
    const container = anyContainer(world, pick);
    container[pick(['startupProbe', 'livenessProbe', 'readinessProbe'])] = pick([
      { ...PROBE, exec: { command: ['true'] } },
      { ...PROBE, httpGet: { path: '/health', port: 8080 } },
      { ...PROBE, tcpSocket: { port: 8080 } },
    ]);
  },
};
