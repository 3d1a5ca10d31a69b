import type { Loose, RuleCases } from './cases.ts';

const LOGGER = 'spec.predictor.logger';
const HTTP = { httpGet: { path: '/health', port: 8080 } };
const log = (service: Loose): void => {
  service.spec.predictor.logger = { mode: 'all', url: 'http://sink' };
};

export const cases: RuleCases = {
  rule: 'agent',
  service: [
    {
      name: 'a logger where no container has an HTTP or TCP readiness probe is warned of',
      change: ({ service }) => log(service),
      expect: { severity: 'warn', field: LOGGER, says: /which head and worker do not have/ },
    },
    {
      name: 'a batcher as well',
      change: ({ service }) => (service.spec.predictor.batcher = { maxBatchSize: 8 }),
      expect: { severity: 'warn', field: 'spec.predictor.batcher' },
    },
    {
      name: 'a probe on the head alone is not enough',
      change: ({ service, runtime }) => {
        log(service);
        runtime.spec.containers[0].readinessProbe = HTTP;
      },
      expect: { severity: 'warn', field: LOGGER, says: /which worker does not have/ },
    },
    {
      name: 'probes on both pass, over HTTP in the runtime and over TCP in the service',
      change: ({ service, runtime }) => {
        log(service);
        runtime.spec.containers[0].readinessProbe = HTTP;
        service.spec.predictor.workerSpec.containers[0].readinessProbe = { tcpSocket: { port: 6379 } };
      },
      expect: null,
    },
    {
      name: 'on one node only the head is asked',
      change: ({ service, runtime }) => {
        log(service);
        runtime.spec.containers[0].readinessProbe = HTTP;
        service.spec.predictor.workerSpec.pipelineParallelSize = 1;
      },
      expect: null,
    },
    {
      name: 'a transformer-container is asked in place of the head',
      change: ({ service, runtime }) => {
        log(service);
        service.spec.predictor.containers = [{ name: 'transformer-container', readinessProbe: HTTP }];
        runtime.spec.workerSpec.containers[0].readinessProbe = HTTP;
      },
      expect: null,
    },
    {
      name: 'without logger and batcher there is no agent',
      change: () => {},
      expect: null,
    },
  ],
};
