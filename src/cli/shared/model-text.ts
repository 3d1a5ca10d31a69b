/** A model's config.json and the memory of a GPU, read from their texts. */
import { parseQuantity } from '../../lib/quantity.ts';
import { readModel, type ModelFacts } from '../../vllm/facts.ts';
import { Refusal, UsageError } from './refusal.ts';
import { readDocuments } from './yaml.ts';

/** A smaller number of bytes means that the user forgot the unit. */
const SMALLEST_GPU = 1e9;

/**
 * Reads JSON as Python writes it: NaN and Infinity are no JSON, but are YAML.
 * @param name of the file, for the error
 * @throws Refusal for a text that is not a model's config.json
 */
export function factsIn(text: string, name: string): ModelFacts {
  const { documents, error } = readDocuments(text, name);
  if (error !== null) throw new Refusal(error.text);
  const facts = readModel(documents[0]?.value);
  if ('missing' in facts) {
    throw new Refusal(`${name}: no ${facts.missing}: is it the config.json of a Hugging Face model?`);
  }
  return facts;
}

/**
 * @param text such as `80Gi`
 * @returns bytes
 * @throws UsageError
 */
export function gpuMemoryIn(text: string): number {
  const quantity = parseQuantity(text.replace(/B$/, ''));
  const bytes = quantity === null ? 0 : Number(quantity.nano / 1_000_000_000n);
  if (bytes < SMALLEST_GPU)
    throw new UsageError(`--gpu-memory ${text} is no size of a GPU: write it with its unit, as in 80Gi`);
  return bytes;
}
