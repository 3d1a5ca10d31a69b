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

export const BUILTIN_RUNTIME: unknown = {
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
        startupProbe: probe('ray status', START_UP),
        livenessProbe: probe('ray status', RUNNING),
        readinessProbe: probe('curl -sf localhost:8080/v2/health/ready', RUNNING),
      },
    ],
    workerSpec: {
      tensorParallelSize: 1,
      pipelineParallelSize: 1,
      containers: [
        {
          name: 'worker-container',
          command: ['bash', '-c', JOIN],
          startupProbe: probe('ray status --address "${HEAD_SVC}:6379"', START_UP),
          livenessProbe: probe('ray status --address "${HEAD_SVC}:6379"', RUNNING),
        },
      ],
    },
  },
};
