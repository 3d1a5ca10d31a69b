import type { Loose, RuleCases } from './cases.ts';

const TOLERATION = { key: 'nvidia.com/gpu', operator: 'Exists', effect: 'NoSchedule' };

const NODE = { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [] } };
const WORKER = 'spec.predictor.workerSpec';
const memory = (name: string): Loose => ({ name, emptyDir: { medium: 'Memory' } });

export const cases: RuleCases = {
  rule: 'scheduling-parity',
  service: [
    {
      name: 'a network resource on the head alone is warned of',
      change: ({ service }) => {
        for (const part of ['requests', 'limits'])
          service.spec.predictor.model.resources[part]['rdma/hca'] = 1;
      },
      expect: {
        severity: 'warn',
        field: 'spec.predictor.workerSpec.containers[0].resources',
        says: /^the head has the resource "rdma\/hca", the worker does not/,
      },
    },
    {
      name: 'a network resource that the worker has from the runtime passes',
      change: ({ service, runtime }) => {
        for (const part of ['requests', 'limits'])
          service.spec.predictor.model.resources[part]['rdma/hca'] = 1;
        runtime.spec.workerSpec.containers[0].resources = { limits: { 'rdma/hca': 1 } };
      },
      expect: null,
    },
    {
      name: 'huge pages are no network: those of the head alone pass',
      change: ({ service }) => {
        for (const part of ['requests', 'limits'])
          service.spec.predictor.model.resources[part]['hugepages-2Mi'] = '1Gi';
      },
      expect: null,
    },
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
    {
      name: 'account, classes, affinity and pull secret on the head alone are warned of, one by one',
      change: ({ service }) =>
        Object.assign(service.spec.predictor, {
          serviceAccountName: 'hf',
          runtimeClassName: 'nvidia',
          priorityClassName: 'gpu',
          affinity: { nodeAffinity: NODE },
          imagePullSecrets: [{ name: 'registry' }],
        }),
      expect: [
        { severity: 'warn', field: `${WORKER}.serviceAccountName`, says: /serviceAccountName "hf"/ },
        { severity: 'warn', field: `${WORKER}.runtimeClassName` },
        { severity: 'warn', field: `${WORKER}.priorityClassName` },
        { severity: 'warn', field: `${WORKER}.affinity`, says: /nodeAffinity/ },
        { severity: 'warn', field: `${WORKER}.imagePullSecrets`, says: /"registry"/ },
      ],
    },
    {
      name: 'the same on both passes, in part from the runtime',
      change: ({ service, runtime }) => {
        Object.assign(service.spec.predictor, {
          serviceAccountName: 'hf',
          affinity: { nodeAffinity: NODE },
          imagePullSecrets: [{ name: 'registry' }],
        });
        service.spec.predictor.workerSpec.serviceAccountName = 'hf';
        Object.assign(runtime.spec.workerSpec, {
          affinity: { nodeAffinity: NODE },
          imagePullSecrets: [{ name: 'registry' }],
        });
      },
      expect: null,
    },
    {
      name: 'a volume in memory on the head alone is warned of',
      change: ({ service }) => (service.spec.predictor.volumes = [memory('shm')]),
      expect: { severity: 'warn', field: `${WORKER}.volumes`, says: /"shm"/ },
    },
    {
      name: 'a worker with a volume in memory of its own passes',
      change: ({ service, runtime }) => {
        service.spec.predictor.volumes = [memory('shm2')];
        runtime.spec.workerSpec.volumes = [memory('shm')];
      },
      expect: null,
    },
    {
      name: 'a volume on disk passes',
      change: ({ service }) => (service.spec.predictor.volumes = [{ name: 'cache', emptyDir: {} }]),
      expect: null,
    },
    {
      name: 'a setting of NCCL on the head alone is warned of, and no other env',
      change: ({ service }) =>
        (service.spec.predictor.model.env = [
          { name: 'NCCL_SOCKET_IFNAME', value: 'eth0' },
          { name: 'VLLM_USE_V1', value: '0' },
        ]),
      expect: { severity: 'warn', field: `${WORKER}.containers[0].env`, says: /"NCCL_SOCKET_IFNAME"/ },
    },
    {
      name: 'a setting of NCCL that the worker has from the runtime passes',
      change: ({ service, runtime }) => {
        service.spec.predictor.model.env = [{ name: 'NCCL_SOCKET_IFNAME', value: 'eth0' }];
        runtime.spec.workerSpec.containers[0].env = [{ name: 'NCCL_SOCKET_IFNAME', value: 'eth0' }];
      },
      expect: null,
    },
    {
      name: 'nothing is said of NCCL where the worker has an envFrom',
      change: ({ service }) => {
        service.spec.predictor.model.env = [{ name: 'NCCL_DEBUG', value: 'INFO' }];
        service.spec.predictor.workerSpec.containers[0].envFrom = [{ configMapRef: { name: 'nccl' } }];
      },
      expect: null,
    },
  ],
};
