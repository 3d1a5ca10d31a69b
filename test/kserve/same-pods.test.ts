/** Which changes of a runtime make other pods of a service. */
import { expect, test } from '@jest/globals';
import { readRuntime } from '../../src/kserve/runtime.ts';
import { makesSamePods } from '../../src/kserve/same-pods.ts';
import { readService } from '../../src/kserve/view.ts';
import { minimalRuntime, minimalService } from '../rules/cases.ts';

test.each<readonly [unknown, unknown, boolean]>([
  ['1024Mi', '1Gi', true],
  ['64Gi', '65536Mi', true],
  ['0.5', '500m', true],
  [4, '4', true],
  ['1Gi', '1G', false],
  ['1Gi', undefined, false],
  ['much', 'more', false],
  ['much', 'much', true],
])('memory of %p that becomes %p: are the pods the same? %p', (before, after, same) => {
  const service = readService(minimalService());
  expect(makesSamePods(service, runtimeWith(before), runtimeWith(after))).toBe(same);
});

function runtimeWith(memory: unknown): ReturnType<typeof readRuntime> {
  const runtime = minimalRuntime();
  for (const container of [runtime.spec.containers[0], runtime.spec.workerSpec.containers[0]])
    container.resources = { requests: memory === undefined ? {} : { memory } };
  return readRuntime(runtime);
}
