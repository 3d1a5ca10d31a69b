/**
 * vLLM can split the model into TP x PP parts, and the parts fit the GPUs. For the command line, which is told of
 * the model (--model-config); the webhook never sees the model's files, and this rule is silent there.
 *
 * Reads: the plan, the model's config.json, the memory of a GPU (--gpu-memory), --enable-expert-parallel.
 * Denied: a TP or PP into which vLLM refuses to split the model.
 * Warned: weights that take more than the GPUs have; an estimate, so the formula is in the message.
 * Noted: KV heads that are held several times; layers that are spread unevenly.
 * Why: vLLM says so only when every pod has come up.
 * Source: see src/vllm/sharding.ts; vllm-project/vllm#2652, #11797, #5951, #12256, #17569, #21695.
 */
import type { WorkerView } from '../kserve/worker.ts';
import { kvReplicas, obstacles, tensorSizes, type Obstacle } from '../vllm/sharding.ts';
import { gigabytes, UTILIZATION, weightsOf, weightsText } from '../vllm/weights.ts';
import type { Plan } from '../kserve/plan.ts';
import { statedBy } from '../vllm/args.ts';
import type { ModelUnderTest } from './subject.ts';
import type { Report, Rule } from './rule.ts';
import { visible } from '../lib/text.ts';

/** Larger tensor parallel sizes are not worth listing. */
const MOST_LISTED = 64;

export const rule: Rule = {
  id: 'model-config',
  summary: 'vLLM can split the model into TP x PP parts, and the GPUs have the memory for it',
  needsPlan: true,
  checkService({ plan, service, runtime, settings: { model } }) {
    if (model === null || plan === null || service.worker === null) return [];
    const head = runtime.status === 'found' ? runtime.runtime.head : null;
    const { expertParallel } = statedBy(head, service.model);
    const { worker } = service;
    const found = obstacles(model.facts, plan, expertParallel);
    return [
      ...refused(found, model, worker, expertParallel),
      ...memory(plan, model, worker),
      ...(found.length > 0 ? [] : [...repeated(plan, model, worker), ...uneven(plan, model, worker)]),
    ];
  },
};

/** One report for each size that is wrong, with all that is against it. */
function refused(
  found: readonly Obstacle[],
  { facts }: ModelUnderTest,
  worker: WorkerView,
  expertParallel: boolean,
): readonly Report[] {
  return (['tensorParallelSize', 'pipelineParallelSize'] as const).flatMap((size): readonly Report[] => {
    const [first, ...others] = found.filter((obstacle) => obstacle.size === size);
    if (first === undefined) return [];
    const fix =
      size === 'pipelineParallelSize'
        ? `write a pipelineParallelSize of at most ${facts.layers}`
        : `write a tensorParallelSize of ${listed(tensorSizes(facts, MOST_LISTED, expertParallel))}`;
    const ofExperts = [first, ...others].every((obstacle) => obstacle.ofExperts);
    return [
      {
        severity: 'deny',
        field: worker[size].field,
        message: `vLLM refuses this split of ${visible(facts.architecture)}: ${[first, ...others].map(({ what }) => what).join('; ')}`,
        fix: ofExperts
          ? `${fix}, or add the argument --enable-expert-parallel, which keeps experts whole`
          : fix,
        short: `vLLM refuses this split of the model: ${first.what}`,
      },
    ];
  });
}

function listed(sizes: readonly number[]): string {
  return sizes.length === 1 ? String(sizes[0]) : `${sizes.slice(0, -1).join(', ')} or ${sizes.at(-1)}`;
}

function memory(plan: Plan, { facts, gpuMemory }: ModelUnderTest, worker: WorkerView): readonly Report[] {
  const weights = weightsOf(facts);
  if (weights === null || gpuMemory === null) return [];
  const each = gpuMemory * UTILIZATION;
  const room = plan.required * each;
  if (weights.bytes <= room) return [];
  const sum = `TP ${plan.tensorParallelSize} x PP ${plan.pipelineParallelSize} x ${gigabytes(gpuMemory)} x ${UTILIZATION} = ${gigabytes(room)}`;
  const need = Math.ceil(weights.bytes / each);
  return [
    {
      severity: 'warn',
      field: worker.field,
      message: `the weights alone need more memory than there is (estimated): ${weightsText(facts, weights)} > ${sum}`,
      fix: `plan at least ${need} GPUs, and more for the KV cache: headcount suggest lists the shapes that fit`,
      short: `the weights alone need about ${gigabytes(weights.bytes)}, and ${sum}`,
    },
  ];
}

function repeated(plan: Plan, { facts }: ModelUnderTest, worker: WorkerView): readonly Report[] {
  const { kvHeads } = facts;
  const tp = plan.tensorParallelSize;
  if (kvHeads === null || kvHeads >= tp || tp % kvHeads !== 0) return [];
  const times = kvReplicas(facts, tp);
  return [
    {
      severity: 'note',
      field: worker.tensorParallelSize.field,
      message: `TP ${tp} holds each of the ${kvHeads} KV heads ${times} times, and so ${times} times the KV cache`,
      fix: `a TP of ${kvHeads} and a higher PP keep each KV head once`,
      short: `TP ${tp} holds each of the ${kvHeads} KV heads ${times} times`,
    },
  ];
}

/** The numbers of stages next to the given one that have as many layers each. */
function evenly(layers: number, pp: number): string {
  const divides = (stages: number): boolean => layers % stages === 0;
  const fewer = counted(2, pp - 1).findLast(divides);
  const more = counted(pp + 1, layers / 2).find(divides);
  const even = [fewer, more].filter((stages) => stages !== undefined);
  const otherwise = 'VLLM_PP_LAYER_PARTITION says how many layers each stage has';
  return even.length === 0
    ? `no number of stages from 2 to ${layers - 1} spreads ${layers} layers evenly; ${otherwise}`
    : `write pipelineParallelSize: ${even.join(' or ')} to spread them evenly; else ${otherwise}`;
}

function counted(from: number, to: number): readonly number[] {
  return Array.from({ length: Math.max(0, Math.floor(to) - from + 1) }, (_, index) => from + index);
}

function uneven(plan: Plan, { facts: { layers } }: ModelUnderTest, worker: WorkerView): readonly Report[] {
  const pp = plan.pipelineParallelSize;
  if (layers % pp === 0 || pp > layers) return [];
  const most = Math.ceil(layers / pp);
  return [
    {
      severity: 'note',
      field: worker.pipelineParallelSize.field,
      message: `${layers} layers on ${pp} pipeline stages are uneven: the largest stage has ${most}, the others wait for it`,
      fix: evenly(layers, pp),
      short: `${layers} layers on ${pp} pipeline stages are uneven`,
    },
  ];
}
