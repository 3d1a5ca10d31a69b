import type { RuleCases } from './cases.ts';

const FIELD = 'spec.predictor.workerSpec';

export const cases: RuleCases = {
  rule: 'not-multi-node',
  service: [
    {
      name: 'a service without workerSpec on a multi-node runtime is warned of',
      change: (world) => delete world.service.spec.predictor.workerSpec,
      expect: { severity: 'warn', field: FIELD, says: /"rt" is multi-node/ },
    },
    {
      name: 'a workerSpec of null counts as none',
      change: (world) => (world.service.spec.predictor.workerSpec = null),
      expect: { severity: 'warn', field: FIELD },
    },
    {
      name: 'an empty workerSpec counts',
      change: (world) => (world.service.spec.predictor.workerSpec = {}),
      expect: null,
    },
    {
      name: 'a service without workerSpec on a runtime for one node passes',
      change: (world) => {
        delete world.service.spec.predictor.workerSpec;
        delete world.runtime.spec.workerSpec;
      },
      expect: null,
    },
    {
      name: 'a service that names no runtime passes',
      change: (world) => {
        delete world.service.spec.predictor.workerSpec;
        delete world.service.spec.predictor.model.runtime;
      },
      expect: null,
    },
  ],
};
