/** The rules that the policy leaves to headcount as a whole. */
import type { CelRule } from '../rule.ts';

const WARNS = 'a policy that denies has no warnings, and this rule denies nothing';

function only(id: string, what: string, why: string): CelRule {
  return { id, left: [{ what, why }] };
}

export const leftOut: readonly CelRule[] = [
  only('kserve-release', 'everything', WARNS),
  only('unknown-field', 'everything', 'the API server has dropped unknown fields before a policy is asked'),
  only('storage-claim', 'access modes of the claim', 'the claim is another object'),
  only('gpu-capacity', 'too few GPUs; counts that KServe will not count', 'the plan needs the runtime'),
  only('gpu-idle', 'everything', WARNS),
  only(
    'vllm-args',
    'size flags that differ from the declared sizes',
    "args and scripts are read as a shell would, behind those of the runtime; CEL can't",
  ),
  only(
    'template',
    'everything',
    'templates are read as Go reads them, joined with those of the runtime; CEL can not',
  ),
  only('image-parity', 'an empty runtimeVersion', 'the image is often that of the runtime, another object'),
  only('agent', 'everything', WARNS),
  only('runtime-change', 'everything', 'the services on the runtime are other objects'),
  only('rollout', 'everything', WARNS),
  only('startup-probe', 'everything', WARNS),
  only('not-multi-node', 'everything', WARNS),
  only('scheduling-parity', 'everything', WARNS),
  only('model-config', 'everything', 'only the command line is told of a model, the webhook neither'),
];
