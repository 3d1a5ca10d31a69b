/**
 * A runtime to plan on where no cluster can be asked: equivalent, in what headcount reads, to the default
 * multi-node runtime that the guide deploys (docs/kserve.md, The guide), and under its name. Anything given under
 * that name replaces it.
 * It is never deployed: the commands are there so that it reads as a runtime. It has no images, since nobody knows those of
 * the cluster's.
 */
const FORMAT = { name: 'huggingface', version: '1', autoSelect: true, priority: 2 };

function probe(script: string, timing: object): object {
  return { exec: { command: ['sh', '-c', script] }, ...timing };
}

/** The guide's window: 60 s, then 40 tries 30 s apart. */
const START_UP = { initialDelaySeconds: 60, periodSeconds: 30, failureThreshold: 40, timeoutSeconds: 30 };
/** The guide advises a delay of one's own for large models; nothing is probed before the start-up probe passes. */
const RUNNING = { initialDelaySeconds: 60, periodSeconds: 10, failureThreshold: 3, timeoutSeconds: 15 };

const SERVE = [
  'ray start --head --include-dashboard=false',
  'exec python -m huggingfaceserver --model_dir="${MODEL_DIR}"' +
    ' --tensor-parallel-size="${TENSOR_PARALLEL_SIZE}"' +
    // Without quotes, so that the shell splits an argument with blanks, as it does in KServe's own.
    ' --pipeline-parallel-size="${PIPELINE_PARALLEL_SIZE}" $0 $@',
].join('\n');
const JOIN = [
  'until ray health-check --address "${HEAD_SVC}:6379"; do sleep 5; done',
  'exec ray start --address "${HEAD_SVC}:6379" --block',
].join('\n');

/** The processes of a pod talk through shared memory. */
const SHARED_MEMORY = { name: 'shm', emptyDir: { medium: 'Memory', sizeLimit: '3Gi' } };
const MOUNTED = { name: 'shm', mountPath: '/dev/shm' };

/** @param resources of head and worker */
function runtimeWith(resources: object): unknown {
  return {
    apiVersion: 'serving.kserve.io/v1alpha1',
    kind: 'ClusterServingRuntime',
    metadata: { name: 'kserve-huggingfaceserver-multinode' },
    spec: {
      supportedModelFormats: [FORMAT],
      protocolVersions: ['v2', 'v1'],
      containers: [
        {
          name: 'kserve-container',
          command: ['bash', '-c', SERVE],
          args: ['--model_name={{.Name}}'],
          resources,
          volumeMounts: [MOUNTED],
          startupProbe: probe('ray status', START_UP),
          livenessProbe: probe('ray status', RUNNING),
          readinessProbe: probe('curl -sf localhost:8080/v2/health/ready', RUNNING),
        },
      ],
      volumes: [SHARED_MEMORY],
      workerSpec: {
        tensorParallelSize: 1,
        pipelineParallelSize: 1,
        containers: [
          {
            name: 'worker-container',
            command: ['bash', '-c', JOIN],
            resources,
            volumeMounts: [MOUNTED],
            startupProbe: probe('ray status --address "${HEAD_SVC}:6379"', START_UP),
            livenessProbe: probe('ray status --address "${HEAD_SVC}:6379"', RUNNING),
          },
        ],
        volumes: [SHARED_MEMORY],
      },
    },
  };
}

export const BUILTIN_RUNTIME: unknown = runtimeWith({
  requests: { cpu: '2', memory: '6Gi' },
  limits: { cpu: '4', memory: '12Gi' },
});

const NOTHING = { cpu: '0', memory: '0' };

/**
 * Stands for a runtime that nobody knows. How much cpu and memory that one asks for is not known either, so that this one
 * states them, as quotas want it, and takes nothing.
 */
export const ASSUMED_RUNTIME: unknown = runtimeWith({ requests: NOTHING, limits: NOTHING });
