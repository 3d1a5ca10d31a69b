/** Which word somebody may have meant. */
import { expect, test } from '@jest/globals';
import { didYouMean, nearest } from '../../src/lib/nearest.ts';
import { RULE_IDS } from '../../src/rules/index.ts';

test.each([
  ['gpu-idel', 'gpu-idle'],
  ['gpu_idle', 'gpu-idle'],
  ['canaries', null],
  ['canery', 'canary'],
  ['GPU-IDLE', 'gpu-idle'],
  ['paralel-size', 'parallel-size'],
  ['vllm-arg', 'vllm-args'],
  ['x', null],
  ['', null],
])('%j: %j', (word, meant) => {
  expect(nearest(word, RULE_IDS)).toBe(meant);
});

test('every rule with two letters swapped is found again', () => {
  for (const id of RULE_IDS) {
    for (let index = 1; index < id.length; index++) {
      const swapped = id.split('');
      [swapped[index - 1], swapped[index]] = [id[index] ?? '', id[index - 1] ?? ''];
      expect(nearest(swapped.join(''), RULE_IDS)).toBe(id);
    }
  }
});

test('nothing is offered where nothing is near', () => {
  expect(didYouMean('nonsense', RULE_IDS)).toBe('');
  expect(didYouMean('rolout', RULE_IDS)).toBe(', did you mean rollout?');
});
