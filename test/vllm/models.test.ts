/** Facts of public models, read from their config.json: heads, layers, parameters and the size of the weights. */
import { describe, expect, test } from '@jest/globals';
import { readModel, type ModelFacts } from '../../src/vllm/facts.ts';
import { weightsOf } from '../../src/vllm/weights.ts';
import { MODELS, modelNamed } from '../support/models.ts';
import type { Loose } from '../rules/cases.ts';

function factsOf(config: Loose): ModelFacts {
  const facts = readModel(config);
  if ('missing' in facts) throw new Error(facts.missing);
  return facts;
}

test('there are at least ten models', () => {
  expect(MODELS.length).toBeGreaterThanOrEqual(10);
});

describe.each(MODELS)('$name', ({ config, parameters, shape }) => {
  test('heads, layers and sizes', () => {
    const { heads, kvHeads, layers, hiddenSize } = factsOf(config);
    expect([heads, kvHeads, layers, hiddenSize]).toEqual(shape);
  });

  test('as many parameters as published', () => {
    const counted = (weightsOf(factsOf(config))?.parameters ?? 0) / 1e9;
    expect(Math.abs(counted - parameters) / parameters).toBeLessThan(0.006);
  });
});

/** Sizes of the files that the makers publish, in GB. */
test.each([
  ['Llama-3.1-70B-Instruct', 141],
  ['Qwen2.5-72B-Instruct-AWQ', 41.6],
  ['Qwen2.5-72B-Instruct-GPTQ-Int4', 41.6],
  ['Mixtral-8x7B-Instruct-v0.1', 93.4],
  ['Qwen3-235B-A22B-FP8', 236.5],
  ['gpt-oss-120b', 65.2],
])('%s takes about %d GB', (name, gigabytes) => {
  const bytes = weightsOf(factsOf(modelNamed(name).config))?.bytes ?? 0;
  expect(Math.abs(bytes / 1e9 - gigabytes) / gigabytes).toBeLessThan(0.02);
});

test('there is no estimate of an architecture or a quantization that is not known', () => {
  const { config: known } = modelNamed('Llama-3.1-8B-Instruct');
  expect(weightsOf(factsOf({ ...known, mamba_d_state: 16 }))).toBeNull();
  expect(weightsOf(factsOf({ ...known, quantization_config: { quant_method: 'new' } }))).toBeNull();
});
