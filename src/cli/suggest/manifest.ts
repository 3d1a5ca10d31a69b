/** The InferenceService for a shape: as its author would write it, with nothing left for headcount to change. */
import { AUTOSCALER_CLASS, DEPLOYMENT_MODE } from '../../kserve/annotations.ts';
import { CUT_SUFFIX, NAME_PATTERN, ROOM, WORKER_CONTAINER } from '../../kserve/names.ts';
import { autoscalerClassOf, modesOf } from '../../kserve/releases.ts';
import type { ModelFacts } from '../../vllm/facts.ts';
import type { Shape } from '../../vllm/shapes.ts';
import { UsageError } from '../shared/refusal.ts';
import type { SuggestReport } from './report.ts';
import { withoutEnd } from '../../lib/text.ts';

const RUNTIME = 'kserve-huggingfaceserver-multinode';
const NAME = new RegExp(`^${NAME_PATTERN}$`);
/** vLLM takes any length; a round one reads better. */
const ROUND = 1_024;

/** @throws UsageError */
export function checkName(name: string): void {
  if (isName(name)) return;
  throw new UsageError(
    `--name ${name}: lower-case letters, digits and hyphens, from a letter on, at most ${ROOM}, and without ${CUT_SUFFIX} at the end`,
  );
}

function isName(name: string): boolean {
  return NAME.test(name) && name.length <= ROOM && !name.endsWith(CUT_SUFFIX);
}

/** @returns such as `llama` of LlamaForCausalLM */
export function nameFor({ architecture }: ModelFacts): string {
  const short = architecture.replace(/(For|LMHead|Chat|Model).*$/, '').toLowerCase();
  const name = short
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replace(/^[^a-z]+/, '')
    .slice(0, ROOM);
  const ended = withoutEnd(name, '-');
  return isName(ended) ? ended : 'model';
}

export function manifestOf(shape: Shape, report: SuggestReport): object {
  const { service, release } = report;
  return {
    apiVersion: 'serving.kserve.io/v1beta1',
    kind: 'InferenceService',
    metadata: {
      name: service.name,
      annotations: {
        [DEPLOYMENT_MODE]: modesOf(release).mode,
        [AUTOSCALER_CLASS]: autoscalerClassOf(release),
      },
    },
    spec: {
      predictor: shape.pipelineParallelSize === 1 ? onePod(shape, report) : severalPods(shape, report),
    },
  };
}

/** KServe selects a runtime for one node. It does not pass a size to vLLM, so the arguments must state it. */
function onePod(shape: Shape, { model, service }: SuggestReport): object {
  const { tensorParallelSize: tp } = shape;
  const args = [...(tp > 1 ? [`--tensor-parallel-size=${tp}`] : []), ...argsOf(shape, model)];
  return {
    model: {
      modelFormat: { name: 'huggingface' },
      storageUri: storageOf(service),
      ...(args.length > 0 && { args }),
      resources: resourcesOf(shape),
      volumeMounts: [SHM_MOUNT],
    },
    volumes: [SHM],
  };
}

function severalPods(shape: Shape, { model, service }: SuggestReport): object {
  const { tensorParallelSize, pipelineParallelSize } = shape;
  const pod = {
    resources: resourcesOf(shape),
    volumeMounts: [SHM_MOUNT],
    startupProbe: startupProbeOf(shape),
  };
  return {
    model: {
      modelFormat: { name: 'huggingface' },
      runtime: RUNTIME,
      storageUri: storageOf(service),
      args: ['--distributed-executor-backend=ray', ...argsOf(shape, model)],
      ...pod,
    },
    volumes: [SHM],
    workerSpec: {
      tensorParallelSize,
      pipelineParallelSize,
      containers: [{ name: WORKER_CONTAINER, ...pod }],
      volumes: [SHM],
    },
  };
}

function storageOf({ storageUri, name }: SuggestReport['service']): string {
  return storageUri ?? `pvc://models/${name}`;
}

/** Shared memory for the processes of a pod: 64 MB are too few for NCCL. Under the name that KServe's runtime uses. */
const SHM_GIBIBYTES = 16;
const SHM = { name: 'shm', emptyDir: { medium: 'Memory', sizeLimit: `${SHM_GIBIBYTES}Gi` } };
const SHM_MOUNT = { name: 'shm', mountPath: '/dev/shm' };

const GIBIBYTE = 2 ** 30;
/** Memory of each process besides the weights; there is one process for each GPU. */
const PROCESS_GIBIBYTES = 4;
/** Memory is written in steps of this. */
const STEP = 16;

/** The weights pass through the pod's memory on the way to the GPUs. The contents of /dev/shm count as memory too. */
function resourcesOf({ tensorParallelSize: tp, weights }: Shape): object {
  const needed = (weights * tp) / GIBIBYTE + PROCESS_GIBIBYTES * tp + SHM_GIBIBYTES;
  const same = { memory: `${Math.ceil(needed / STEP) * STEP}Gi`, 'nvidia.com/gpu': String(tp) };
  return { requests: { cpu: String(2 * tp), ...same }, limits: { cpu: String(4 * tp), ...same } };
}

/** Bytes a second that a slow shared disk gives. */
const SLOW_DISK = 200e6;

/** The guide's window, or a longer one for large weights. The runtime's own probe says what is called. */
function startupProbeOf({ tensorParallelSize, weights }: Shape): object {
  const periodSeconds = 30;
  const loading = Math.ceil((weights * tensorParallelSize) / SLOW_DISK / periodSeconds);
  return { initialDelaySeconds: 60, periodSeconds, failureThreshold: Math.max(40, loading) };
}

function argsOf({ expertParallel, tokens }: Shape, { context }: ModelFacts): readonly string[] {
  return [
    ...(expertParallel ? ['--enable-expert-parallel'] : []),
    // vLLM does not start with a context that its cache can't hold.
    ...(context !== null && tokens < context
      ? [`--max-model-len=${Math.floor(tokens / ROUND) * ROUND}`]
      : []),
  ];
}
