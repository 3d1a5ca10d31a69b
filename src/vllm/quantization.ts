/** `quantization_config` of a model's config.json: how many bits a weight takes, and which weights share a scale. */
import { asList, asObject, asString, at, property } from '../lib/json.ts';

export interface Quantization {
  /** As the file calls it. */
  readonly method: string;
  /** Bits of a weight with its share of the scales; null where that is not known. */
  readonly bits: number | null;
  /** How many weights share a scale, along a layer's input and output; null if no split can divide such a block. */
  readonly block: { readonly input: number; readonly output: number } | null;
  /** Is it a grid over both sides (FP8 in blocks), which also counts for experts? */
  readonly grid: boolean;
  /** Are these layers quantised? A file may leave some as they were. */
  readonly attention: boolean;
  readonly feedForward: boolean;
}

/** Bits of a group's scale. The group's zero point has as many bits as a weight. */
const SCALE = 16;

interface Scheme {
  readonly bits: number | null;
  readonly group?: number | null;
  readonly grid?: readonly [output: number, input: number] | null;
}

/** @returns null where the weights are not quantised. */
export function readQuantization(given: unknown): Quantization | null {
  if (asObject(given) === null) return null;
  const method = asString(property(given, 'quant_method')) ?? 'unknown';
  const { bits, group = null, grid = null } = schemeOf(given, method);
  const kept = ['modules_to_not_convert', 'ignored_layers', 'ignore', 'exclude_modules'].flatMap((key) =>
    asList(property(given, key)).filter((name) => typeof name === 'string'),
  );
  const isKept = (name: RegExp): boolean => kept.some((module) => name.test(module));
  return {
    method,
    bits: bits === null || group === null ? bits : bits + (SCALE + bits) / group,
    block: grid ? { output: grid[0], input: grid[1] } : group === null ? null : { input: group, output: 1 },
    grid: grid !== null,
    attention: method !== 'mxfp4' && !isKept(/(self_attn|attention|o_proj)\*?$/),
    feedForward: !isKept(/(\.mlp|feed_forward|down_proj)\*?$/),
  };
}

function schemeOf(given: unknown, method: string): Scheme {
  switch (method) {
    case 'awq':
    case 'gptq':
      return {
        bits: number(given, 'bits', 'w_bit') ?? 4,
        group: number(given, 'group_size', 'q_group_size'),
      };
    case 'fp8':
    case 'fbgemm_fp8':
      return { bits: 8, grid: pairOf(property(given, 'weight_block_size')) };
    case 'compressed-tensors':
      return compressed(given);
    case 'mxfp4':
      return { bits: 4.25 };
    case 'bitsandbytes':
      return { bits: property(given, 'load_in_4bit') === true ? 4.5 : 8 };
    case 'modelopt':
      return { bits: { FP8: 8, NVFP4: 4.5 }[asString(property(given, 'quant_algo')) ?? ''] ?? null };
    default:
      return { bits: number(given, 'bits') };
  }
}

/** Reads only the first config group, because groups rarely differ. */
function compressed(given: unknown): Scheme {
  const [group] = Object.values(asObject(property(given, 'config_groups')) ?? {});
  const weights = property(group, 'weights');
  const bits = number(weights, 'num_bits');
  const strategy = property(weights, 'strategy');
  if (strategy === 'block') return { bits, grid: pairOf(property(weights, 'block_structure')) };
  return { bits, group: strategy === 'group' ? number(weights, 'group_size') : null };
}

/** @returns the first of the keys that has a number above 0: -1 stands for no groups */
function number(object: unknown, ...keys: readonly string[]): number | null {
  for (const key of keys) {
    const value = at(object, key);
    if (typeof value === 'number' && value > 0) return value;
  }
  return null;
}

function pairOf(value: unknown): readonly [number, number] | null {
  const [output, input] = asList(value);
  return typeof output === 'number' && typeof input === 'number' && output > 0 && input > 0
    ? [output, input]
    : null;
}
