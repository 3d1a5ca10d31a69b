/**
 * The guide's case 2 (docs/kserve.md, The guide): without a pipeline parallel size, a tensor parallel size that
 * spans several workers becomes tensor parallel within a worker and pipeline parallel across them, since tensor
 * parallelism across nodes needs a fast fabric. KServe keeps the tensor parallel size as it is.
 */
import type { RuntimeView } from '../kserve/runtime.ts';
import { annotation, PARALLELISM } from '../kserve/annotations.ts';
import type { ServiceView } from '../kserve/view.ts';
import type { Plan, Sizes } from '../kserve/plan.ts';
import { argsStateSizes } from '../vllm/args.ts';

/**
 * @param plan KServe's plan for the service as it stands
 * @returns the sizes to write instead; null where the case does not apply: mp, one node, a pipeline parallel size given
 *   in the service or above 1 in the runtime, no worker count that divides the tensor parallel size, sizes
 *   stated to vLLM itself, or the annotation headcount.dev/parallelism: keep
 */
export function splitSizes(service: ServiceView, runtime: RuntimeView, plan: Plan): Sizes | null {
  const { tensorParallelSize } = plan;
  const workerGpus = plan.worker.request.count;
  const ofRuntime = runtime.worker?.pipelineParallelSize;
  const applies =
    plan.backend === 'ray' &&
    plan.nodes > 1 &&
    service.worker?.pipelineParallelSize.given === undefined &&
    (ofRuntime?.given === undefined || ofRuntime.value === 1) &&
    workerGpus > 0 &&
    tensorParallelSize > workerGpus &&
    tensorParallelSize % workerGpus === 0 &&
    annotation(service, PARALLELISM) !== 'keep' &&
    !argsStateSizes(service, runtime, plan);
  return applies
    ? { tensorParallelSize: workerGpus, pipelineParallelSize: tensorParallelSize / workerGpus }
    : null;
}
