/**
 * The shape of a model, read from its config.json (Hugging Face). The names differ between architectures. Keys
 * are read in vLLM's order (vLLM, config/model.py: get_total_num_kv_heads, get_num_experts).
 */
import { asList, asString, at, property } from '../lib/json.ts';
import { readQuantization, type Quantization } from './quantization.ts';

export interface ModelFacts {
  /** For people: the architecture, or the type of the model. */
  readonly architecture: string;
  readonly layers: number;
  readonly hiddenSize: number;
  readonly heads: number;
  /** Values of one head. */
  readonly headSize: number;
  /** null with latent attention, whose one compressed head is on every GPU. */
  readonly kvHeads: number | null;
  /** Multi-head latent attention, as DeepSeek's. */
  readonly latent: LatentAttention | null;
  /** The feed-forward layers without experts; null where every layer has experts. */
  readonly dense: { readonly size: number; readonly layers: number } | null;
  readonly experts: Experts | null;
  /** Does the feed-forward layer have a gate? Then it has three matrices instead of two. */
  readonly gated: boolean;
  readonly vocabulary: number;
  /** Do input and output share one embedding matrix? */
  readonly tied: boolean;
  /** The longest context in tokens; null where the file does not say. */
  readonly context: number | null;
  readonly quantization: Quantization | null;
  /** Are there layers of another kind (state space, linear attention), of which nothing is known here? */
  readonly hybrid: boolean;
}

interface LatentAttention {
  /** Of the query; null where it is not compressed. */
  readonly queryRank: number | null;
  readonly rank: number;
  /** Values of a head with and without a position, and of its value. */
  readonly rope: number;
  readonly nope: number;
  readonly value: number;
}

interface Experts {
  readonly count: number;
  readonly size: number;
  /** Of the shared experts together; null without. */
  readonly sharedSize: number | null;
  readonly layers: number;
}

/** The file is untrusted and each layer is read, so this is limited. No model has as many layers. */
const MOST_LAYERS = 10_000;
/** Models that hold several: where vLLM looks for the one that writes text. */
const INNER = ['text_config', 'llm_config', 'language_config'];

/** Architectures with two matrices in a feed-forward layer. */
const WITHOUT_GATE = [
  'gpt2',
  'gpt_bigcode',
  'gpt_neox',
  'gptj',
  'bloom',
  'falcon',
  'mpt',
  'opt',
  'starcoder2',
];
/** Architectures with one matrix for input and output where the file does not say. */
const TIED = ['gpt2', 'gpt_bigcode', 'bloom', 'falcon', 'mpt', 'opt', 'cohere', 'cohere2', 'gemma', 'gemma2'];
const TIED_NEWER = ['gemma3', 'gemma3_text'];
const HYBRID = [
  'mamba_d_state',
  'mamba_n_heads',
  'ssm_state_size',
  'linear_num_key_heads',
  'attn_layer_period',
];

/**
 * @param config the parsed file, of any shape
 * @returns null where a number is missing without which nothing can be said, with its name
 */
export function readModel(config: unknown): ModelFacts | { readonly missing: string } {
  const thinker = property(config, 'thinker_config') ?? config;
  const text = INNER.map((key) => property(thinker, key)).find((inner) => inner !== undefined) ?? thinker;
  const type = asString(property(text, 'model_type')) ?? '';
  const layers = whole(text, 'num_hidden_layers', 'n_layer', 'n_layers', 'num_layers');
  const hiddenSize = whole(text, 'hidden_size', 'n_embd', 'd_model', 'n_embed');
  const heads = whole(text, 'num_attention_heads', 'n_head', 'n_heads', 'num_heads');
  if (heads === null) return { missing: 'num_attention_heads' };
  if (layers === null || layers > MOST_LAYERS) return { missing: 'num_hidden_layers' };
  if (hiddenSize === null) return { missing: 'hidden_size' };
  const latent = readLatent(text);
  const experts = readExperts(text, layers);
  const dense = layers - (experts?.layers ?? 0);
  return {
    architecture: asString(asList(property(config, 'architectures'))[0]) ?? (type || 'unknown architecture'),
    layers,
    hiddenSize,
    heads,
    headSize: whole(text, 'head_dim') ?? Math.floor(hiddenSize / heads),
    kvHeads: latent === null ? kvHeadsOf(text, type, heads) : null,
    latent,
    dense: dense > 0 ? { size: denseSize(text, hiddenSize), layers: dense } : null,
    experts,
    gated: !WITHOUT_GATE.includes(type),
    vocabulary: whole(text, 'vocab_size', 'padded_vocab_size') ?? 0,
    tied: tiedOf(text, config, type),
    context: whole(text, 'max_position_embeddings', 'n_positions', 'max_seq_len', 'seq_length'),
    quantization: readQuantization(
      property(text, 'quantization_config') ?? property(config, 'quantization_config'),
    ),
    hybrid: HYBRID.some((key) => property(text, key) !== undefined),
  };
}

function tiedOf(text: unknown, config: unknown, type: string): boolean {
  const given = property(text, 'tie_word_embeddings') ?? property(config, 'tie_word_embeddings');
  return typeof given === 'boolean' ? given : [...TIED, ...TIED_NEWER].includes(type);
}

/** @returns the first of the keys that has a whole number >= 1 */
function whole(object: unknown, ...keys: readonly string[]): number | null {
  for (const key of keys) {
    const value = property(object, key);
    if (Number.isSafeInteger(value) && (value as number) > 0) return value as number;
  }
  return null;
}

function kvHeadsOf(text: unknown, type: string, heads: number): number {
  const newFalcon = type === 'falcon' && property(text, 'new_decoder_architecture') === true;
  if (!newFalcon && property(text, 'multi_query') === true) return 1;
  return (
    whole(property(text, 'attn_config'), 'kv_n_heads') ??
    whole(text, 'n_head_kv', 'num_kv_heads', 'num_key_value_heads', 'multi_query_group_num') ??
    heads
  );
}

function readLatent(text: unknown): LatentAttention | null {
  const rank = whole(text, 'kv_lora_rank');
  const rope = whole(text, 'qk_rope_head_dim');
  const nope = whole(text, 'qk_nope_head_dim');
  const value = whole(text, 'v_head_dim');
  if (rank === null || rope === null || nope === null || value === null) return null;
  return { queryRank: whole(text, 'q_lora_rank'), rank, rope, nope, value };
}

/** Llama 4 has experts of `intermediate_size`, and beside them layers of `intermediate_size_mlp`. */
function denseSize(text: unknown, hiddenSize: number): number {
  const size = whole(
    text,
    'intermediate_size_mlp',
    'intermediate_size',
    'ffn_dim',
    'n_inner',
    'ffn_hidden_size',
  );
  return size ?? 4 * hiddenSize;
}

function readExperts(text: unknown, layers: number): Experts | null {
  const count =
    whole(text, 'num_experts', 'moe_num_experts', 'n_routed_experts', 'num_local_experts') ??
    whole(property(text, 'ffn_config'), 'moe_num_experts');
  const size =
    whole(text, 'moe_intermediate_size', 'intermediate_size') ??
    whole(property(text, 'ffn_config'), 'ffn_hidden_size');
  if (count === null || size === null) return null;
  const step = whole(text, 'interleave_moe_layer_step', 'decoder_sparse_step', 'moe_layer_freq') ?? 1;
  const first = whole(text, 'first_k_dense_replace') ?? 0;
  const without = asList(property(text, 'mlp_only_layers'));
  // DeepSeek counts its step from layer 0, the others from layer 1.
  const offset = property(text, 'moe_layer_freq') === undefined ? 1 : 0;
  const isSparse = (layer: number): boolean =>
    layer >= first && (layer + offset) % step === 0 && !without.includes(layer);
  const shared = whole(text, 'n_shared_experts');
  return {
    count,
    size,
    sharedSize:
      whole(text, 'shared_expert_intermediate_size') ??
      (shared === null ? (at(text, 'intermediate_size_mlp') === undefined ? null : size) : shared * size),
    layers: Array.from({ length: layers }, (_, layer) => layer).filter(isSparse).length,
  };
}
