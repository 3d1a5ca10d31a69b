import type { RuleCases } from './cases.ts';

const MIN = 'spec.predictor.minReplicas';
const MAX = 'spec.predictor.maxReplicas';

export const cases: RuleCases = {
  rule: 'head-replicas',
  service: [
    {
      name: 'minReplicas 2 is refused',
      change: ({ service }) => (service.spec.predictor.minReplicas = 2),
      expect: { severity: 'deny', field: MIN, says: /is 2,.*exactly one head/ },
    },
    {
      name: 'minReplicas 0 is refused, with the annotation that pauses a service',
      change: ({ service }) => (service.spec.predictor.minReplicas = 0),
      expect: { severity: 'deny', field: MIN, says: /is 0/ },
    },
    {
      name: 'maxReplicas 3 does nothing',
      change: ({ service }) => (service.spec.predictor.maxReplicas = 3),
      expect: { severity: 'warn', field: MAX, says: /is 3.*does nothing/ },
    },
    {
      name: 'maxReplicas 0 is as good as absent',
      change: ({ service }) => (service.spec.predictor.maxReplicas = 0),
      expect: null,
    },
    {
      name: 'maxReplicas -1 is refused',
      change: ({ service }) => (service.spec.predictor.maxReplicas = -1),
      expect: { severity: 'deny', field: MAX, says: /is -1/ },
    },
    {
      name: 'minReplicas as a text is refused',
      change: ({ service }) => (service.spec.predictor.minReplicas = '1'),
      expect: { severity: 'deny', field: MIN, says: /"1"/ },
    },
    {
      name: 'both at 1 pass',
      change: ({ service }) => Object.assign(service.spec.predictor, { minReplicas: 1, maxReplicas: 1 }),
      expect: null,
    },
    { name: 'both absent pass', change: () => undefined, expect: null },
    {
      name: 'a service that is stopped by its annotation passes',
      change: ({ service }) => (service.metadata.annotations['serving.kserve.io/stop'] = 'true'),
      expect: null,
    },
    {
      name: 'a service without workerSpec may have several replicas',
      change: ({ service }) => {
        service.spec.predictor.minReplicas = 2;
        delete service.spec.predictor.workerSpec;
      },
      expect: null,
    },
  ],
};
