/**
 * How much memory a model takes, from its shape: an estimate, since norms, biases, routers and whatever a vision
 * tower has are left out. It is a floor: vLLM needs this much, and room for activations and the KV cache besides.
 */
import type { ModelFacts } from './facts.ts';
import { kvReplicas } from './sharding.ts';

/** Weights that are not quantised are loaded with 16 bits each. */
const PLAIN_BITS = 16;
/** vLLM takes this part of a GPU unless --gpu-memory-utilization says another (vLLM, config/cache.py). */
export const UTILIZATION = 0.9;

export interface Weights {
  readonly parameters: number;
  /** Of them, those with fewer bits. */
  readonly quantized: number;
  readonly bytes: number;
}

/** @returns null where the shape does not tell: layers of another kind, or weights of an unknown width */
export function weightsOf(model: ModelFacts): Weights | null {
  const { quantization, layers, vocabulary, hiddenSize, tied, hybrid } = model;
  if (hybrid || (quantization !== null && quantization.bits === null)) return null;
  const attention = layers * attentionOf(model);
  const feedForward = feedForwardOf(model);
  const embeddings = vocabulary * hiddenSize * (tied ? 1 : 2);
  const quantized =
    quantization === null
      ? 0
      : (quantization.attention ? attention : 0) + (quantization.feedForward ? feedForward : 0);
  const parameters = attention + feedForward + embeddings;
  const bits = quantized * (quantization?.bits ?? 0) + (parameters - quantized) * PLAIN_BITS;
  return { parameters, quantized, bytes: bits / 8 };
}

function attentionOf({ hiddenSize, heads, headSize, kvHeads, latent }: ModelFacts): number {
  if (latent === null) return 2 * hiddenSize * headSize * (heads + (kvHeads ?? heads));
  const { queryRank, rank, rope, nope, value } = latent;
  const queries = heads * (nope + rope);
  const query = queryRank === null ? hiddenSize * queries : queryRank * (hiddenSize + queries);
  const compressed = hiddenSize * (rank + rope) + rank * heads * (nope + value);
  return query + compressed + heads * value * hiddenSize;
}

function feedForwardOf({ hiddenSize, dense, experts, gated }: ModelFacts): number {
  const matrices = gated ? 3 : 2;
  const ofDense = dense === null ? 0 : dense.layers * dense.size;
  const ofExperts =
    experts === null ? 0 : experts.layers * (experts.count * experts.size + (experts.sharedSize ?? 0));
  return matrices * hiddenSize * (ofDense + ofExperts);
}

/** @returns bytes of the KV cache that one token takes on each GPU of a tensor parallel group, all layers together */
export function cacheBytesPerToken(model: ModelFacts, tp: number): number {
  const { layers, kvHeads, headSize, latent } = model;
  const values =
    latent === null
      ? ((2 * (kvHeads ?? 0) * headSize) / tp) * kvReplicas(model, tp)
      : latent.rank + latent.rope;
  return (layers * values * PLAIN_BITS) / 8;
}

/** @returns such as `405.9 B parameters at 16 bits = 811.7 GB` */
export function weightsText({ quantization }: ModelFacts, { parameters, quantized, bytes }: Weights): string {
  const rest = parameters - quantized;
  const parts = [
    ...(quantized > 0 ? [`${billions(quantized)} at ${rounded(quantization?.bits ?? 0)} bits`] : []),
    ...(rest > 0 ? [`${billions(rest)} at ${PLAIN_BITS} bits`] : []),
  ];
  return `${parts.join(' + ')} = ${gigabytes(bytes)}`;
}

function billions(parameters: number): string {
  return `${(parameters / 1e9).toFixed(1)} B parameters`;
}

function rounded(bits: number): string {
  return String(Math.round(bits * 100) / 100);
}

/** @returns in units of 10^9 bytes */
export function gigabytes(bytes: number): string {
  const units = bytes / 1e9;
  return `${Math.round(units < 100 ? units * 10 : units) / (units < 100 ? 10 : 1)} GB`;
}
