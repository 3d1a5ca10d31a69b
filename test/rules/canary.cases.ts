import type { RuleCases } from './cases.ts';

export const cases: RuleCases = {
  rule: 'canary',
  service: [
    {
      name: 'canary traffic is refused',
      change: ({ service }) => (service.spec.predictor.canaryTrafficPercent = 10),
      expect: { severity: 'deny', field: 'spec.predictor.canaryTrafficPercent', says: /is 10/ },
    },
    {
      name: 'canary traffic of 0 is canary traffic',
      change: ({ service }) => (service.spec.predictor.canaryTrafficPercent = 0),
      expect: { severity: 'deny', field: 'spec.predictor.canaryTrafficPercent' },
    },
    {
      name: 'canary traffic of 100 splits nothing',
      change: ({ service }) => (service.spec.predictor.canaryTrafficPercent = 100),
      expect: { severity: 'warn', field: 'spec.predictor.canaryTrafficPercent', says: /100 does nothing/ },
    },
    {
      name: 'workerSpec in a canary predictor is refused',
      change: ({ service }) => {
        delete service.spec.predictor.workerSpec;
        service.spec.canary = [{ predictor: { model: {} } }, { predictor: { workerSpec: {} } }];
      },
      expect: { severity: 'deny', field: 'spec.canary[1].predictor.workerSpec' },
    },
    {
      name: 'a canary predictor without workerSpec, beside one without, passes',
      change: ({ service }) => {
        delete service.spec.predictor.workerSpec;
        service.spec.canary = [{ predictor: { model: {}, workerSpec: null } }];
      },
      expect: null,
    },
    {
      name: 'canary predictors are refused',
      change: ({ service }) => (service.spec.canary = { predictor: { model: {} } }),
      expect: { severity: 'deny', field: 'spec.canary' },
    },
    {
      name: 'an empty list of canaries passes',
      change: ({ service }) => (service.spec.canary = []),
      expect: null,
    },
    {
      name: 'canary traffic of null is not given',
      change: ({ service }) => (service.spec.predictor.canaryTrafficPercent = null),
      expect: null,
    },
    {
      name: 'a service without workerSpec may have a canary',
      change: ({ service }) => {
        service.spec.predictor.canaryTrafficPercent = 10;
        delete service.spec.predictor.workerSpec;
      },
      expect: null,
    },
  ],
};
