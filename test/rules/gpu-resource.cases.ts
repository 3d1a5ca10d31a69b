import type { Loose, RuleCases, World } from './cases.ts';

const HEAD = 'spec.predictor.model.resources';
const WORKER = 'spec.predictor.workerSpec.containers[0].resources';
const RUNTIME_HEAD = 'spec.containers[0].resources';
const RUNTIME_WORKER = 'spec.workerSpec.containers[0].resources';
const ANNOTATION = 'serving.kserve.io/gpu-resource-types';
const LISTED = `metadata.annotations[${ANNOTATION}]`;
const NVIDIA = 'nvidia.com/gpu';
const MIG = 'nvidia.com/mig-1g.5gb';

const both = (name: string, quantity: unknown): Loose => ({
  requests: { [name]: quantity },
  limits: { [name]: quantity },
});
const add = (container: Loose, name: string, quantity: string): void => {
  for (const part of ['requests', 'limits']) container.resources[part][name] = quantity;
};
const listOf = (count: number): string =>
  JSON.stringify(Array.from({ length: count }, (_, index) => `example.com/gpu-${index}`));
const model = (service: Loose): Loose => service.spec.predictor.model;
const workerSpec = (service: Loose): Loose => service.spec.predictor.workerSpec;

export const cases: RuleCases = {
  rule: 'gpu-resource',
  service: [
    {
      name: 'an unknown name in the head is refused',
      change: ({ service }) => (model(service).resources.requests['nvidia.com/gpus'] = '8'),
      expect: {
        severity: 'deny',
        field: `${HEAD}.requests[nvidia.com/gpus]`,
        says: /no resource "nvidia\.com\/gpus"/,
      },
    },
    ...(
      [
        ['nvidia/gpu', 'nvidia.com/gpu'],
        ['gpu', 'nvidia.com/gpu'],
        ['memry', 'memory'],
        ['amd.com/gpus', 'amd.com/gpu'],
      ] as const
    ).map(([given, meant]) => ({
      name: `${given} is a slip for ${meant}`,
      change: ({ service }: World) => (model(service).resources = both(given, '8')),
      expect: {
        severity: 'deny' as const,
        field: `${HEAD}.requests[${given}]`,
        says: /KServe knows no resource/,
        fix: new RegExp(`^write ${meant} in place of "${given}"$`),
      },
    })),
    {
      name: 'a type of its own that begins as a known one does is no slip',
      change: ({ service }) => (model(service).resources = both('nvidia.com/gpu.shared', '8')),
      expect: {
        severity: 'deny',
        field: `${HEAD}.requests[nvidia.com/gpu.shared]`,
        fix: /add the annotation serving\.kserve\.io\/gpu-resource-types: '\["nvidia\.com\/gpu\.shared"\]'$/,
      },
    },
    {
      name: 'an unknown name in the limits of a worker is refused',
      change: ({ service }) => (workerSpec(service).containers[0].resources.limits[MIG] = '1'),
      expect: {
        severity: 'deny',
        field: `${WORKER}.limits[${MIG}]`,
        fix: /^add the annotation .*, and have the type added to customGPUResourceTypeList of the ConfigMap/,
      },
    },
    {
      name: 'an unknown name in a second worker container is refused too',
      change: ({ service }) =>
        workerSpec(service).containers.push({ name: 'other', resources: { requests: { 'foo.com/bar': 1 } } }),
      expect: {
        severity: 'deny',
        field: 'spec.predictor.workerSpec.containers[1].resources.requests[foo.com/bar]',
      },
    },
    {
      name: 'a name in requests and limits is told once',
      change: ({ service }) => (model(service).resources = both('foo.com/bar', '1')),
      expect: { severity: 'deny', field: `${HEAD}.requests[foo.com/bar]` },
    },
    {
      name: 'the four standard names pass',
      change: ({ service }) =>
        Object.assign(model(service).resources.requests, {
          cpu: '16',
          memory: '1.5Ti',
          storage: '1Gi',
          'ephemeral-storage': '1Gi',
        }),
      expect: null,
    },
    {
      name: 'a name of the annotation passes',
      change: ({ service }) => {
        service.metadata.annotations[ANNOTATION] = `["${MIG}"]`;
        model(service).resources = both(MIG, '1');
      },
      expect: null,
    },
    {
      name: "a name of KServe's ConfigMap passes",
      change: ({ service, kserve }) => {
        kserve.customGpuTypes = [MIG];
        model(service).resources = both(MIG, '1');
      },
      expect: null,
    },
    {
      name: 'an annotation that is no JSON is refused',
      change: ({ service }) => (service.metadata.annotations[ANNOTATION] = 'nvidia.com/mig-1g.5gb'),
      expect: { severity: 'deny', field: LISTED, says: /"nvidia\.com\/mig-1g\.5gb" is not a JSON array/ },
    },
    {
      name: 'an annotation with an empty string is refused',
      change: ({ service }) => (service.metadata.annotations[ANNOTATION] = '[""]'),
      expect: { severity: 'deny', field: LISTED },
    },
    {
      name: 'an annotation with a number in the list is refused',
      change: ({ service }) => (service.metadata.annotations[ANNOTATION] = '["nvidia.com/mig-1g.5gb", 3]'),
      expect: { severity: 'deny', field: LISTED },
    },
    {
      name: 'an annotation with an object is refused',
      change: ({ service }) => (service.metadata.annotations[ANNOTATION] = '{}'),
      expect: { severity: 'deny', field: LISTED },
    },
    {
      name: 'an annotation with an empty list is refused, as by KServe',
      change: ({ service }) => (service.metadata.annotations[ANNOTATION] = '[]'),
      expect: { severity: 'deny', field: LISTED, says: /at least one/ },
    },
    {
      name: 'an empty annotation of service and predictor passes, since KServe takes it as absent',
      change: ({ service }) => {
        service.metadata.annotations[ANNOTATION] = '';
        service.spec.predictor.annotations = { [ANNOTATION]: '' };
      },
      expect: null,
    },
    {
      name: 'an annotation of spaces is refused, as by KServe',
      change: ({ service }) => (service.metadata.annotations[ANNOTATION] = ' '),
      expect: { severity: 'deny', field: LISTED },
    },
    {
      name: 'a list of the runtime for its head that is none is refused, naming the runtime',
      change: ({ runtime }) => (runtime.spec.annotations = { [ANNOTATION]: 'x' }),
      expect: {
        severity: 'deny',
        field: `spec.annotations[${ANNOTATION}]`,
        says: /^"x" is not a JSON array .* \(ServingRuntime "rt"\), and KServe then deploys nothing$/,
        fix: /^have it corrected, or list the types of this service in its own annotation/,
      },
    },
    {
      name: 'a list of the runtime for its workers that is none is refused',
      change: ({ runtime }) => (runtime.spec.workerSpec.annotations = { [ANNOTATION]: '[]' }),
      expect: { severity: 'deny', field: `spec.workerSpec.annotations[${ANNOTATION}]` },
    },
    {
      name: 'lists of the runtime that are none pass where the service has a list of its own, an empty one too',
      change: ({ service, runtime }) => {
        runtime.spec.annotations = { [ANNOTATION]: 'x' };
        runtime.spec.workerSpec.annotations = { [ANNOTATION]: 'x' };
        service.metadata.annotations[ANNOTATION] = '';
      },
      expect: null,
    },
    {
      name: 'a network resource beside a type that the runtime alone lists passes',
      change: ({ service, runtime }) => {
        runtime.spec.annotations = { [ANNOTATION]: `["${MIG}", "rdma/ib"]` };
        runtime.spec.containers[0].resources = {
          requests: { [MIG]: '1', 'rdma/ib': '1' },
          limits: { [MIG]: '1', 'rdma/ib': '1' },
        };
        delete model(service).resources;
      },
      expect: null,
    },
    {
      name: 'an annotation of 256 types is read',
      change: ({ service }) => (service.metadata.annotations[ANNOTATION] = listOf(256)),
      expect: null,
    },
    {
      name: 'an annotation of 257 types is refused unread',
      change: ({ service }) => (service.metadata.annotations[ANNOTATION] = listOf(257)),
      expect: { severity: 'deny', field: LISTED, says: /more than 256 entries or 65536 characters/ },
    },
    {
      name: 'an annotation of more than 64 KiB is refused unread',
      change: ({ service }) => (service.metadata.annotations[ANNOTATION] = '['.repeat(64 * 1024 + 1)),
      expect: { severity: 'deny', field: LISTED, says: /more than 256 entries or 65536 characters/ },
    },
    {
      name: 'an annotation that can not be read calls no other name unknown',
      change: ({ service }) => {
        service.metadata.annotations[ANNOTATION] = MIG;
        model(service).resources = both(MIG, '1');
      },
      expect: { severity: 'deny', field: LISTED },
    },
    {
      name: "a listed type without a domain, as in the guide's own list, is admitted with a warning",
      change: ({ service }) => (service.metadata.annotations[ANNOTATION] = `["${MIG}", "gpu-type3"]`),
      expect: { severity: 'warn', field: LISTED, says: /"gpu-type3" has no domain/ },
    },
    {
      name: 'listed huge pages, which have no domain, pass',
      change: ({ service }) => {
        service.metadata.annotations[ANNOTATION] = '["hugepages-2Mi"]';
        add(model(service), 'hugepages-2Mi', '1Gi');
      },
      expect: null,
    },
    {
      name: 'a fraction of a GPU is refused, once for requests and limits',
      change: ({ service }) => (model(service).resources = both(NVIDIA, '1.5')),
      expect: { severity: 'deny', field: `${HEAD}.requests[${NVIDIA}]`, says: /is "1\.5", not a positive/ },
    },
    {
      name: 'a negative count is refused',
      change: ({ service }) => (workerSpec(service).containers[0].resources = both(NVIDIA, '-1')),
      expect: { severity: 'deny', field: `${WORKER}.requests[${NVIDIA}]`, says: /"-1"/ },
    },
    {
      name: 'a word is refused',
      change: ({ service }) => (model(service).resources.limits[NVIDIA] = 'all'),
      expect: { severity: 'deny', field: `${HEAD}.limits[${NVIDIA}]`, says: /"all"/ },
    },
    {
      name: 'a list is refused',
      change: ({ service }) => (model(service).resources.limits[NVIDIA] = [8]),
      expect: { severity: 'deny', field: `${HEAD}.limits[${NVIDIA}]`, says: /is \[8\],/ },
    },
    {
      name: '"8000m" and a number, as Kubernetes reads them, pass',
      change: ({ service }) => {
        model(service).resources = { requests: { [NVIDIA]: '8000m' }, limits: { [NVIDIA]: 8 } };
      },
      expect: null,
    },
    {
      name: 'a count of the runtime that can not be read is refused, naming the runtime',
      change: ({ service, runtime }) => {
        delete model(service).resources;
        runtime.spec.containers[0].resources = both(NVIDIA, '0.5');
      },
      expect: {
        severity: 'deny',
        field: `${RUNTIME_HEAD}.requests[${NVIDIA}]`,
        says: /of the ServingRuntime "rt" is "0\.5"/,
      },
    },
    {
      name: 'a count of the runtime that the service overrides passes',
      change: ({ runtime }) => (runtime.spec.containers[0].resources = both(NVIDIA, '0.5')),
      expect: null,
    },
    {
      name: 'a zero counts as unset and draws a warning',
      change: ({ service }) => (model(service).resources = both(NVIDIA, '0')),
      expect: { severity: 'warn', field: `${HEAD}.requests[${NVIDIA}]`, says: /is "0", which KServe takes/ },
    },
    {
      name: 'of requests and limits that differ KServe takes the request',
      change: ({ service }) => (model(service).resources.limits[NVIDIA] = '4'),
      expect: {
        severity: 'warn',
        field: `${HEAD}.requests[${NVIDIA}]`,
        says: /request "8" and limit "4" differ, and KServe takes the request/,
      },
    },
    {
      name: 'a zero request beside a limit is a difference',
      change: ({ service }) => (model(service).resources.requests[NVIDIA] = '0'),
      expect: { severity: 'warn', field: `${HEAD}.requests[${NVIDIA}]`, says: /differ/ },
    },
    {
      name: 'a network resource with a request and no limit is refused, as by the API server',
      change: ({ service }) => {
        service.metadata.annotations[ANNOTATION] = '["rdma/ib"]';
        model(service).resources.requests['rdma/ib'] = '1';
      },
      expect: { severity: 'deny', field: `${HEAD}.requests[rdma/ib]`, says: /has a request and no limit/ },
    },
    {
      name: 'a type of the runtime that KServe does not write, with another limit than request, is refused',
      change: ({ service, runtime }) => {
        runtime.spec.containers[0].resources = { requests: { [MIG]: '1' }, limits: { [MIG]: '3' } };
        model(service).resources.requests[NVIDIA] = '8';
      },
      expect: {
        severity: 'deny',
        field: `${RUNTIME_HEAD}.requests[${MIG}]`,
        says: /request "1" and limit "3" differ/,
      },
    },
    {
      name: 'limits alone pass',
      change: ({ service }) => delete model(service).resources.requests,
      expect: null,
    },
    {
      name: 'requests and limits of cpu may differ',
      change: ({ service }) => {
        model(service).resources.requests.cpu = '1';
        model(service).resources.limits.cpu = '2';
      },
      expect: null,
    },
    {
      name: "a network resource that is not listed is refused, as by KServe's validator",
      change: ({ service }) => add(model(service), 'rdma/ib', '1'),
      expect: { severity: 'deny', field: `${HEAD}.requests[rdma/ib]`, says: /"rdma\/ib" is no GPU/ },
    },
    {
      name: 'a listed network resource beside GPUs passes',
      change: ({ service }) => {
        service.metadata.annotations[ANNOTATION] = '["vpc.amazonaws.com/efa"]';
        add(model(service), 'vpc.amazonaws.com/efa', '1');
      },
      expect: null,
    },
    {
      name: 'a listed network resource without GPUs beside it is refused',
      change: ({ service }) => {
        service.metadata.annotations[ANNOTATION] = '["rdma/ib"]';
        workerSpec(service).containers[0].resources = both('rdma/ib', '1');
      },
      expect: { severity: 'deny', field: `${WORKER}.requests[rdma/ib]`, says: /without a GPU request/ },
    },
    {
      name: 'a zero beside a network resource is no GPU request',
      change: ({ service }) => {
        service.metadata.annotations[ANNOTATION] = '["rdma/ib"]';
        workerSpec(service).containers[0].resources = {
          requests: { 'rdma/ib': '1', [NVIDIA]: '0' },
          limits: { 'rdma/ib': '1' },
        };
      },
      expect: [
        { severity: 'warn', field: `${WORKER}.requests[${NVIDIA}]` },
        { severity: 'deny', field: `${WORKER}.requests[${NVIDIA}]`, says: /has a request and no limit/ },
        { severity: 'deny', field: `${WORKER}.requests[rdma/ib]` },
      ],
    },
    {
      name: 'an unlisted network resource without GPUs is told both',
      change: ({ service }) => (workerSpec(service).containers[0].resources = both('rdma/ib', '1')),
      expect: [
        { severity: 'deny', field: `${WORKER}.requests[rdma/ib]`, says: /listed/ },
        { severity: 'deny', field: `${WORKER}.requests[rdma/ib]`, says: /without a GPU request/ },
      ],
    },
    {
      name: "a network resource that KServe's ConfigMap lists needs no annotation",
      change: ({ service, kserve }) => {
        kserve.customGpuTypes = ['rdma/ib'];
        add(model(service), 'rdma/ib', '1');
      },
      expect: null,
    },
    {
      name: "a network resource of the runtime without anybody's GPUs beside it is refused",
      change: ({ service, runtime }) => {
        delete workerSpec(service).containers;
        runtime.spec.workerSpec.containers[0].resources = both('rdma/ib', '1');
      },
      expect: {
        severity: 'deny',
        field: `${RUNTIME_WORKER}.requests[rdma/ib]`,
        says: /without a GPU request/,
      },
    },
    {
      name: 'a network resource of the runtime beside the GPUs of the service passes',
      change: ({ runtime }) => (runtime.spec.workerSpec.containers[0].resources = both('rdma/ib', '1')),
      expect: null,
    },
    {
      name: 'a network resource of a service on an unknown runtime may have its GPUs there',
      change: (world) => {
        world.outcome = { status: 'missing', name: 'rt' };
        world.service.metadata.annotations[ANNOTATION] = '["rdma/ib"]';
        model(world.service).resources = both('rdma/ib', '1');
      },
      expect: null,
    },
    {
      name: 'an annotation of the predictor that is no list is refused',
      change: ({ service }) => (service.spec.predictor.annotations = { [ANNOTATION]: 'not json' }),
      expect: {
        severity: 'deny',
        field: `spec.predictor.annotations[${ANNOTATION}]`,
        says: /not a JSON array/,
      },
    },
    {
      name: 'a network resource beside the GPUs of the runtime passes',
      change: ({ service, runtime }) => {
        service.metadata.annotations[ANNOTATION] = '["rdma/ib"]';
        workerSpec(service).containers[0].resources = both('rdma/ib', '1');
        runtime.spec.workerSpec.containers[0].resources = both(NVIDIA, '8');
      },
      expect: null,
    },
    {
      name: 'an entry of notGpus without / or - at its end is a whole name',
      change: ({ service }) => (model(service).resources.requests['vpc.amazonaws.com/efa2'] = '1'),
      expect: { severity: 'deny', field: `${HEAD}.requests[vpc.amazonaws.com/efa2]` },
    },
    {
      name: 'names that the configuration adds are network resources',
      change: ({ service, settings }) => {
        settings.notGpus = ['example.com/fabric'];
        service.metadata.annotations[ANNOTATION] = '["example.com/fabric"]';
        add(model(service), 'example.com/fabric', '1');
      },
      expect: null,
    },
    {
      name: 'GPUs of the whole worker pod are refused, naming the right field',
      change: ({ service }) => (workerSpec(service).resources = both(NVIDIA, '8')),
      expect: {
        severity: 'deny',
        field: `spec.predictor.workerSpec.resources.requests[${NVIDIA}]`,
        says: /whole pod \(workerSpec\)/,
      },
    },
    {
      name: 'GPUs in the limits of the whole head pod are refused',
      change: ({ service }) => (service.spec.predictor.resources = { limits: { 'amd.com/gpu': '8' } }),
      expect: {
        severity: 'deny',
        field: 'spec.predictor.resources.limits[amd.com/gpu]',
        says: /whole pod \(predictor\)/,
      },
    },
    {
      name: 'cpu of the whole pod passes',
      change: ({ service }) => (workerSpec(service).resources = both('cpu', '8')),
      expect: null,
    },
    {
      name: 'GPUs of a sidecar draw a warning',
      change: ({ service }) =>
        (service.spec.predictor.containers = [{ name: 'proxy', resources: both(NVIDIA, '1') }]),
      expect: {
        severity: 'warn',
        field: `spec.predictor.containers[0].resources.requests[${NVIDIA}]`,
        says: /of a sidecar/,
      },
    },
    {
      name: 'GPUs of init containers draw a warning',
      change: ({ service }) => {
        service.spec.predictor.initContainers = [{ name: 'a', resources: both(NVIDIA, '1') }];
        workerSpec(service).initContainers = [{ name: 'b', resources: { limits: { [NVIDIA]: '1' } } }];
      },
      expect: [
        { severity: 'warn', field: `spec.predictor.initContainers[0].resources.requests[${NVIDIA}]` },
        {
          severity: 'warn',
          field: `spec.predictor.workerSpec.initContainers[0].resources.limits[${NVIDIA}]`,
        },
      ],
    },
    {
      name: 'GPUs of a second worker container draw a warning',
      change: ({ service }) =>
        workerSpec(service).containers.push({ name: 'other', resources: both(NVIDIA, '1') }),
      expect: {
        severity: 'warn',
        field: `spec.predictor.workerSpec.containers[1].resources.requests[${NVIDIA}]`,
        says: /further worker container/,
      },
    },
    {
      name: 'a sidecar with cpu, or with a zero, passes',
      change: ({ service }) =>
        (service.spec.predictor.containers = [
          { name: 'a', resources: { requests: { cpu: 1, [NVIDIA]: 0 } } },
        ]),
      expect: null,
    },
    {
      name: 'GPUs of another vendor are noted once',
      change: ({ service }) => {
        model(service).resources = both('amd.com/gpu', '8');
        workerSpec(service).containers[0].resources = both('amd.com/gpu', '8');
      },
      expect: { severity: 'note', field: `${HEAD}.requests[amd.com/gpu]`, says: /NCCL/ },
    },
    {
      name: 'another type of nvidia.com is not noted',
      change: ({ service }) => {
        service.metadata.annotations[ANNOTATION] = `["${MIG}"]`;
        workerSpec(service).containers[0].resources = both(MIG, '8');
      },
      expect: null,
    },
    {
      name: 'names and counts of any length and content are shown escaped and cut',
      change: ({ service, runtime }) => {
        const long = `\u202e${'x'.repeat(300)}/y`;
        runtime.kind = 'ClusterServingRuntime';
        service.metadata.annotations[ANNOTATION] = JSON.stringify([long]);
        model(service).resources.requests[long] = '1\n'.repeat(300);
        runtime.spec.containers[0].resources = both('amd.com/gpu', '0\u0007'.repeat(60));
      },
      expect: [
        {
          severity: 'deny',
          field: `${HEAD}.requests[\u202e${'x'.repeat(300)}/y]`,
          says: /u\{202e\}x+\.\.\. is "1/,
        },
        { severity: 'deny', field: `${RUNTIME_HEAD}.requests[amd.com/gpu]` },
        { severity: 'note', field: `${HEAD}.requests[\u202e${'x'.repeat(300)}/y]` },
      ],
    },
    {
      name: 'a single-node service is not looked at',
      change: ({ service }) => {
        delete service.spec.predictor.workerSpec;
        model(service).resources = both('foo.com/bar', '1');
      },
      expect: null,
    },
    {
      name: 'resources of another type than an object are left to the schema',
      change: ({ service }) => (model(service).resources = ['x']),
      expect: null,
    },
  ],
  runtime: [
    {
      name: 'a name that spec.annotations of the runtime lists passes',
      change: ({ runtime }) => {
        runtime.spec.annotations = { [ANNOTATION]: JSON.stringify([MIG]) };
        runtime.spec.containers[0].resources = both(MIG, '1');
      },
      expect: null,
    },
    {
      name: 'a list in spec.annotations that is none is refused, as by KServe',
      change: ({ runtime }) => (runtime.spec.annotations = { [ANNOTATION]: 'x' }),
      expect: {
        severity: 'deny',
        field: `spec.annotations[${ANNOTATION}]`,
        says: /^"x" is not a JSON array/,
      },
    },
    {
      name: 'a list in the annotations of workerSpec that is none draws a warning, since services may hide it',
      change: ({ runtime }) => (runtime.spec.workerSpec.annotations = { [ANNOTATION]: 'x' }),
      expect: { severity: 'warn', field: `spec.workerSpec.annotations[${ANNOTATION}]` },
    },
    {
      name: 'an empty text in either place passes',
      change: ({ runtime }) => {
        runtime.spec.annotations = { [ANNOTATION]: '' };
        runtime.spec.workerSpec.annotations = { [ANNOTATION]: '' };
      },
      expect: null,
    },
    {
      name: 'a list that is none passes in a runtime that is disabled, as with KServe',
      change: ({ runtime }) => {
        runtime.spec.disabled = true;
        runtime.spec.annotations = { [ANNOTATION]: 'x' };
      },
      expect: null,
    },
    {
      name: 'an unknown name in kserve-container is refused',
      change: ({ runtime }) => (runtime.spec.containers[0].resources = both('foo.com/bar', '1')),
      expect: { severity: 'deny', field: `${RUNTIME_HEAD}.requests[foo.com/bar]` },
    },
    {
      name: 'an unknown name in worker-container is refused',
      change: ({ runtime }) => (runtime.spec.workerSpec.containers[0].resources = both(MIG, '1')),
      expect: { severity: 'deny', field: `${RUNTIME_WORKER}.requests[${MIG}]` },
    },
    {
      name: 'the annotation of services does nothing on a runtime',
      change: ({ runtime }) => {
        runtime.metadata.annotations = { [ANNOTATION]: `["${MIG}"]` };
        runtime.spec.containers[0].resources = both(MIG, '1');
      },
      expect: { severity: 'deny', field: `${RUNTIME_HEAD}.requests[${MIG}]` },
    },
    {
      name: "a type of KServe's ConfigMap passes",
      change: ({ runtime, kserve }) => {
        kserve.customGpuTypes = [MIG];
        runtime.spec.containers[0].resources = both(MIG, '1');
      },
      expect: null,
    },
    {
      name: 'a fraction of a GPU is refused',
      change: ({ runtime }) => (runtime.spec.workerSpec.containers[0].resources = both(NVIDIA, '0.5')),
      expect: { severity: 'deny', field: `${RUNTIME_WORKER}.requests[${NVIDIA}]` },
    },
    {
      name: 'of requests and limits that differ KServe takes the request',
      change: ({ runtime }) =>
        (runtime.spec.containers[0].resources = { requests: { [NVIDIA]: '1' }, limits: { [NVIDIA]: '2' } }),
      expect: { severity: 'warn', field: `${RUNTIME_HEAD}.requests[${NVIDIA}]` },
    },
    {
      name: 'a network resource that is listed passes: its GPUs may come from the services',
      change: ({ runtime }) => {
        runtime.spec.annotations = { [ANNOTATION]: '["rdma/ib"]' };
        runtime.spec.workerSpec.containers[0].resources = both('rdma/ib', '1');
      },
      expect: null,
    },
    {
      name: 'a network resource that is not listed is refused',
      change: ({ runtime }) => (runtime.spec.workerSpec.containers[0].resources = both('rdma/ib', '1')),
      expect: { severity: 'deny', field: `${RUNTIME_WORKER}.requests[rdma/ib]`, says: /listed/ },
    },
    {
      name: 'GPUs of a sidecar draw a warning',
      change: ({ runtime }) => runtime.spec.containers.push({ name: 'proxy', resources: both(NVIDIA, '1') }),
      expect: { severity: 'warn', field: `spec.containers[1].resources.requests[${NVIDIA}]` },
    },
    {
      name: 'whole GPUs pass',
      change: ({ runtime }) => {
        runtime.spec.containers[0].resources = both(NVIDIA, '1');
        runtime.spec.workerSpec.containers[0].resources = both(NVIDIA, '1');
      },
      expect: null,
    },
    {
      name: 'a runtime without workerSpec may ask for anything',
      change: ({ runtime }) => {
        delete runtime.spec.workerSpec;
        runtime.spec.containers[0].resources = both('foo.com/bar', '1');
      },
      expect: null,
    },
  ],
};
