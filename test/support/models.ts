/**
 * Facts of public models, written by hand from their model cards, and shapes that vLLM is known to take or refuse.
 * `config` has the keys of config.json that say something about the shape.
 */
import type { Loose } from '../rules/cases.ts';

export interface PublicModel {
  readonly name: string;
  readonly config: Loose;
  /** Billions of parameters as published. */
  readonly parameters: number;
  /** Heads of attention and of the KV cache (null: latent), layers, hidden size. */
  readonly shape: readonly [heads: number, kvHeads: number | null, layers: number, hiddenSize: number];
  readonly taken: readonly Shape[];
  readonly refused: readonly Refused[];
}

type Shape = readonly [tp: number, pp: number, ...args: readonly string[]];

interface Refused {
  readonly shape: Shape;
  readonly says: RegExp;
  /** Where someone met it: an issue of vllm-project/vllm, or the check in its source. */
  readonly source: string;
}

const EXPERT_PARALLEL = '--enable-expert-parallel';

function llama(
  hidden_size: number,
  num_hidden_layers: number,
  num_attention_heads: number,
  num_key_value_heads: number,
  intermediate_size: number,
  vocab_size: number,
  more: Loose = {},
): Loose {
  return {
    architectures: ['LlamaForCausalLM'],
    model_type: 'llama',
    hidden_size,
    num_hidden_layers,
    num_attention_heads,
    num_key_value_heads,
    intermediate_size,
    vocab_size,
    tie_word_embeddings: false,
    max_position_embeddings: 131072,
    ...more,
  };
}

const qwen2 = { architectures: ['Qwen2ForCausalLM'], model_type: 'qwen2', max_position_embeddings: 32768 };
const QWEN_72B = [8192, 80, 64, 8] as const;
const AWQ = { quant_method: 'awq', bits: 4, group_size: 128, zero_point: true, version: 'gemm' };
const GPTQ = { quant_method: 'gptq', bits: 4, group_size: 128, desc_act: false };
const FP8_BLOCKS = { quant_method: 'fp8', fmt: 'e4m3', weight_block_size: [128, 128] };

const DEEPSEEK_V3 = {
  architectures: ['DeepseekV3ForCausalLM'],
  model_type: 'deepseek_v3',
  hidden_size: 7168,
  num_hidden_layers: 61,
  num_attention_heads: 128,
  num_key_value_heads: 128,
  intermediate_size: 18432,
  moe_intermediate_size: 2048,
  n_routed_experts: 256,
  n_shared_experts: 1,
  first_k_dense_replace: 3,
  moe_layer_freq: 1,
  q_lora_rank: 1536,
  kv_lora_rank: 512,
  qk_nope_head_dim: 128,
  qk_rope_head_dim: 64,
  v_head_dim: 128,
  vocab_size: 129280,
  max_position_embeddings: 163840,
  tie_word_embeddings: false,
  quantization_config: FP8_BLOCKS,
};

function qwen3Moe(hidden: number, layers: number, heads: number, size: number): Loose {
  return llama(hidden, layers, heads, 4, 3 * hidden, 151936, {
    architectures: ['Qwen3MoeForCausalLM'],
    model_type: 'qwen3_moe',
    head_dim: 128,
    num_experts: 128,
    moe_intermediate_size: size,
    decoder_sparse_step: 1,
    mlp_only_layers: [],
    max_position_embeddings: 40960,
    quantization_config: FP8_BLOCKS,
  });
}

export const MODELS: readonly PublicModel[] = [
  {
    name: 'Llama-3.1-8B-Instruct',
    config: llama(4096, 32, 32, 8, 14336, 128256),
    parameters: 8.03,
    shape: [32, 8, 32, 4096],
    taken: [
      [1, 2],
      [8, 2],
      [16, 1],
      [8, 3],
    ],
    refused: [
      { shape: [3, 1], says: /32 attention heads/, source: '#4232, "32 heads on 3 gpus"' },
      { shape: [1, 33], says: /32 layers are not enough for 33/, source: '#6115' },
    ],
  },
  {
    name: 'Llama-3.1-70B-Instruct',
    config: llama(8192, 80, 64, 8, 28672, 128256),
    parameters: 70.6,
    shape: [64, 8, 80, 8192],
    taken: [
      [4, 2],
      [8, 2],
    ],
    refused: [
      { shape: [3, 1], says: /64 attention heads/, source: '#5003' },
      { shape: [5, 1], says: /64 attention heads/, source: '#596' },
      { shape: [7, 1], says: /64 attention heads/, source: '#5003' },
    ],
  },
  {
    name: 'Llama-3.1-405B-Instruct',
    config: llama(16384, 126, 128, 8, 53248, 128256),
    parameters: 405.9,
    shape: [128, 8, 126, 16384],
    taken: [
      [8, 2],
      [16, 1],
      [8, 4],
    ],
    refused: [{ shape: [12, 1], says: /128 attention heads.*8 KV heads/, source: 'config/model.py' }],
  },
  {
    name: 'Qwen2-7B-Instruct',
    config: llama(3584, 28, 28, 4, 18944, 152064, qwen2),
    parameters: 7.62,
    shape: [28, 4, 28, 3584],
    taken: [
      [4, 2],
      [2, 7],
    ],
    refused: [
      { shape: [8, 1], says: /28 attention heads can't be divided by TP 8/, source: '#11797' },
      { shape: [14, 1], says: /4 KV heads can't be repeated evenly on TP 14/, source: 'layers/linear.py' },
    ],
  },
  {
    name: 'Qwen1.5-32B-Chat',
    config: llama(5120, 64, 40, 8, 27392, 152064, { ...qwen2, tie_word_embeddings: false }),
    parameters: 32.5,
    shape: [40, 8, 64, 5120],
    taken: [[8, 2]],
    refused: [{ shape: [6, 1], says: /40 attention heads/, source: '#4232' }],
  },
  {
    name: 'WizardLM-33B',
    config: llama(6656, 60, 52, 52, 17920, 32000, { max_position_embeddings: 2048 }),
    parameters: 32.5,
    shape: [52, 52, 60, 6656],
    taken: [[4, 2]],
    refused: [
      { shape: [8, 1], says: /52 attention heads/, source: '#2652' },
      { shape: [3, 1], says: /52 attention heads/, source: '#414' },
    ],
  },
  {
    name: 'Qwen2.5-72B-Instruct',
    config: llama(...QWEN_72B, 29568, 152064, qwen2),
    parameters: 72.7,
    shape: [64, 8, 80, 8192],
    taken: [
      [8, 2],
      [16, 1],
    ],
    refused: [{ shape: [6, 2], says: /64 attention heads/, source: 'config/model.py' }],
  },
  {
    name: 'Qwen2.5-72B-Instruct-AWQ',
    // Padded by its makers, so that it can be split.
    config: llama(...QWEN_72B, 29696, 152064, { ...qwen2, quantization_config: AWQ }),
    parameters: 72.96,
    shape: [64, 8, 80, 8192],
    taken: [
      [2, 2],
      [4, 1],
      [8, 2],
    ],
    refused: [
      {
        shape: [16, 1],
        says: /29696 \/ TP 16 = 1856 is not a multiple of awq's group of 128/,
        source: 'awq.py',
      },
    ],
  },
  {
    name: 'Qwen2.5-72B-Instruct-GPTQ-Int4',
    config: llama(...QWEN_72B, 29696, 152064, { ...qwen2, quantization_config: GPTQ }),
    parameters: 72.96,
    shape: [64, 8, 80, 8192],
    taken: [[8, 2]],
    refused: [{ shape: [16, 2], says: /1856 is not a multiple of gptq's group/, source: 'gptq.py' }],
  },
  {
    name: 'Qwen2.5-VL-72B-Instruct-AWQ',
    config: llama(...QWEN_72B, 29568, 152064, {
      architectures: ['Qwen2_5_VLForConditionalGeneration'],
      model_type: 'qwen2_5_vl',
      vision_config: { depth: 32, hidden_size: 1280, num_heads: 16 },
      quantization_config: { ...AWQ, modules_to_not_convert: ['visual'] },
    }),
    parameters: 72.7,
    shape: [64, 8, 80, 8192],
    taken: [[1, 2]],
    refused: [
      { shape: [2, 1], says: /29568 \/ TP 2 = 14784 is not a multiple/, source: '#13640' },
      { shape: [8, 1], says: /29568 \/ TP 8 = 3696 is not a multiple/, source: '#13677' },
    ],
  },
  {
    name: 'InternVL3-78B-AWQ',
    config: {
      architectures: ['InternVLChatModel'],
      model_type: 'internvl_chat',
      llm_config: llama(...QWEN_72B, 29568, 151674, qwen2),
      vision_config: { num_attention_heads: 25, hidden_size: 3200, num_hidden_layers: 45 },
      quantization_config: AWQ,
    },
    // Without its vision tower of 5.5 billion.
    parameters: 72.7,
    shape: [64, 8, 80, 8192],
    taken: [[1, 4]],
    refused: [
      { shape: [2, 1], says: /group of 128/, source: '#21695' },
      { shape: [4, 1], says: /29568 \/ TP 4 = 7392/, source: '#16260' },
    ],
  },
  {
    name: 'Qwen2-72B-Instruct-w8a16',
    config: llama(...QWEN_72B, 29568, 152064, {
      ...qwen2,
      quantization_config: {
        quant_method: 'compressed-tensors',
        config_groups: {
          group_0: { weights: { num_bits: 8, type: 'int', strategy: 'group', group_size: 128 } },
        },
        ignore: ['lm_head'],
      },
    }),
    parameters: 72.7,
    shape: [64, 8, 80, 8192],
    taken: [[1, 2]],
    refused: [{ shape: [4, 1], says: /29568 \/ TP 4 = 7392/, source: 'vllm-project/llm-compressor#57' }],
  },
  {
    name: 'Mixtral-8x7B-Instruct-v0.1',
    config: llama(4096, 32, 32, 8, 14336, 32000, {
      architectures: ['MixtralForCausalLM'],
      model_type: 'mixtral',
      num_local_experts: 8,
      max_position_embeddings: 32768,
    }),
    parameters: 46.7,
    shape: [32, 8, 32, 4096],
    taken: [
      [8, 2],
      [2, 2],
    ],
    refused: [{ shape: [6, 1], says: /32 attention heads/, source: 'config/model.py' }],
  },
  {
    name: 'Mixtral-8x22B-Instruct-v0.1',
    config: llama(6144, 56, 48, 8, 16384, 32768, {
      architectures: ['MixtralForCausalLM'],
      model_type: 'mixtral',
      num_local_experts: 8,
      max_position_embeddings: 65536,
    }),
    parameters: 140.6,
    shape: [48, 8, 56, 6144],
    taken: [
      [8, 2],
      [16, 1],
    ],
    refused: [
      { shape: [6, 2], says: /8 KV heads can't be divided by TP 6/, source: 'layers/linear.py' },
      { shape: [12, 1], says: /8 KV heads can't be repeated evenly on TP 12/, source: 'layers/linear.py' },
    ],
  },
  {
    name: 'DeepSeek-V3',
    config: DEEPSEEK_V3,
    parameters: 671,
    shape: [128, null, 61, 7168],
    taken: [
      [8, 2],
      [16, 1],
      [8, 4],
    ],
    refused: [
      {
        shape: [32, 1],
        says: /18432 \/ TP 32 = 576 is not a multiple of fp8's group of 128/,
        source: '#12256',
      },
      { shape: [12, 2], says: /128 attention heads/, source: 'config/model.py' },
    ],
  },
  {
    name: 'Kimi-K2-Instruct',
    config: {
      ...DEEPSEEK_V3,
      model_type: 'kimi_k2',
      num_attention_heads: 64,
      num_key_value_heads: 64,
      n_routed_experts: 384,
      first_k_dense_replace: 1,
      vocab_size: 163840,
      max_position_embeddings: 131072,
    },
    parameters: 1026,
    shape: [64, null, 61, 7168],
    taken: [
      [16, 1],
      [8, 2],
    ],
    refused: [{ shape: [24, 1], says: /64 attention heads/, source: 'config/model.py' }],
  },
  {
    name: 'Qwen3-235B-A22B-FP8',
    config: qwen3Moe(4096, 94, 64, 1536),
    parameters: 235,
    shape: [64, 4, 94, 4096],
    taken: [
      [4, 2],
      [8, 1, EXPERT_PARALLEL],
      [8, 2, EXPERT_PARALLEL],
    ],
    refused: [
      { shape: [8, 1], says: /experts' size 1536 \/ TP 8 = 192 is not a multiple/, source: '#17569' },
    ],
  },
  {
    name: 'Qwen3-30B-A3B-FP8',
    config: qwen3Moe(2048, 48, 32, 768),
    parameters: 30.5,
    shape: [32, 4, 48, 2048],
    taken: [[2, 2]],
    refused: [{ shape: [4, 1], says: /768 \/ TP 4 = 192/, source: '#25292' }],
  },
  {
    name: 'MiniMax-M2',
    config: llama(3072, 62, 48, 8, 1536, 200064, {
      architectures: ['MiniMaxM2ForCausalLM'],
      model_type: 'minimax_m2',
      head_dim: 128,
      num_local_experts: 256,
      max_position_embeddings: 196608,
      quantization_config: {
        ...FP8_BLOCKS,
        modules_to_not_convert: ['gate', 'e_score_correction_bias', 'lm_head'],
      },
    }),
    parameters: 228.7,
    shape: [48, 8, 62, 3072],
    taken: [
      [4, 2],
      [8, 1, EXPERT_PARALLEL],
    ],
    refused: [{ shape: [8, 1], says: /1536 \/ TP 8 = 192/, source: '#48173' }],
  },
  {
    name: 'Mistral-Large-Instruct-2407',
    config: llama(12288, 88, 96, 8, 28672, 32768, {
      architectures: ['MistralForCausalLM'],
      model_type: 'mistral',
      head_dim: 128,
    }),
    parameters: 122.6,
    shape: [96, 8, 88, 12288],
    taken: [
      [8, 2],
      [4, 4],
    ],
    refused: [{ shape: [12, 1], says: /8 KV heads can't be repeated/, source: 'layers/linear.py' }],
  },
  {
    name: 'falcon-40b-instruct',
    config: {
      architectures: ['FalconForCausalLM'],
      model_type: 'falcon',
      hidden_size: 8192,
      num_hidden_layers: 60,
      num_attention_heads: 128,
      num_kv_heads: 8,
      multi_query: true,
      new_decoder_architecture: true,
      vocab_size: 65024,
    },
    parameters: 41.3,
    shape: [128, 8, 60, 8192],
    taken: [[4, 2]],
    refused: [{ shape: [3, 1], says: /128 attention heads/, source: 'config/model.py' }],
  },
  {
    name: 'falcon-180B-chat',
    config: {
      architectures: ['FalconForCausalLM'],
      model_type: 'falcon',
      hidden_size: 14848,
      num_hidden_layers: 80,
      num_attention_heads: 232,
      num_kv_heads: 8,
      multi_query: true,
      new_decoder_architecture: true,
      vocab_size: 65024,
    },
    parameters: 178.5,
    shape: [232, 8, 80, 14848],
    taken: [[8, 2]],
    refused: [
      { shape: [16, 1], says: /232 attention heads can't be divided by TP 16/, source: 'config/model.py' },
    ],
  },
  {
    name: 'falcon-7b',
    config: {
      architectures: ['FalconForCausalLM'],
      model_type: 'falcon',
      hidden_size: 4544,
      num_hidden_layers: 32,
      num_attention_heads: 71,
      multi_query: true,
      vocab_size: 65024,
    },
    parameters: 6.92,
    shape: [71, 1, 32, 4544],
    taken: [[1, 2]],
    refused: [{ shape: [2, 1], says: /71 attention heads/, source: 'config/model.py' }],
  },
  {
    name: 'Phi-3-medium-128k-instruct',
    config: llama(5120, 40, 40, 10, 17920, 32064, { architectures: ['Phi3ForCausalLM'], model_type: 'phi3' }),
    parameters: 13.96,
    shape: [40, 10, 40, 5120],
    taken: [
      [2, 2],
      [5, 2],
      [20, 1],
    ],
    refused: [
      { shape: [4, 1], says: /10 KV heads can't be divided by TP 4/, source: '#5951' },
      { shape: [8, 1], says: /10 KV heads can't be divided by TP 8/, source: '#1581' },
    ],
  },
  {
    name: 'gemma-2-27b-it',
    config: {
      architectures: ['Gemma2ForCausalLM'],
      model_type: 'gemma2',
      hidden_size: 4608,
      num_hidden_layers: 46,
      num_attention_heads: 32,
      num_key_value_heads: 16,
      head_dim: 128,
      intermediate_size: 36864,
      vocab_size: 256000,
      max_position_embeddings: 8192,
    },
    parameters: 27.2,
    shape: [32, 16, 46, 4608],
    taken: [
      [8, 2],
      [16, 1],
      [32, 1],
    ],
    refused: [{ shape: [3, 1], says: /32 attention heads/, source: 'gpustack/gpustack#2259' }],
  },
  {
    name: 'gpt2-xl',
    config: {
      architectures: ['GPT2LMHeadModel'],
      model_type: 'gpt2',
      n_embd: 1600,
      n_layer: 48,
      n_head: 25,
      n_positions: 1024,
      vocab_size: 50257,
    },
    parameters: 1.56,
    shape: [25, 25, 48, 1600],
    // The vocabulary is padded since, which #1705 met on 5 GPUs.
    taken: [[5, 2]],
    refused: [{ shape: [2, 1], says: /25 attention heads/, source: '#1705' }],
  },
  {
    name: 'bloom',
    config: {
      architectures: ['BloomForCausalLM'],
      model_type: 'bloom',
      n_embed: 14336,
      n_layer: 70,
      num_attention_heads: 112,
      vocab_size: 250880,
      seq_length: 2048,
    },
    parameters: 176.2,
    shape: [112, 112, 70, 14336],
    taken: [
      [8, 2],
      [16, 1],
    ],
    refused: [{ shape: [32, 1], says: /112 attention heads/, source: 'config/model.py' }],
  },
  {
    name: 'Llama-4-Scout-17B-16E-Instruct',
    config: {
      architectures: ['Llama4ForConditionalGeneration'],
      model_type: 'llama4',
      text_config: llama(5120, 48, 40, 8, 8192, 202048, {
        model_type: 'llama4_text',
        head_dim: 128,
        intermediate_size_mlp: 16384,
        num_local_experts: 16,
        interleave_moe_layer_step: 1,
        max_position_embeddings: 10485760,
      }),
      vision_config: { num_attention_heads: 16, hidden_size: 1408 },
    },
    // 108.6 with its vision tower.
    parameters: 107.8,
    shape: [40, 8, 48, 5120],
    taken: [
      [8, 2],
      [4, 2],
    ],
    refused: [
      { shape: [16, 1], says: /40 attention heads can't be divided by TP 16/, source: 'config/model.py' },
    ],
  },
  {
    name: 'Llama-4-Maverick-17B-128E-Instruct',
    config: {
      architectures: ['Llama4ForConditionalGeneration'],
      model_type: 'llama4',
      text_config: llama(5120, 48, 40, 8, 8192, 202048, {
        model_type: 'llama4_text',
        head_dim: 128,
        intermediate_size_mlp: 16384,
        num_local_experts: 128,
        interleave_moe_layer_step: 2,
        max_position_embeddings: 1048576,
      }),
    },
    parameters: 400.7,
    shape: [40, 8, 48, 5120],
    taken: [[8, 2]],
    refused: [{ shape: [16, 2], says: /40 attention heads/, source: 'config/model.py' }],
  },
  {
    name: 'gpt-oss-120b',
    config: llama(2880, 36, 64, 8, 2880, 201088, {
      architectures: ['GptOssForCausalLM'],
      model_type: 'gpt_oss',
      head_dim: 64,
      num_local_experts: 128,
      quantization_config: {
        quant_method: 'mxfp4',
        modules_to_not_convert: ['model.layers.*.self_attn', 'model.layers.*.mlp.router', 'lm_head'],
      },
    }),
    parameters: 116.8,
    shape: [64, 8, 36, 2880],
    taken: [
      [8, 2],
      [4, 2],
    ],
    refused: [{ shape: [6, 1], says: /64 attention heads/, source: 'config/model.py' }],
  },
  {
    name: 'dbrx-instruct',
    config: {
      architectures: ['DbrxForCausalLM'],
      model_type: 'dbrx',
      d_model: 6144,
      n_heads: 48,
      n_layers: 40,
      max_seq_len: 32768,
      attn_config: { kv_n_heads: 8, clip_qkv: 8 },
      ffn_config: { ffn_hidden_size: 10752, moe_num_experts: 16, moe_top_k: 4 },
      vocab_size: 100352,
      tie_word_embeddings: false,
    },
    parameters: 131.6,
    shape: [48, 8, 40, 6144],
    taken: [[8, 2]],
    refused: [{ shape: [12, 1], says: /8 KV heads can't be repeated/, source: 'layers/linear.py' }],
  },
];

export function modelNamed(name: string): PublicModel {
  const found = MODELS.find((model) => model.name === name);
  if (found === undefined) throw new Error(`no model ${name}`);
  return found;
}
