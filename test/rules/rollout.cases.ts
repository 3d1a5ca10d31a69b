import type { RuleCases, World } from './cases.ts';

const STRATEGY = 'spec.predictor.deploymentStrategy';

/** An update: the stored service is the one before the row's change. */
function update(change: (world: World) => void): (world: World) => void {
  return (world) => {
    world.previous = structuredClone(world.service);
    change(world);
  };
}

export const cases: RuleCases = {
  rule: 'rollout',
  service: [
    {
      name: 'a changed spec is told its peak of old and new GPUs',
      change: update(
        (world) => (world.service.spec.predictor.model.args = ['--distributed-executor-backend=ray', '-v']),
      ),
      expect: { severity: 'warn', field: STRATEGY, says: /16 old \+ 16 new = 32 GPUs/ },
    },
    {
      name: 'an unchanged spec costs nothing',
      change: update((world) => (world.service.metadata.annotations.team = 'x')),
      expect: null,
    },
    {
      name: 'a create costs nothing extra',
      change: () => {},
      expect: null,
    },
    {
      name: 'under Recreate there is no peak',
      change: update((world) => {
        world.service.spec.predictor.deploymentStrategy = { type: 'Recreate' };
        world.service.spec.predictor.workerSpec.pipelineParallelSize = 4;
      }),
      expect: null,
    },
  ],
};
