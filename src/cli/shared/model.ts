/** --model-config and --gpu-memory: the model that the services are to serve, and the GPUs that they are to have. */
import { parseQuantity } from '../../lib/quantity.ts';
import type { ModelUnderTest } from '../../rules/subject.ts';
import { readModel, type ModelFacts } from '../../vllm/facts.ts';
import type { Arguments } from './args.ts';
import { textOf } from './files.ts';
import { Refusal, UsageError } from './refusal.ts';
import type { Streams } from './streams.ts';
import { readDocuments } from './yaml.ts';

/** A smaller number of bytes means that the user forgot the unit. */
const SMALLEST_GPU = 1e9;

/**
 * @returns null where no model is given
 * @throws Refusal for a file that is not a model's config.json, or for an invalid memory size
 */
export async function modelOf(given: Arguments, stdin: Streams['stdin']): Promise<ModelUnderTest | null> {
  const path = given.text('model-config');
  const gpuMemory = gpuMemoryOf(given);
  if (path === null) {
    if (gpuMemory !== null) throw new UsageError('--gpu-memory needs --model-config');
    return null;
  }
  if (path === '-' && given.files.includes('-')) {
    throw new UsageError('--model-config and FILE are both standard input');
  }
  return { facts: await factsOf(path, stdin), gpuMemory };
}

/**
 * Reads JSON as Python writes it: NaN and Infinity are no JSON, but are YAML.
 * @throws Refusal
 */
export async function factsOf(path: string, stdin: Streams['stdin']): Promise<ModelFacts> {
  const { documents, error } = readDocuments(await textOf(path, stdin), path);
  if (error !== null) throw new Refusal(error.text);
  const facts = readModel(documents[0]?.value);
  if ('missing' in facts) {
    throw new Refusal(`${path}: no ${facts.missing}: is it the config.json of a Hugging Face model?`);
  }
  return facts;
}

/**
 * @returns bytes; null where it is not given
 * @throws UsageError
 */
export function gpuMemoryOf(given: Arguments): number | null {
  const text = given.text('gpu-memory');
  if (text === null) return null;
  const quantity = parseQuantity(text.replace(/B$/, ''));
  const bytes = quantity === null ? 0 : Number(quantity.nano / 1_000_000_000n);
  if (bytes < SMALLEST_GPU)
    throw new UsageError(`--gpu-memory ${text} is no size of a GPU: write it with its unit, as in 80Gi`);
  return bytes;
}
