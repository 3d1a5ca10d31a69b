/**
 * Into how many parts vLLM can split a model. Read from vLLM 0.6 to 0.11: config/model.py
 * (verify_with_parallel_config), layers/linear.py (QKVParallelLinear, divide), fused_moe/layer.py,
 * quantization/awq.py, gptq.py, utils/fp8_utils.py (validate_fp8_block_shape). The vocabulary is padded, and
 * layers may be spread unevenly: neither is in the way.
 */
import type { Sizes } from '../kserve/plan.ts';
import type { ModelFacts } from './facts.ts';

export interface Obstacle {
  /** The size that is wrong. */
  readonly size: keyof Sizes;
  /** What can't be done, with the arithmetic. */
  readonly what: string;
  /** Would --enable-expert-parallel help, which keeps every expert whole? */
  readonly ofExperts: boolean;
}

/** @returns why vLLM would refuse to split the model so; empty where it would not */
export function obstacles(
  model: ModelFacts,
  { tensorParallelSize: tp, pipelineParallelSize: pp }: Sizes,
  expertParallel: boolean,
): readonly Obstacle[] {
  return [
    ...tensorObstacles(model, tp, expertParallel),
    ...(pp > model.layers
      ? [pipeline(`${model.layers} layers are not enough for ${pp} pipeline stages`)]
      : []),
  ];
}

/** @returns the sizes up to `most` into which the model can be split, ascending */
export function tensorSizes(model: ModelFacts, most: number, expertParallel: boolean): readonly number[] {
  return Array.from({ length: Math.min(most, model.heads) }, (_, index) => index + 1).filter(
    (tp) => tensorObstacles(model, tp, expertParallel).length === 0,
  );
}

/** How many GPUs of a stage hold the same KV head; 1 where each has its own. */
export function kvReplicas({ kvHeads }: ModelFacts, tp: number): number {
  return kvHeads === null ? tp : Math.max(1, tp / kvHeads);
}

function pipeline(what: string): Obstacle {
  return { size: 'pipelineParallelSize', what, ofExperts: false };
}

function tensorObstacles(model: ModelFacts, tp: number, expertParallel: boolean): readonly Obstacle[] {
  if (tp === 1) return [];
  const { heads, kvHeads, dense, experts } = model;
  const found: string[] = [];
  if (heads % tp !== 0) found.push(`${heads} attention heads can't be divided by TP ${tp}`);
  if (kvHeads !== null && kvHeads >= tp && kvHeads % tp !== 0) {
    found.push(`${kvHeads} KV heads can't be divided by TP ${tp}`);
  }
  if (kvHeads !== null && kvHeads < tp && tp % kvHeads !== 0) {
    found.push(`${kvHeads} KV heads can't be repeated evenly on TP ${tp}`);
  }
  if (dense !== null && dense.size % tp !== 0) {
    found.push(`the feed-forward size ${dense.size} can't be divided by TP ${tp}`);
  }
  if (experts?.sharedSize && experts.sharedSize % tp !== 0) {
    found.push(`the shared experts' size ${experts.sharedSize} can't be divided by TP ${tp}`);
  }
  const ofExperts = experts === null || expertParallel ? [] : expertObstacles(model, experts.size, tp);
  // If a size can't be divided at all, its groups need no report.
  const grouped = found.length > 0 ? [] : groupObstacles(model, tp);
  return [
    ...[...found, ...grouped].map((what) => obstacle(what, false)),
    ...ofExperts.map((what) => obstacle(what, true)),
  ];
}

function obstacle(what: string, ofExperts: boolean): Obstacle {
  return { size: 'tensorParallelSize', what, ofExperts };
}

function expertObstacles({ quantization }: ModelFacts, size: number, tp: number): readonly string[] {
  if (size % tp !== 0) return [`the experts' size ${size} can't be divided by TP ${tp}`];
  // vLLM shrinks groups of low-bit weights that do not fit, but not the blocks of FP8.
  if (!quantization?.grid || !quantization.feedForward || quantization.block === null) return [];
  const { input, output } = quantization.block;
  return parted("the experts' size", size, tp, Math.max(input, output), quantization.method);
}

function groupObstacles(model: ModelFacts, tp: number): readonly string[] {
  const { quantization, dense, experts, heads, headSize, kvHeads, latent } = model;
  if (quantization === null || quantization.block === null) return [];
  const { method, attention, feedForward } = quantization;
  const { input, output } = quantization.block;
  const both = Math.max(input, output);
  return [
    ...(feedForward && dense !== null ? parted('the feed-forward size', dense.size, tp, both, method) : []),
    ...(feedForward && experts?.sharedSize
      ? parted("the shared experts' size", experts.sharedSize, tp, both, method)
      : []),
    ...(attention
      ? parted('the attention output', heads * (latent?.value ?? headSize), tp, input, method)
      : []),
    ...(attention && kvHeads !== null && output > 1
      ? parted('the KV heads', Math.max(kvHeads, tp) * headSize, tp, output, method)
      : []),
  ];
}

/** Each GPU's part of a layer must consist of whole groups. */
function parted(name: string, size: number, tp: number, group: number, method: string): readonly string[] {
  const part = size / tp;
  if (part % group === 0) return [];
  return [`${name} ${size} / TP ${tp} = ${part} is not a multiple of ${method}'s group of ${group}`];
}
