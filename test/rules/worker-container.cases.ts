import type { RuleCases } from './cases.ts';

const FIELD = 'spec.predictor.workerSpec.containers';

export const cases: RuleCases = {
  rule: 'worker-container',
  service: [
    {
      name: "a container without a name, as Go clients send it, takes the runtime's",
      change: ({ service }) => (service.spec.predictor.workerSpec.containers[0].name = ''),
      expect: null,
    },
    {
      name: 'a model with an empty name passes',
      change: ({ service }) => (service.spec.predictor.model.name = ''),
      expect: null,
    },
    {
      name: "a model with a name is refused, be it the runtime's",
      change: ({ service }) => (service.spec.predictor.model.name = 'kserve-container'),
      expect: { severity: 'deny', field: 'spec.predictor.model.name', says: /"kserve-container"/ },
    },
    {
      name: 'a container of another name is refused',
      change: (world) => (world.service.spec.predictor.workerSpec.containers[0].name = 'worker'),
      expect: { severity: 'deny', field: `${FIELD}[0].name`, says: /"worker"/ },
    },
    {
      name: 'a container without the field name is refused, as by the API server',
      change: (world) => delete world.service.spec.predictor.workerSpec.containers[0].name,
      expect: {
        severity: 'deny',
        field: 'spec.predictor.workerSpec.containers[0].name',
        says: /has no name; the API server requires one/,
        fix: /^name it worker-container$/,
      },
    },
    {
      name: 'the one container of the right name passes',
      change: () => {},
      expect: null,
    },
    {
      name: 'a second container is refused',
      change: (world) => world.service.spec.predictor.workerSpec.containers.push({ name: 'sidecar' }),
      expect: { severity: 'deny', field: FIELD, says: /2 containers/ },
    },
    {
      name: 'no list of containers passes: the runtime has one',
      change: (world) => delete world.service.spec.predictor.workerSpec.containers,
      expect: null,
    },
    {
      name: 'an empty list that is stored is refused, as the controller panics on it',
      change: (world) => (world.service.spec.predictor.workerSpec.containers = []),
      expect: { severity: 'deny', field: FIELD, says: /empty/ },
    },
    {
      name: 'containers that are no list are refused',
      change: (world) => (world.service.spec.predictor.workerSpec.containers = 'worker-container'),
      expect: { severity: 'deny', field: FIELD, says: /no list/ },
    },
    {
      name: 'an empty name of the model is KServe’s own and passes',
      change: (world) => (world.service.spec.predictor.model.name = ''),
      expect: null,
    },
  ],
  runtime: [
    {
      name: 'a workerSpec without containers is refused',
      change: (world) => (world.runtime.spec.workerSpec.containers = []),
      expect: { severity: 'deny', field: 'spec.workerSpec.containers' },
    },
    {
      name: 'a workerSpec whose containers are absent is refused',
      change: (world) => delete world.runtime.spec.workerSpec.containers,
      expect: { severity: 'deny', field: 'spec.workerSpec.containers' },
    },
    {
      name: 'two containers are refused',
      change: (world) => world.runtime.spec.workerSpec.containers.push({ name: 'sidecar' }),
      expect: { severity: 'deny', field: 'spec.workerSpec.containers' },
    },
    {
      name: 'a container of another name is refused',
      change: (world) => (world.runtime.spec.workerSpec.containers[0].name = 'worker'),
      expect: { severity: 'deny', field: 'spec.workerSpec.containers[0].name' },
    },
    {
      name: 'the one container of the right name passes',
      change: () => {},
      expect: null,
    },
    {
      name: 'a runtime for one node passes',
      change: (world) => delete world.runtime.spec.workerSpec,
      expect: null,
    },
  ],
};
