import type { RuleCases } from './cases.ts';

const TOLERATION = { key: 'nvidia.com/gpu', operator: 'Exists', effect: 'NoSchedule' };

export const cases: RuleCases = {
  rule: 'scheduling-parity',
  service: [
    {
      name: 'a nodeSelector on the head alone is warned of',
      change: (world) => (world.service.spec.predictor.nodeSelector = { pool: 'gpu' }),
      expect: { severity: 'warn', field: 'spec.predictor.workerSpec.nodeSelector', says: /pool: "gpu"/ },
    },
    {
      name: 'the same nodeSelector on both passes',
      change: (world) => {
        world.service.spec.predictor.nodeSelector = { pool: 'gpu' };
        world.service.spec.predictor.workerSpec.nodeSelector = { pool: 'gpu', zone: 'a' };
      },
      expect: null,
    },
    {
      name: 'another value of the same key is warned of',
      change: (world) => {
        world.service.spec.predictor.nodeSelector = { pool: 'gpu' };
        world.service.spec.predictor.workerSpec.nodeSelector = { pool: 'cpu' };
      },
      expect: { severity: 'warn', field: 'spec.predictor.workerSpec.nodeSelector' },
    },
    {
      name: 'a toleration on the head alone is warned of',
      change: (world) => (world.service.spec.predictor.tolerations = [TOLERATION]),
      expect: { severity: 'warn', field: 'spec.predictor.workerSpec.tolerations', says: /"nvidia.com\/gpu"/ },
    },
    {
      name: 'a toleration that the worker has from the runtime passes',
      change: (world) => {
        world.service.spec.predictor.tolerations = [TOLERATION];
        world.runtime.spec.workerSpec.tolerations = [TOLERATION];
      },
      expect: null,
    },
    {
      name: 'a worker that tolerates everything passes',
      change: (world) => {
        world.service.spec.predictor.tolerations = [TOLERATION];
        world.service.spec.predictor.workerSpec.tolerations = [{ operator: 'Exists' }];
      },
      expect: null,
    },
    {
      name: 'a toleration on the worker alone passes',
      change: (world) => (world.service.spec.predictor.workerSpec.tolerations = [TOLERATION]),
      expect: null,
    },
    {
      name: 'on one node there is no worker to schedule',
      change: (world) => {
        world.service.spec.predictor.tolerations = [TOLERATION];
        world.service.spec.predictor.workerSpec.pipelineParallelSize = 1;
      },
      expect: null,
    },
  ],
};
