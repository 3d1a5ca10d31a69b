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
      name: 'the Deployment that KServe keeps when workerSpec is taken out is named with its GPUs',
      change: update((world) => delete world.service.spec.predictor.workerSpec),
      expect: {
        severity: 'warn',
        field: 'spec.predictor.workerSpec',
        says: /keeps the Deployment "llm-predictor-worker" with its 8 GPUs/,
      },
    },
    {
      name: 'a workerSpec that was taken out leaves nothing behind where it had no worker pod',
      change: (world) => {
        world.service.spec.predictor.workerSpec.pipelineParallelSize = 1;
        update((updated) => delete updated.service.spec.predictor.workerSpec)(world);
      },
      expect: null,
    },
    {
      name: 'a workerSpec that was taken out of a stopped service leaves nothing behind',
      change: (world) => {
        world.service.metadata.annotations['serving.kserve.io/stop'] = 'true';
        update((updated) => delete updated.service.spec.predictor.workerSpec)(world);
      },
      expect: null,
    },
    {
      name: 'rollingUpdate settings are told to be ignored for the worker',
      change: update((world) => {
        world.service.spec.predictor.deploymentStrategy = {
          type: 'RollingUpdate',
          rollingUpdate: { maxSurge: 0 },
        };
      }),
      expect: [
        { severity: 'warn', field: STRATEGY, says: /24 GPUs of 16 old \+ 16 new/ },
        { severity: 'warn', field: `${STRATEGY}.rollingUpdate`, says: /maxSurge 100 %/ },
      ],
    },
    {
      name: 'rollingUpdate without a type holds for the worker too: without maxSurge there is no peak',
      change: update((world) => {
        world.service.spec.predictor.deploymentStrategy = {
          rollingUpdate: { maxSurge: 0, maxUnavailable: 1 },
        };
      }),
      expect: null,
    },
    {
      name: 'rollingUpdate without a type and with maxSurge 1 brings up one pod of each beside the old ones',
      change: update((world) => {
        world.service.spec.predictor.deploymentStrategy = { rollingUpdate: { maxSurge: 1 } };
      }),
      expect: { severity: 'warn', field: STRATEGY, says: /16 old \+ 16 new = 32 GPUs/ },
    },
    {
      name: 'of a service that is stopped nothing rolls',
      change: update((world) => {
        world.service.metadata.annotations['serving.kserve.io/stop'] = 'true';
        world.service.spec.predictor.minReplicas = 1;
      }),
      expect: null,
    },
    {
      name: 'a changed pipeline parallel size of a live service is told to be recreated',
      change: update((world) => (world.service.spec.predictor.workerSpec.pipelineParallelSize = 4)),
      expect: [
        { severity: 'warn', field: STRATEGY, says: /16 old \+ 32 new = 48 GPUs/ },
        { severity: 'warn', field: 'spec.predictor.workerSpec', says: /TP 8 x PP 2 becomes TP 8 x PP 4/ },
      ],
    },
    {
      name: 'a number that is recomputed because the runtime has changed is told',
      change: (world) => {
        delete world.service.spec.predictor.workerSpec.pipelineParallelSize;
        world.declared = structuredClone(world.service);
        world.previousDeclared = structuredClone(world.service);
        world.previous = structuredClone(world.service);
        world.previous.spec.predictor.workerSpec.pipelineParallelSize = 2;
        world.service.spec.predictor.workerSpec.pipelineParallelSize = 4;
        world.runtime.spec.workerSpec.pipelineParallelSize = 4;
      },
      expect: [
        { severity: 'warn', field: STRATEGY },
        { severity: 'warn', field: 'spec.predictor.workerSpec', says: /TP 8 x PP 2 becomes TP 8 x PP 4/ },
        {
          severity: 'warn',
          field: 'spec.predictor.workerSpec',
          says: /2 pods with 16 GPUs become 4 pods with 32/,
        },
      ],
    },
    {
      name: 'another image of the runtime costs a roll-out of the unchanged service',
      change: update((world) => {
        world.previousRuntime = structuredClone(world.runtime);
        world.runtime.spec.containers[0].image = 'y';
      }),
      expect: { severity: 'warn', field: STRATEGY, says: /16 old \+ 16 new = 32 GPUs/ },
    },
    {
      name: 'another format that the runtime supports costs nothing',
      change: update((world) => {
        world.previousRuntime = structuredClone(world.runtime);
        world.runtime.spec.supportedModelFormats.push({ name: 'onnx' });
      }),
      expect: null,
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
