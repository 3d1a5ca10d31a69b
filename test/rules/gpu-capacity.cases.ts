import type { Loose, RuleCases } from './cases.ts';

const HEAD = 'spec.predictor.model.resources';
const WORKER = 'spec.predictor.workerSpec.containers[0].resources';
const MIG = 'nvidia.com/mig-1g.5gb';
const ANNOTATION = 'serving.kserve.io/gpu-resource-types';

const head = (service: Loose, type: string, count: string): void => {
  service.spec.predictor.model.resources = { requests: { [type]: count }, limits: { [type]: count } };
};
const worker = (service: Loose, type: string, count: string): void => {
  service.spec.predictor.workerSpec.containers[0].resources = {
    requests: { [type]: count },
    limits: { [type]: count },
  };
};
const list = (service: Loose, ...types: readonly string[]): void => {
  service.metadata.annotations[ANNOTATION] = JSON.stringify(types);
};

export const cases: RuleCases = {
  rule: 'gpu-capacity',
  service: [
    {
      name: 'data parallel replicas need the GPUs of each',
      change: ({ service }) => service.spec.predictor.model.args.push('--data-parallel-size=2'),
      expect: {
        severity: 'deny',
        field: 'spec.predictor.model.args[1]',
        says: /16 planned < TP 8 x PP 2 x DP 2 = 32/,
      },
    },
    {
      name: 'a data parallel size in a word of its own goes with its flag',
      change: ({ service }) => service.spec.predictor.model.args.push('-dp', '2'),
      expect: {
        severity: 'deny',
        field: 'spec.predictor.model.args[1]',
        fix: /^remove -dp and the 2 after it, and serve more replicas/,
      },
    },
    {
      name: 'a data parallel size that is one of several ranks is not counted',
      change: ({ service }) =>
        service.spec.predictor.model.args.push('--data-parallel-size=2', '--data-parallel-rank=0'),
      expect: null,
    },
    {
      name: 'a data parallel size in a branch of a script may not be meant',
      change: ({ service }) =>
        (service.spec.predictor.model.command = [
          'bash',
          '-c',
          'if [ -n "$DP" ]; then vllm serve -dp 2; else vllm serve; fi',
        ]),
      expect: null,
    },
    {
      name: 'a data parallel size of another server than vLLM is not counted',
      change: ({ service, runtime }) => {
        runtime.spec.containers[0].command = ['python3', '-m', 'sglang.launch_server'];
        service.spec.predictor.model.args = ['--data-parallel-size=8'];
      },
      expect: null,
    },
    {
      name: 'data parallel replicas on one GPU less than they have pass with the GPUs that a plan rounds up to',
      change: ({ service }) => {
        Object.assign(service.spec.predictor.workerSpec, { tensorParallelSize: 1, pipelineParallelSize: 2 });
        service.spec.predictor.workerSpec.pipelineParallelSize = 9;
        service.spec.predictor.workerSpec.tensorParallelSize = 1;
        service.spec.predictor.model.args.push('-dp=1');
      },
      expect: null,
    },
    {
      name: "the fix names the ConfigMap's own namespace, and the restart that KServe needs",
      change: ({ service, kserve }) => {
        kserve.namespace = 'serving-system';
        list(service, MIG);
        head(service, MIG, '2');
        worker(service, MIG, '2');
      },
      expect: [
        {
          severity: 'deny',
          field: `${HEAD}.requests[${MIG}]`,
          fix: /in namespace serving-system: .*controller restarted/,
        },
        { severity: 'deny', field: `${WORKER}.requests[${MIG}]` },
      ],
    },
    {
      name: "a count of the runtime's, in a type that the runtime alone lists, draws a warning: KServe deploys another",
      change: ({ service, runtime }) => {
        const { model, workerSpec } = service.spec.predictor;
        delete model.resources;
        delete workerSpec.containers;
        Object.assign(workerSpec, { tensorParallelSize: 2, pipelineParallelSize: 2 });
        const { spec } = runtime;
        for (const pod of [spec, spec.workerSpec]) {
          pod.annotations = { [ANNOTATION]: JSON.stringify([MIG]) };
          pod.containers[0].resources = { requests: { [MIG]: '2' }, limits: { [MIG]: '2' } };
        }
      },
      expect: [
        { severity: 'warn', field: HEAD, says: /the head asks for 2 .*it would deploy 1 instead/ },
        { severity: 'warn', field: WORKER },
      ],
    },
    {
      name: 'a listed cpu, under which KServe writes the count, draws a warning: pods without GPUs run',
      change: ({ service }) => {
        list(service, 'cpu');
        head(service, 'cpu', '4');
        worker(service, 'cpu', '1');
      },
      expect: { severity: 'warn', field: `${HEAD}.requests[cpu]`, says: /it would deploy 1 instead/ },
    },
    {
      name: 'a head of 1 beside a worker of 8 is too few, with the sum',
      change: ({ service }) => head(service, 'nvidia.com/gpu', '1'),
      expect: {
        severity: 'deny',
        field: `${HEAD}.requests[nvidia.com/gpu]`,
        says: /head 1 \+ 1 worker x 8 = 9 < TP 8 x PP 2 = 16$/,
      },
    },
    {
      name: 'the sum names several workers',
      change: ({ service }) => {
        head(service, 'nvidia.com/gpu', '1');
        worker(service, 'nvidia.com/gpu', '4');
      },
      expect: {
        severity: 'deny',
        field: `${HEAD}.requests[nvidia.com/gpu]`,
        says: /head 1 \+ 3 workers x 4 = 13 < TP 8 x PP 2 = 16$/,
      },
    },
    {
      name: 'a limit of the head that headcount copied to the requests is named where it was written',
      change: (world) => {
        head(world.service, 'nvidia.com/gpu', '1');
        world.declared = structuredClone(world.service);
        delete world.declared.spec.predictor.model.resources.requests;
      },
      expect: { severity: 'deny', field: `${HEAD}.limits[nvidia.com/gpu]` },
    },
    {
      name: 'a head of 1 that the runtime asks for is named, at the entry of the worker',
      change: ({ service, runtime }) => {
        runtime.spec.containers[0].resources = { requests: { 'nvidia.com/gpu': '1' } };
        delete service.spec.predictor.model.resources;
      },
      expect: {
        severity: 'deny',
        field: `${WORKER}.requests[nvidia.com/gpu]`,
        says: /= 16; the head's count is from the ServingRuntime "rt"$/,
      },
    },
    {
      name: 'counts of the runtime alone are named at the resources of the head',
      change: ({ service, runtime }) => {
        runtime.spec.containers[0].resources = { requests: { 'nvidia.com/gpu': '1' } };
        runtime.spec.workerSpec.containers[0].resources = { requests: { 'nvidia.com/gpu': '8' } };
        delete service.spec.predictor.model.resources;
        delete service.spec.predictor.workerSpec.containers;
      },
      expect: { severity: 'deny', field: HEAD, says: /"rt"/ },
    },
    {
      name: 'exactly TP x PP passes',
      change: ({ service }) => {
        head(service, 'nvidia.com/gpu', '4');
        worker(service, 'nvidia.com/gpu', '12');
      },
      expect: null,
    },
    {
      name: 'a head of 1 beside a worker of 8 passes on mp, which ignores the counts',
      change: ({ service, runtime }) => {
        runtime.spec.annotations = { 'multinode/executor-backend': 'mp' };
        head(service, 'nvidia.com/gpu', '1');
      },
      expect: null,
    },
    {
      name: 'without counts KServe plans enough',
      change: ({ service }) => {
        delete service.spec.predictor.model.resources;
        delete service.spec.predictor.workerSpec.containers;
      },
      expect: null,
    },
    {
      name: 'counts of a type that only the annotation lists are refused in head and worker',
      change: ({ service }) => {
        list(service, MIG);
        head(service, MIG, '8');
        worker(service, MIG, '8');
      },
      expect: [
        {
          severity: 'deny',
          field: `${HEAD}.requests[${MIG}]`,
          says: /head asks for 8 nvidia\.com\/mig-1g\.5gb.* deploy 1 instead/,
        },
        { severity: 'deny', field: `${WORKER}.requests[${MIG}]`, says: /worker asks for 8 / },
      ],
    },
    {
      name: 'a count of such a type in the limits alone is refused',
      change: ({ service }) => {
        list(service, MIG);
        service.spec.predictor.model.resources = { limits: { [MIG]: '2' } };
        worker(service, MIG, '1');
      },
      expect: { severity: 'deny', field: `${HEAD}.limits[${MIG}]` },
    },
    {
      name: 'a count of such a type in the runtime is refused at the resources of the service',
      change: ({ service, runtime }) => {
        list(service, MIG);
        runtime.spec.containers[0].resources = { requests: { [MIG]: '2' } };
        delete service.spec.predictor.model.resources;
        worker(service, MIG, '1');
      },
      expect: { severity: 'deny', field: HEAD },
    },
    {
      name: 'counts of such a type that are what KServe plans anyway pass',
      change: ({ service }) => {
        list(service, MIG);
        head(service, MIG, '1');
        worker(service, MIG, '1');
      },
      expect: null,
    },
    {
      name: "the same counts pass where KServe's ConfigMap lists the type",
      change: ({ service, kserve }) => {
        list(service, MIG);
        kserve.customGpuTypes = [MIG];
        head(service, MIG, '8');
        worker(service, MIG, '8');
      },
      expect: null,
    },
    {
      name: 'a worker count of such a type passes where no worker is started',
      change: ({ service }) => {
        list(service, MIG);
        Object.assign(service.spec.predictor.workerSpec, { tensorParallelSize: 1, pipelineParallelSize: 1 });
        head(service, MIG, '1');
        worker(service, MIG, '8');
      },
      expect: null,
    },
    {
      name: 'such a type passes on mp, where no type is counted',
      change: ({ service, runtime }) => {
        runtime.spec.annotations = { 'multinode/executor-backend': 'mp' };
        list(service, MIG);
        head(service, MIG, '2');
        worker(service, MIG, '2');
      },
      expect: null,
    },
    {
      name: 'a network resource in the annotation is no such type',
      change: ({ service }) => {
        list(service, 'rdma/ib');
        service.spec.predictor.model.resources = { requests: { 'rdma/ib': '2' }, limits: { 'rdma/ib': '2' } };
      },
      expect: null,
    },
    {
      name: 'nothing is said where no plan can be made',
      change: (world) => {
        world.outcome = { status: 'missing', name: 'rt' };
        head(world.service, 'nvidia.com/gpu', '1');
      },
      expect: null,
    },
  ],
};
