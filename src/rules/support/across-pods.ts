/** A tensor parallel size that spans pods although a pipeline parallel size is stated. For parallel-size. */
import { annotation, PARALLELISM } from '../../kserve/annotations.ts';
import { gpuTypes } from '../../kserve/gpu-types.ts';
import { isSet, type KServeFacts } from '../../kserve/gpus.ts';
import type { PodContainers } from '../../kserve/merge.ts';
import type { Plan } from '../../kserve/plan.ts';
import type { RuntimeView } from '../../kserve/runtime.ts';
import type { ServiceView } from '../../kserve/view.ts';
import { quote } from '../../lib/text.ts';
import type { Report } from './finding.ts';
import { namesUnknownGpu } from './unknown-gpus.ts';

const KEEP = 'keep';

/** What of a service under review is read. */
interface Planned {
  readonly service: ServiceView;
  readonly declared: ServiceView;
  readonly plan: Plan | null;
  readonly declaredPods: PodContainers | null;
  readonly kserve: KServeFacts;
}

/** PP is stated, so that case 2 does not apply: TP across pods is meant, or was not thought of. */
export function acrossPods(
  { service, declared, plan, kserve, declaredPods }: Planned,
  runtime: RuntimeView | null,
): readonly Report[] {
  const { worker } = declared;
  if (plan === null || declaredPods === null || plan.worker.replicas === 0) return [];
  if (worker === null || service.worker === null) return [];
  if (plan.backend !== 'ray' || annotation(declared, PARALLELISM) === KEEP) return [];
  const { given, value } = worker.pipelineParallelSize;
  const inherited = given === undefined ? (runtime?.worker?.pipelineParallelSize.value ?? 1) : 1;
  const stated = inherited > 1 ? inherited : value;
  const { tensorParallelSize: tensor, pipelineParallelSize: pipeline, worker: pods } = plan;
  if (stated === null || tensor <= pods.gpus) return [];
  const types = gpuTypes(service, runtime, kserve).worker;
  // Does the author or the runtime say how many GPUs a worker has? What headcount has written does not count.
  const isGiven = isSet(declaredPods.worker.merged, pods.type);
  // KServe then plans without the count, which gpu-capacity reports.
  if (isGiven && !types.counted.includes(pods.type)) return [];
  // Without a count it is the number of pods that surprises: gpu-idle.
  if (stated > 1 && !isGiven) return [];
  if (worker.containers.some((container) => namesUnknownGpu(container, types))) return [];
  const across = pipeline === 1 ? plan.nodes : Math.ceil(tensor / pods.gpus);
  const { field } = service.worker.tensorParallelSize;
  if (runtime !== null && inherited > 1) return [multiplied(field, plan, across, runtime)];
  const spans = `TP ${tensor} spans ${across} pods, since a worker has ${pods.gpus} ${pods.gpus === 1 ? 'GPU' : 'GPUs'} and PP is ${pipeline}`;
  const split = tensor % pods.gpus === 0 ? (tensor / pods.gpus) * pipeline : null;
  const advice = !isGiven
    ? 'write how many GPUs a pod has into requests and limits of head and worker'
    : split === null
      ? `write a tensorParallelSize that a pod holds, with a pipelineParallelSize above 1`
      : `write tensorParallelSize: ${pods.gpus} and pipelineParallelSize: ${split}`;
  return [
    {
      severity: 'warn',
      field,
      message: `${spans}; tensor parallelism across nodes needs a fast fabric`,
      fix: `${advice}, or keep it with the annotation ${PARALLELISM}: ${KEEP}`,
      short: `${spans}, which needs a fast fabric; keep it with the annotation ${PARALLELISM}: ${KEEP}`,
    },
  ];
}

/** The author writes a TP for all pods, as in case 2, and the runtime's PP multiplies them. */
function multiplied(field: string, plan: Plan, across: number, { kind, name }: RuntimeView): Report {
  const { tensorParallelSize: tensor, pipelineParallelSize: pipeline, worker } = plan;
  const found =
    `TP ${tensor} x PP ${pipeline} = ${plan.required} GPUs on ${plan.nodes} pods, ` +
    `since pipelineParallelSize of the ${kind} ${quote(name)} is ${pipeline}`;
  const sizes =
    tensor % worker.gpus === 0
      ? `tensorParallelSize: ${worker.gpus} and pipelineParallelSize: ${across} for ${tensor} GPUs`
      : 'a tensorParallelSize that a pod holds and the pipelineParallelSize that is meant';
  return {
    severity: 'warn',
    field,
    message: `${found}; TP ${tensor} alone spans ${across} pods of ${worker.gpus} GPUs`,
    fix: `write ${sizes}, or keep it with the annotation ${PARALLELISM}: ${KEEP}`,
    short: `${plan.required} GPUs on ${plan.nodes} pods, since the runtime sets PP ${pipeline}: write ${sizes}`,
  };
}
