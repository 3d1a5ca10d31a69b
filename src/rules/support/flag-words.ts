/** A flag of vLLM as a fix tells to remove it. For gpu-capacity and vllm-args. */
import { visible } from '../../lib/text.ts';
import type { StatedFlag } from '../../vllm/flags.ts';

/** They take no value: the word after them is another argument. */
const SWITCHES: readonly string[] = ['--data-parallel-hybrid-lb', '--data-parallel-external-lb'];

/** @returns the flag, with what has to go too where its value is a word of its own */
export function wholeFlag({ flag, option, apart, text }: StatedFlag): string {
  return apart && text !== null && !SWITCHES.includes(option)
    ? `${flag} and the ${visible(text)} after it`
    : flag;
}
