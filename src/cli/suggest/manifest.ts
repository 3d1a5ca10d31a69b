/** The InferenceService for a shape: as its author would write it, with nothing left for headcount to change. */
import { ROOM } from '../../kserve/names.ts';
import { AUTOSCALER_CLASS, DEPLOYMENT_MODE } from '../../kserve/annotations.ts';
import { WORKER_CONTAINER } from '../../kserve/names.ts';
import { autoscalerClassOf, modesOf } from '../../kserve/releases.ts';
import type { ModelFacts } from '../../vllm/facts.ts';
import type { Shape } from '../../vllm/shapes.ts';
import { UsageError } from '../shared/refusal.ts';
import type { SuggestReport } from './report.ts';

const RUNTIME = 'kserve-huggingfaceserver-multinode';
const NAME = /^[a-z]([a-z0-9-]*[a-z0-9])?$/;
/** vLLM takes any length; a round one reads better. */
const ROUND = 1_024;

/** @throws UsageError */
export function checkName(name: string): void {
  if (NAME.test(name) && name.length <= ROOM) return;
  throw new UsageError(
    `--name ${name}: lower-case letters, digits and hyphens, from a letter on, at most ${ROOM}`,
  );
}

/** @returns such as `llama` of LlamaForCausalLM */
export function nameFor({ architecture }: ModelFacts): string {
  const short = architecture.replace(/(For|LMHead|Chat|Model).*$/, '').toLowerCase();
  const name = short.replaceAll(/[^a-z0-9]+/g, '-').replaceAll(/^[^a-z]+|-+$/g, '');
  return name.slice(0, ROOM) || 'model';
}

export function manifestOf(shape: Shape, { model, service, release }: SuggestReport): object {
  const { tensorParallelSize, pipelineParallelSize } = shape;
  const gpus = { 'nvidia.com/gpu': String(tensorParallelSize) };
  const resources = { requests: gpus, limits: gpus };
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
      predictor: {
        model: {
          modelFormat: { name: 'huggingface' },
          runtime: RUNTIME,
          storageUri: service.storageUri ?? `pvc://models/${service.name}`,
          args: argsOf(shape, model),
          resources,
        },
        workerSpec: {
          tensorParallelSize,
          pipelineParallelSize,
          containers: [{ name: WORKER_CONTAINER, resources }],
        },
      },
    },
  };
}

function argsOf({ expertParallel, tokens }: Shape, { context }: ModelFacts): readonly string[] {
  return [
    '--distributed-executor-backend=ray',
    ...(expertParallel ? ['--enable-expert-parallel'] : []),
    // vLLM does not start with a context that its cache can't hold.
    ...(context !== null && tokens < context
      ? [`--max-model-len=${Math.floor(tokens / ROUND) * ROUND}`]
      : []),
  ];
}
