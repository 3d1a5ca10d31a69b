/**
 * Which TP x PP shapes suit a model on nodes of one kind. One node is best if it is enough. Otherwise tensor
 * parallelism stays inside a node, where GPUs have fast links, and each pod is a pipeline stage. The memory is an
 * estimate (weights.ts). Whether vLLM can split the model is exact (sharding.ts).
 */
import type { ModelFacts } from './facts.ts';
import { kvReplicas, obstacles } from './sharding.ts';
import { cacheBytesPerToken, UTILIZATION, type Weights } from './weights.ts';

export interface NodeType {
  readonly gpus: number;
  /** Bytes of each GPU. */
  readonly gpuMemory: number;
}

export interface Shape {
  readonly tensorParallelSize: number;
  readonly pipelineParallelSize: number;
  /** Does it take --enable-expert-parallel, since TP does not divide the experts? */
  readonly expertParallel: boolean;
  readonly gpus: number;
  /** Nodes that the pods fill, as many to a node as fit. */
  readonly nodes: number;
  /** Layers of the largest stage. */
  readonly layers: number;
  /** Bytes of weights on a GPU of the largest stage. */
  readonly weights: number;
  /** Tokens of KV cache for which there is room beside them. */
  readonly tokens: number;
  /** How many GPUs of a stage hold the same KV head. */
  readonly kvReplicas: number;
}

export interface Shapes {
  /** Best first. */
  readonly shapes: readonly Shape[];
  /** The smallest TP with which one node is enough; null where none is. */
  readonly oneNode: number | null;
  /** Sizes up to a node's GPUs into which vLLM can't split the model. */
  readonly impossible: readonly { readonly tensorParallelSize: number; readonly why: string }[];
}

/** A longer context is a maximum of the model, rather than what a service needs. */
const WHOLE_CONTEXT = 131_072;
/** The context if the file does not state one. */
const USUAL_CONTEXT = 8_192;
/** Less is no use: vLLM does not start with a context that its cache can't hold. */
const LEAST_TOKENS = 1_024;

/** @returns tokens that the cache should have room for: one context, as vLLM asks for at the start */
export function contextFor({ context }: ModelFacts): number {
  return Math.min(context ?? USUAL_CONTEXT, WHOLE_CONTEXT);
}

export function shapesFor(model: ModelFacts, weights: Weights, node: NodeType): Shapes {
  const impossible: Shapes['impossible'][number][] = [];
  const found: Shape[] = [];
  let oneNode: number | null = null;
  for (let tp = 1; tp <= node.gpus; tp++) {
    const [against] = obstacles(model, { tensorParallelSize: tp, pipelineParallelSize: 1 }, true);
    if (against !== undefined) {
      impossible.push({ tensorParallelSize: tp, why: against.what });
      continue;
    }
    const fits = (shape: Shape): boolean => shape.tokens >= contextFor(model);
    const single = shapeOf(model, weights, node, tp, 1);
    if (oneNode === null && fits(single)) oneNode = tp;
    found.push(...ofTensorSize(model, weights, node, tp, fits));
  }
  if (oneNode === null) return { shapes: found.toSorted(better(model, found, false)), oneNode, impossible };
  // Several pods on one node would only be slower than one.
  const spread = found.filter(({ nodes }) => nodes > 1).toSorted(better(model, found, true));
  return { shapes: [shapeOf(model, weights, node, oneNode, 1), ...spread], oneNode, impossible };
}

/** An even split may take so many times the nodes of the smallest shape before it counts as no better. */
const EVEN_IS_WORTH = 2;

/** @param fitsOne can one node hold the model? Then it is spread for other reasons, and fewer GPUs are better */
function better(model: ModelFacts, all: readonly Shape[], fitsOne: boolean): (a: Shape, b: Shape) => number {
  const fitting = all.filter(({ tokens }) => tokens >= contextFor(model));
  const fewest = Math.min(...(fitting.length > 0 ? fitting : all).map(({ nodes }) => nodes));
  const order = (shape: Shape): readonly number[] => [
    shape.tokens >= contextFor(model) ? 0 : 1,
    isEven(model, shape) && shape.nodes <= EVEN_IS_WORTH * fewest ? 0 : 1,
    shape.nodes,
    fitsOne ? shape.gpus : 0,
    -shape.tensorParallelSize,
    shape.gpus,
  ];
  return (a, b) => {
    const [first, second] = [order(a), order(b)];
    return (
      first.map((value, index) => value - (second[index] ?? 0)).find((difference) => difference !== 0) ?? 0
    );
  };
}

/** Do all stages have the same number of layers? Otherwise they wait for the largest stage. */
export function isEven({ layers }: ModelFacts, { pipelineParallelSize }: Shape): boolean {
  return layers % pipelineParallelSize === 0;
}

/** @returns the fewest stages with room for a context (or at least for some tokens), and the next even split */
function ofTensorSize(
  model: ModelFacts,
  weights: Weights,
  node: NodeType,
  tp: number,
  fits: (shape: Shape) => boolean,
): readonly Shape[] {
  const all = Array.from({ length: model.layers - 1 }, (_, index) =>
    shapeOf(model, weights, node, tp, index + 2),
  ).filter(({ tokens }) => tokens >= LEAST_TOKENS);
  const first = all.find(fits) ?? all.at(0);
  if (first === undefined) return [];
  const even = all.find(
    ({ pipelineParallelSize: pp }) => pp >= first.pipelineParallelSize && model.layers % pp === 0,
  );
  return even === undefined || even === first || even.gpus > 2 * first.gpus ? [first] : [first, even];
}

function shapeOf(model: ModelFacts, weights: Weights, node: NodeType, tp: number, pp: number): Shape {
  const layers = Math.ceil(model.layers / pp);
  const part = layers / model.layers;
  const ofGpu = (weights.bytes * part) / tp;
  const room = node.gpuMemory * UTILIZATION - ofGpu;
  const sizes = { tensorParallelSize: tp, pipelineParallelSize: pp };
  return {
    ...sizes,
    expertParallel: obstacles(model, sizes, false).length > 0,
    gpus: tp * pp,
    nodes: Math.ceil(pp / Math.floor(node.gpus / tp)),
    layers,
    weights: ofGpu,
    tokens: Math.max(0, Math.floor(room / (cacheBytesPerToken(model, tp) * part))),
    kvReplicas: model.latent === null ? kvReplicas(model, tp) : 1,
  };
}
