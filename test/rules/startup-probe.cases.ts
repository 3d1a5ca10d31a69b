import type { RuleCases } from './cases.ts';

const HEAD = 'spec.predictor.model.startupProbe';
const WORKER = 'spec.predictor.workerSpec.containers[0].startupProbe';

export const cases: RuleCases = {
  rule: 'startup-probe',
  service: [
    {
      name: 'a head without a start-up probe is warned of',
      change: (world) => delete world.runtime.spec.containers[0].startupProbe,
      expect: { severity: 'warn', field: HEAD, says: /the head has no startupProbe/ },
    },
    {
      name: 'a worker without a start-up probe is warned of',
      change: (world) => delete world.runtime.spec.workerSpec.containers[0].startupProbe,
      expect: { severity: 'warn', field: WORKER, says: /the worker has no startupProbe/ },
    },
    {
      name: "the guide's window passes",
      change: () => {},
      expect: null,
    },
    {
      name: 'a window of one period less is warned of, with the sum',
      change: (world) => (world.runtime.spec.containers[0].startupProbe.failureThreshold = 39),
      expect: { severity: 'warn', field: HEAD, says: /60 s \+ 39 x 30 s = 1230 s/ },
    },
    {
      name: "Kubernetes' defaults are far too short",
      change: (world) => (world.runtime.spec.containers[0].startupProbe = { exec: { command: ['true'] } }),
      expect: { severity: 'warn', field: HEAD, says: /0 s \+ 3 x 10 s = 30 s/ },
    },
    {
      name: "the service's fields are merged over the runtime's",
      change: (world) => {
        world.runtime.spec.containers[0].startupProbe.failureThreshold = 3;
        world.service.spec.predictor.model.startupProbe = { failureThreshold: 40 };
      },
      expect: null,
    },
    {
      name: 'a probe of the service alone counts',
      change: (world) => {
        delete world.runtime.spec.containers[0].startupProbe;
        world.service.spec.predictor.model.startupProbe = { failureThreshold: 126, periodSeconds: 10 };
      },
      expect: null,
    },
    {
      name: 'a worker that is not started needs no probe',
      change: (world) => {
        delete world.runtime.spec.workerSpec.containers[0].startupProbe;
        world.service.spec.predictor.workerSpec.pipelineParallelSize = 1;
      },
      expect: null,
    },
    {
      name: 'liveness and readiness without a delay are noted where there is no start-up probe',
      change: (world) => {
        const [head] = world.runtime.spec.containers;
        delete head.startupProbe;
        delete head.livenessProbe.initialDelaySeconds;
        delete head.readinessProbe.initialDelaySeconds;
      },
      expect: [
        { severity: 'warn', field: HEAD },
        { severity: 'note', field: 'spec.predictor.model.livenessProbe' },
        { severity: 'note', field: 'spec.predictor.model.readinessProbe' },
      ],
    },
    {
      name: 'a start-up probe holds them back, so that no delay is needed',
      change: (world) => {
        const [head] = world.runtime.spec.containers;
        delete head.livenessProbe.initialDelaySeconds;
        delete head.readinessProbe.initialDelaySeconds;
      },
      expect: null,
    },
    {
      name: 'no liveness probe at all is not noted',
      change: (world) => delete world.runtime.spec.containers[0].livenessProbe,
      expect: null,
    },
  ],
};
