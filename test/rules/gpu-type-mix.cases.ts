import type { Loose, RuleCases, World } from './cases.ts';

const HEAD = 'spec.predictor.model.resources';
const WORKER = 'spec.predictor.workerSpec.containers[0].resources';
const RUNTIME_HEAD = 'spec.containers[0].resources';
const RUNTIME_WORKER = 'spec.workerSpec.containers[0].resources';

const MIG = 'nvidia.com/mig-1g.5gb';
const ANNOTATION = 'serving.kserve.io/gpu-resource-types';
const LIST = { [ANNOTATION]: JSON.stringify([MIG]) };

const gpus = (counts: Record<string, string>): Loose => ({ requests: { ...counts }, limits: { ...counts } });
const head = (service: Loose, counts: Record<string, string>): void => {
  service.spec.predictor.model.resources = gpus(counts);
};
const worker = (service: Loose, counts: Record<string, string>): void => {
  service.spec.predictor.workerSpec.containers[0].resources = gpus(counts);
};
const runtimeHead = (runtime: Loose, counts: Record<string, string>): void => {
  runtime.spec.containers[0].resources = gpus(counts);
};
const runtimeWorker = (runtime: Loose, counts: Record<string, string>): void => {
  runtime.spec.workerSpec.containers[0].resources = gpus(counts);
};

/** A service that leaves its GPUs to the runtime: one slice in each pod. */
const slicesOfRuntime = ({ service, runtime }: World): void => {
  const { model, workerSpec } = service.spec.predictor;
  delete model.resources;
  delete workerSpec.containers;
  Object.assign(workerSpec, { tensorParallelSize: 1, pipelineParallelSize: 2 });
  runtimeHead(runtime, { [MIG]: '1' });
  runtimeWorker(runtime, { [MIG]: '1' });
};

export const cases: RuleCases = {
  rule: 'gpu-type-mix',
  service: [
    {
      name: 'two types in the head are refused',
      change: ({ service }) => head(service, { 'nvidia.com/gpu': '8', 'amd.com/gpu': '8' }),
      expect: {
        severity: 'deny',
        field: `${HEAD}.requests[amd.com/gpu]`,
        says: /head names nvidia\.com\/gpu and amd\.com\/gpu;.*at random/,
      },
    },
    {
      name: 'two types in the worker are refused',
      change: ({ service }) => worker(service, { 'nvidia.com/gpu': '8', 'intel.com/gpu': '8' }),
      expect: { severity: 'deny', field: `${WORKER}.requests[intel.com/gpu]`, says: /the worker names/ },
    },
    {
      name: 'two types in both are refused in both, and not once more for the pair',
      change: ({ service }) => {
        head(service, { 'nvidia.com/gpu': '8', 'amd.com/gpu': '8' });
        worker(service, { 'nvidia.com/gpu': '8', 'amd.com/gpu': '8' });
      },
      expect: [
        { severity: 'deny', field: `${HEAD}.requests[amd.com/gpu]` },
        { severity: 'deny', field: `${WORKER}.requests[amd.com/gpu]` },
      ],
    },
    {
      name: 'a zero counts as a type, since KServe may take it for the count',
      change: ({ service }) => head(service, { 'nvidia.com/gpu': '8', 'amd.com/gpu': '0' }),
      expect: { severity: 'deny', field: `${HEAD}.requests[amd.com/gpu]` },
    },
    {
      name: 'a second type in the limits alone is refused',
      change: ({ service }) => (service.spec.predictor.model.resources.limits['amd.com/gpu'] = '1'),
      expect: {
        severity: 'deny',
        field: `${HEAD}.limits[amd.com/gpu]`,
        says: /sets the count of one of them only/,
      },
    },
    {
      name: 'the type of the runtime beside that of the service is refused, naming the runtime',
      change: ({ service, runtime }) => {
        runtimeWorker(runtime, { 'nvidia.com/gpu': '1' });
        head(service, { 'amd.com/gpu': '8' });
        worker(service, { 'amd.com/gpu': '8' });
      },
      expect: {
        severity: 'deny',
        field: `${WORKER}.requests[amd.com/gpu]`,
        says: /nvidia\.com\/gpu \(from the ServingRuntime "rt"\) and amd\.com\/gpu;/,
      },
    },
    {
      name: 'what headcount copied from the runtime is still the type of the runtime',
      change: (world) => {
        runtimeWorker(world.runtime, { 'nvidia.com/gpu': '1' });
        head(world.service, { 'amd.com/gpu': '8' });
        worker(world.service, { 'amd.com/gpu': '8' });
        world.declared = structuredClone(world.service);
        worker(world.service, { 'amd.com/gpu': '8', 'nvidia.com/gpu': '1' });
      },
      expect: {
        severity: 'deny',
        field: `${WORKER}.requests[amd.com/gpu]`,
        says: /nvidia\.com\/gpu \(from the ServingRuntime "rt"\) and amd\.com\/gpu;/,
      },
    },
    {
      name: 'two types of the runtime alone are refused where they would be overridden',
      change: ({ service, runtime }) => {
        runtimeHead(runtime, { 'nvidia.com/gpu': '8', 'amd.com/gpu': '8' });
        delete service.spec.predictor.model.resources;
      },
      expect: { severity: 'deny', field: HEAD, says: /nvidia\.com\/gpu \(from .*amd\.com\/gpu \(from / },
    },
    {
      name: 'the same type in service and runtime passes',
      change: ({ runtime }) => {
        runtimeHead(runtime, { 'nvidia.com/gpu': '1' });
        runtimeWorker(runtime, { 'nvidia.com/gpu': '1' });
      },
      expect: null,
    },
    {
      name: 'two types in a head that stays alone are refused, also where each of them gives the same plan',
      change: ({ service }) => {
        service.spec.predictor.workerSpec.pipelineParallelSize = 1;
        head(service, { 'nvidia.com/gpu': '8', 'amd.com/gpu': '8' });
      },
      expect: { severity: 'deny', field: `${HEAD}.requests[amd.com/gpu]` },
    },
    {
      name: 'two types in head and worker pass where the head stays alone',
      change: ({ service }) => {
        service.spec.predictor.workerSpec.pipelineParallelSize = 1;
        head(service, { 'nvidia.com/gpu': '8' });
        worker(service, { 'amd.com/gpu': '8' });
      },
      expect: null,
    },
    {
      name: 'two types in a head that stays alone with only one of them are refused',
      change: ({ service }) => {
        service.spec.predictor.workerSpec.pipelineParallelSize = 1;
        delete service.spec.predictor.workerSpec.containers;
        head(service, { 'nvidia.com/gpu': '8', 'amd.com/gpu': '4' });
      },
      expect: { severity: 'deny', field: `${HEAD}.requests[amd.com/gpu]` },
    },
    {
      name: 'head and worker of two types are refused',
      change: ({ service }) => worker(service, { 'amd.com/gpu': '8' }),
      expect: {
        severity: 'deny',
        field: `${WORKER}.requests[amd.com/gpu]`,
        says: /head asks for nvidia\.com\/gpu, the worker for amd\.com\/gpu/,
      },
    },
    {
      name: 'a worker whose type comes from the runtime is refused at the head, naming the runtime',
      change: ({ service, runtime }) => {
        runtimeWorker(runtime, { 'amd.com/gpu': '8' });
        delete service.spec.predictor.workerSpec.containers;
      },
      expect: {
        severity: 'deny',
        field: `${HEAD}.requests[nvidia.com/gpu]`,
        says: /worker for amd\.com\/gpu \(from the ServingRuntime "rt"\)/,
      },
    },
    {
      name: 'two types that both come from the runtime are refused at the resources of the worker',
      change: ({ service, runtime }) => {
        runtimeHead(runtime, { 'nvidia.com/gpu': '8' });
        runtimeWorker(runtime, { 'amd.com/gpu': '8' });
        delete service.spec.predictor.model.resources;
        delete service.spec.predictor.workerSpec.containers;
      },
      expect: { severity: 'deny', field: WORKER, says: /"rt"\), the worker .*"rt"\)/ },
    },
    {
      name: 'head and worker of two types pass where no worker is started',
      change: ({ service }) => {
        service.spec.predictor.workerSpec.pipelineParallelSize = 1;
        worker(service, { 'amd.com/gpu': '8' });
      },
      expect: null,
    },
    {
      name: 'a worker without GPUs beside a head of another vendor gets nvidia.com/gpu and is refused',
      change: ({ service }) => {
        head(service, { 'intel.com/gpu': '8' });
        delete service.spec.predictor.workerSpec.containers;
      },
      expect: {
        severity: 'deny',
        field: WORKER,
        says: /head asks for intel\.com\/gpu and the worker gives no GPU count, where KServe writes nvidia\.com\/gpu/,
      },
    },
    {
      name: 'a worker with a zero gets nvidia.com/gpu too',
      change: ({ service }) => {
        head(service, { 'intel.com/gpu': '8' });
        worker(service, { 'intel.com/gpu': '0' });
      },
      expect: { severity: 'deny', field: WORKER, says: /gives no GPU count/ },
    },
    {
      name: 'a zero of another vendor, beside which KServe writes nvidia.com/gpu, is refused',
      change: ({ service }) => {
        head(service, { 'habana.ai/gaudi': '0' });
        worker(service, { 'nvidia.com/gpu': '8' });
      },
      expect: {
        severity: 'deny',
        field: `${HEAD}.requests[habana.ai/gaudi]`,
        says: /the head names habana\.ai\/gaudi with a count of 0, beside which KServe writes nvidia\.com\/gpu/,
        fix: /^take habana\.ai\/gaudi out of requests and limits$/,
      },
    },
    {
      name: "a zero of another vendor in the runtime's worker is refused, though there are no workers",
      change: ({ service, runtime }) => {
        service.spec.predictor.workerSpec = { tensorParallelSize: 1 };
        head(service, { 'nvidia.com/gpu': '1' });
        runtimeWorker(runtime, { 'amd.com/gpu': '0' });
      },
      expect: {
        severity: 'deny',
        field: WORKER,
        says: /amd\.com\/gpu \(from the ServingRuntime "rt"\) with a count of 0/,
        fix: /taken out of the ServingRuntime "rt", or name another runtime$/,
      },
    },
    {
      name: "a type that only the service's annotation lists, where the predictor's lists others, is refused",
      change: ({ service }) => {
        service.metadata.annotations['serving.kserve.io/gpu-resource-types'] = '["nvidia.com/mig-3g.40gb"]';
        service.spec.predictor.annotations = {
          'serving.kserve.io/gpu-resource-types': '["example.com/npu"]',
        };
        head(service, { 'nvidia.com/mig-3g.40gb': '1' });
        worker(service, { 'nvidia.com/gpu': '8' });
      },
      expect: {
        severity: 'deny',
        field: `${HEAD}.requests[nvidia.com/mig-3g.40gb]`,
        says: /the head names nvidia\.com\/mig-3g\.40gb, beside which KServe writes nvidia\.com\/gpu/,
      },
    },
    {
      name: 'a type that the runtime lists for head and worker passes',
      change: (world) => {
        slicesOfRuntime(world);
        world.runtime.spec.annotations = LIST;
        world.runtime.spec.workerSpec.annotations = LIST;
      },
      expect: null,
    },
    {
      name: 'a type that the runtime lists for the head alone is refused in the worker',
      change: (world) => {
        slicesOfRuntime(world);
        world.runtime.spec.annotations = LIST;
      },
      expect: {
        severity: 'deny',
        field: WORKER,
        says: /the worker asks for nvidia\.com\/mig-1g\.5gb \(from the ServingRuntime "rt"\), which the runtime lists for the head only: KServe writes nvidia/,
        fix: /^list nvidia\.com\/mig-1g\.5gb in the annotation serving\.kserve\.io\/gpu-resource-types of the service$/,
      },
    },
    {
      name: 'a type that the runtime lists for the head alone passes where no worker is started',
      change: (world) => {
        slicesOfRuntime(world);
        world.service.spec.predictor.workerSpec.pipelineParallelSize = 1;
        world.runtime.spec.annotations = LIST;
      },
      expect: null,
    },
    {
      name: 'a type that the runtime lists for the worker alone is refused in the head',
      change: (world) => {
        slicesOfRuntime(world);
        world.runtime.spec.workerSpec.annotations = LIST;
      },
      expect: { severity: 'deny', field: HEAD, says: /the head asks for .*for the worker only/ },
    },
    {
      name: 'a type that the runtime lists for the head alone passes with a list of the service',
      change: (world) => {
        slicesOfRuntime(world);
        world.runtime.spec.annotations = LIST;
        Object.assign(world.service.metadata.annotations, LIST);
      },
      expect: null,
    },
    {
      name: 'what the runtime alone lists passes beside the GPUs: it may be a network card',
      change: ({ runtime }) => {
        runtime.spec.annotations = { [ANNOTATION]: '["example.com/nic"]' };
        runtime.spec.workerSpec.annotations = { [ANNOTATION]: '["example.com/nic"]' };
        runtimeHead(runtime, { 'example.com/nic': '1' });
        runtimeWorker(runtime, { 'example.com/nic': '1' });
      },
      expect: null,
    },
    {
      name: 'what the runtime alone lists is refused in the place of the GPU, since KServe writes the count under it',
      change: ({ service, runtime }) => {
        delete service.spec.predictor.model.resources;
        runtime.spec.annotations = LIST;
        runtimeHead(runtime, { [MIG]: '1' });
      },
      expect: {
        severity: 'deny',
        field: `${WORKER}.requests[nvidia.com/gpu]`,
        says: /head asks for nvidia\.com\/mig-1g\.5gb \(from the ServingRuntime "rt"\), the worker for nvidia/,
      },
    },
    {
      name: 'a listed cpu beside the GPUs is no second type',
      change: ({ service }) => {
        service.metadata.annotations[ANNOTATION] = '["cpu", "memory"]';
        head(service, { 'nvidia.com/gpu': '8', cpu: '16', memory: '1Ti' });
        worker(service, { 'nvidia.com/gpu': '8', cpu: '16' });
      },
      expect: null,
    },
    {
      name: 'a listed cpu in the place of the GPU is refused, since KServe writes the count under it',
      change: ({ service }) => {
        service.metadata.annotations[ANNOTATION] = '["cpu"]';
        head(service, { cpu: '16' });
      },
      expect: {
        severity: 'deny',
        field: `${WORKER}.requests[nvidia.com/gpu]`,
        says: /the head asks for cpu/,
        fix: /^write nvidia\.com\/gpu: "8" into .*model\.resources$/,
      },
    },
    {
      name: 'a zero of the type that KServe writes passes',
      change: ({ service }) => {
        head(service, { 'nvidia.com/gpu': '8' });
        worker(service, { 'nvidia.com/gpu': '0' });
      },
      expect: null,
    },
    {
      name: 'a head without GPUs beside workers of another vendor is refused',
      change: ({ service }) => {
        delete service.spec.predictor.model.resources;
        worker(service, { 'amd.com/gpu': '8' });
      },
      expect: { severity: 'deny', field: HEAD, says: /worker asks for amd\.com\/gpu and the head gives no/ },
    },
    {
      name: 'a worker without GPUs beside a head of nvidia.com/gpu passes',
      change: ({ service }) => delete service.spec.predictor.workerSpec.containers,
      expect: null,
    },
    {
      name: 'one type of another vendor in both passes',
      change: ({ service }) => {
        head(service, { 'amd.com/gpu': '8' });
        worker(service, { 'amd.com/gpu': '8' });
      },
      expect: null,
    },
    {
      name: 'a type of the annotation beside nvidia.com/gpu is refused',
      change: ({ service }) => {
        service.metadata.annotations['serving.kserve.io/gpu-resource-types'] = '["nvidia.com/mig-1g.5gb"]';
        head(service, { 'nvidia.com/gpu': '8', 'nvidia.com/mig-1g.5gb': '1' });
      },
      expect: { severity: 'deny', field: `${HEAD}.requests[nvidia.com/mig-1g.5gb]` },
    },
    {
      name: 'a network resource that the annotation lists is no second type',
      change: ({ service }) => {
        service.metadata.annotations['serving.kserve.io/gpu-resource-types'] = '["rdma/ib"]';
        head(service, { 'nvidia.com/gpu': '8', 'rdma/ib': '1' });
        worker(service, { 'nvidia.com/gpu': '8', 'rdma/ib': '1' });
      },
      expect: null,
    },
    {
      name: 'a network resource in the place of the GPU is left to gpu-resource',
      change: ({ service }) => {
        service.metadata.annotations['serving.kserve.io/gpu-resource-types'] = '["rdma/ib"]';
        worker(service, { 'rdma/ib': '1' });
      },
      expect: null,
    },
    {
      name: "a network resource that KServe's ConfigMap makes it count is a second type",
      change: ({ service, kserve }) => {
        kserve.customGpuTypes = ['rdma/ib'];
        head(service, { 'nvidia.com/gpu': '8', 'rdma/ib': '1' });
      },
      expect: { severity: 'deny', field: `${HEAD}.requests[rdma/ib]`, says: /at random/ },
    },
    {
      name: 'cpu and memory are no types',
      change: ({ service }) => head(service, { 'nvidia.com/gpu': '8', cpu: '16', memory: '1Ti' }),
      expect: null,
    },
    {
      name: 'nothing is said where no plan can be made',
      change: (world) => {
        world.outcome = { status: 'missing', name: 'rt' };
        worker(world.service, { 'amd.com/gpu': '8' });
      },
      expect: null,
    },
  ],
  runtime: [
    {
      name: 'two types in kserve-container are refused',
      change: ({ runtime }) => runtimeHead(runtime, { 'nvidia.com/gpu': '1', 'amd.com/gpu': '1' }),
      expect: { severity: 'deny', field: `${RUNTIME_HEAD}.requests[amd.com/gpu]`, says: /kserve-container/ },
    },
    {
      name: 'two types in worker-container are refused, a zero among them',
      change: ({ runtime }) => runtimeWorker(runtime, { 'nvidia.com/gpu': '0', 'amd.com/gpu': '1' }),
      expect: {
        severity: 'deny',
        field: `${RUNTIME_WORKER}.requests[amd.com/gpu]`,
        says: /worker-container/,
      },
    },
    {
      name: 'another type in worker-container than in kserve-container is refused',
      change: ({ runtime }) => {
        runtimeHead(runtime, { 'nvidia.com/gpu': '1' });
        runtimeWorker(runtime, { 'amd.com/gpu': '1' });
      },
      expect: {
        severity: 'deny',
        field: `${RUNTIME_WORKER}.requests[amd.com/gpu]`,
        says: /kserve-container names nvidia\.com\/gpu, worker-container amd\.com\/gpu/,
      },
    },
    {
      name: "a type of KServe's ConfigMap beside another is refused",
      change: ({ runtime, kserve }) => {
        kserve.customGpuTypes = ['nvidia.com/mig-1g.5gb'];
        runtimeHead(runtime, { 'nvidia.com/gpu': '1', 'nvidia.com/mig-1g.5gb': '1' });
      },
      expect: { severity: 'deny', field: `${RUNTIME_HEAD}.requests[nvidia.com/mig-1g.5gb]` },
    },
    {
      name: 'the same type in both passes',
      change: ({ runtime }) => {
        runtimeHead(runtime, { 'amd.com/gpu': '1' });
        runtimeWorker(runtime, { 'amd.com/gpu': '1' });
      },
      expect: null,
    },
    {
      name: 'a type in one of the two passes, since services add the other',
      change: ({ runtime }) => runtimeHead(runtime, { 'amd.com/gpu': '1' }),
      expect: null,
    },
    {
      name: 'a runtime without workerSpec may ask for two types',
      change: ({ runtime }) => {
        runtimeHead(runtime, { 'nvidia.com/gpu': '1', 'amd.com/gpu': '1' });
        delete runtime.spec.workerSpec;
      },
      expect: null,
    },
  ],
};
