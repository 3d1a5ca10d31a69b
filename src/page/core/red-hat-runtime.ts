/**
 * A runtime in Red Hat's form, for those whose cluster has it: equivalent, in what headcount reads, to its vLLM
 * multi-node runtime (docs/kserve.md, mp back end), and under its name. For the whole cluster, so that services of every
 * namespace find it. It is never deployed: images and commands are there so that it reads as a runtime.
 */
const IMAGE = 'example.com/vllm:cuda';
const MODEL = '/mnt/models';
const SIZES = [
  '--distributed-executor-backend=mp',
  '--tensor-parallel-size=$(TENSOR_PARALLEL_SIZE)',
  '--pipeline-parallel-size=$(PIPELINE_PARALLEL_SIZE)',
  '--nnodes=$(PIPELINE_PARALLEL_SIZE)',
];
const HEALTHY = { httpGet: { path: '/health', port: 8080 } };
const REACHED = { exec: { command: ['bash', '-c', 'curl -sf "${HEAD_SVC}:8080/health"'] } };
/** An hour, since a large model takes long to load. */
const START_UP = { initialDelaySeconds: 20, periodSeconds: 30, failureThreshold: 120 };
const JOIN = 'exec vllm serve "$@" --node-rank="$(wait-for-rank)"';

const RESOURCES = { requests: { cpu: '8', memory: '24Gi' }, limits: { cpu: '16', memory: '48Gi' } };
const SHM = {
  volumes: [{ name: 'shm', emptyDir: { medium: 'Memory', sizeLimit: '12Gi' } }],
  mounts: [{ name: 'shm', mountPath: '/dev/shm' }],
};

export const RED_HAT_RUNTIME: unknown = {
  apiVersion: 'serving.kserve.io/v1alpha1',
  kind: 'ClusterServingRuntime',
  metadata: { name: 'vllm-multinode-runtime' },
  spec: {
    annotations: { 'multinode/executor-backend': 'mp' },
    supportedModelFormats: [{ name: 'vLLM', autoSelect: true, priority: 2 }],
    containers: [
      {
        name: 'kserve-container',
        image: IMAGE,
        command: ['vllm', 'serve'],
        args: [MODEL, '--port=8080', '--served-model-name={{.Name}}', ...SIZES, '--node-rank=0'],
        resources: RESOURCES,
        startupProbe: { ...HEALTHY, ...START_UP },
        readinessProbe: HEALTHY,
        volumeMounts: SHM.mounts,
      },
    ],
    volumes: SHM.volumes,
    workerSpec: {
      tensorParallelSize: 1,
      pipelineParallelSize: 2,
      containers: [
        {
          name: 'worker-container',
          image: IMAGE,
          command: ['bash', '-c', JOIN],
          args: ['--', MODEL, '--headless', ...SIZES, '--master-addr=$(HEAD_SVC)'],
          resources: RESOURCES,
          startupProbe: { ...REACHED, ...START_UP },
          volumeMounts: SHM.mounts,
        },
      ],
      volumes: SHM.volumes,
    },
  },
};
