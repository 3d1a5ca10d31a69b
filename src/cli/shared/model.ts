/** --model-config and --gpu-memory: the model that the services are to serve, and the GPUs that they are to have. */
import type { ModelUnderTest } from '../../rules/subject.ts';
import type { ModelFacts } from '../../vllm/facts.ts';
import type { Arguments } from './args.ts';
import { textOf } from './files.ts';
import { factsIn, gpuMemoryIn } from './model-text.ts';
import { UsageError } from './refusal.ts';
import type { Streams } from './streams.ts';

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

/** @throws Refusal */
export async function factsOf(path: string, stdin: Streams['stdin']): Promise<ModelFacts> {
  return factsIn(await textOf(path, stdin), path);
}

/**
 * @returns bytes; null where it is not given
 * @throws UsageError
 */
export function gpuMemoryOf(given: Arguments): number | null {
  const text = given.text('gpu-memory');
  return text === null ? null : gpuMemoryIn(text);
}
