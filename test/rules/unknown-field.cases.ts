import type { Loose, RuleCases, World } from './cases.ts';

const RIGHT = 'spec.predictor.workerSpec';

const model = (service: Loose): Loose => service.spec.predictor.model;
const worker = (service: Loose): Loose => service.spec.predictor.workerSpec.containers[0];

export const cases: RuleCases = {
  rule: 'unknown-field',
  service: [
    ...['tensorParalelSize', 'tensor_parallel_size', 'TensorParallelSize', 'tensorParallel'].map((name) => ({
      name: `${name} of workerSpec is refused`,
      change: ({ service }: World) => (service.spec.predictor.workerSpec[name] = 8),
      expect: { severity: 'deny' as const, field: `${RIGHT}.${name}`, says: /reads tensorParallelSize/ },
    })),
    {
      name: 'a pipeline size written otherwise is refused',
      change: ({ service }) => (service.spec.predictor.workerSpec.pipelineParalellSize = 2),
      expect: { severity: 'deny', field: `${RIGHT}.pipelineParalellSize`, says: /pipelineParallelSize/ },
    },
    ...(
      [
        [
          'a predictor that is a list',
          (spec) => (spec.predictor = [spec.predictor]),
          'spec.predictor',
          /is a list/,
        ],
        ['a predictor that is a text', (spec) => (spec.predictor = 'model'), 'spec.predictor', /is "model"/],
        ['no predictor', (spec) => delete spec.predictor, 'spec.predictor', /there is no spec\.predictor/],
        [
          'a predictor of null',
          (spec) => (spec.predictor = null),
          'spec.predictor',
          /there is no spec\.predictor/,
        ],
      ] as readonly [string, (spec: Loose) => void, string, RegExp][]
    ).map(([what, change, field, says]) => ({
      name: `${what} is refused`,
      change: ({ service }: World) => change(service.spec),
      expect: { severity: 'deny' as const, field, says },
    })),
    {
      name: 'a spec that is a list is refused',
      change: ({ service }) => (service.spec = [service.spec]),
      expect: {
        severity: 'deny',
        field: 'spec',
        says: /spec is a list/,
        fix: /^write a map, as in spec: \{predictor: /,
      },
    },
    {
      name: 'no spec is refused',
      change: ({ service }) => delete service.spec,
      expect: { severity: 'deny', field: 'spec.predictor', fix: /^write predictor: \{model: / },
    },
    {
      name: 'a predictor under another name is refused',
      change: ({ service: { spec } }) => {
        spec.predictors = spec.predictor;
        delete spec.predictor;
      },
      expect: {
        severity: 'deny',
        field: 'spec.predictors',
        fix: /^rename "predictors" to predictor$/,
      },
    },
    ...(
      [
        ['spec.transformer', ({ spec }) => (spec.transformer = {})],
        ['spec.predictor.podSpec', ({ spec }) => (spec.predictor.podSpec = {})],
        ['spec.predictor.model.resources', ({ spec }) => spec.predictor.model.resources],
        ['spec.predictor.model.modelFormat', ({ spec }) => spec.predictor.model.modelFormat],
        ['spec.predictor.containers[0]', ({ spec }) => (spec.predictor.containers = [{ name: 'log' }])[0]],
        ['metadata', ({ metadata }) => metadata],
        [
          'spec.predictor.huggingface',
          ({ spec: { predictor } }) => {
            predictor.huggingface = { storageUri: predictor.model.storageUri };
            delete predictor.model;
            return predictor.huggingface;
          },
        ],
      ] as readonly [string, (service: Loose) => Loose][]
    ).map(([place, placeIn]) => ({
      name: `a workerSpec in ${place} is refused`,
      change: ({ service }: World) => {
        const { workerSpec } = service.spec.predictor;
        delete service.spec.predictor.workerSpec;
        placeIn(service).workerSpec = workerSpec;
      },
      expect: {
        severity: 'deny' as const,
        field: `${place}.workerSpec`,
        fix: /^write spec\.predictor\.workerSpec$/,
      },
    })),
    {
      name: 'a workerSpec in a canary predictor is left to the rule canary',
      change: ({ service: { spec } }) => {
        spec.canary = [{ predictor: { workerSpec: spec.predictor.workerSpec } }];
        delete spec.predictor.workerSpec;
      },
      expect: null,
    },
    {
      name: 'a node label called workerSpec is none',
      change: ({ service: { spec } }) => {
        delete spec.predictor.workerSpec;
        spec.predictor.nodeSelector = { workerSpec: 'yes' };
      },
      expect: null,
    },
    {
      name: 'nobody looks for a workerSpec in a large object without end',
      change: ({ service: { spec } }) => {
        spec.predictor.many = Array.from({ length: 5_000 }, () => ({}));
        spec.predictor.deep = { a: { b: { c: { d: { e: { f: { g: { workerSpec: {} } } } } } } } };
        delete spec.predictor.workerSpec;
      },
      expect: null,
    },
    {
      name: 'a size in the worker container is refused',
      change: ({ service }) => (service.spec.predictor.workerSpec.containers[0].tensorParallelSize = 8),
      expect: {
        severity: 'deny',
        field: `${RIGHT}.containers[0].tensorParallelSize`,
        says: /reads spec\.predictor\.workerSpec\.tensorParallelSize/,
      },
    },
    {
      name: 'a size among the resources of the worker container is refused',
      change: ({ service }) =>
        (service.spec.predictor.workerSpec.containers[0].resources.pipelineParallelSize = 2),
      expect: { severity: 'deny', field: `${RIGHT}.containers[0].resources.pipelineParallelSize` },
    },
    {
      name: 'a size under metadata is refused',
      change: ({ service }) => (service.metadata.tensorParallelSize = 8),
      expect: { severity: 'deny', field: 'metadata.tensorParallelSize' },
    },
    {
      name: 'storageURI of the model is refused',
      change: ({ service }) => (service.spec.predictor.model.storageURI = 'pvc://models/llama'),
      expect: { severity: 'deny', field: 'spec.predictor.model.storageURI', says: /reads storageUri/ },
    },
    {
      name: 'a name that YAML reads as a number is refused',
      change: ({ service }) => (service.metadata.name = 123),
      expect: {
        severity: 'deny',
        field: 'metadata.name',
        says: /is 123, and the API server takes text only/,
      },
    },
    {
      name: 'the singular of containers is refused',
      change: ({ service: { spec } }) => {
        const { containers, ...rest } = spec.predictor.workerSpec;
        spec.predictor.workerSpec = { ...rest, container: containers };
      },
      expect: { severity: 'deny', field: `${RIGHT}.container`, says: /containers/ },
    },
    {
      name: 'the runtime of a shorthand is refused',
      change: ({ service: { spec } }) => {
        spec.predictor.huggingface = { storageUri: 'pvc://models/llama', runtime: 'rt' };
        delete spec.predictor.model;
      },
      expect: {
        severity: 'deny',
        field: 'spec.predictor.huggingface.runtime',
        says: /KServe takes a runtime of its own choice/,
        fix: /^write model: \{modelFormat: \{name: huggingface\}, runtime: \.\.\.\} in place of huggingface/,
      },
    },
    {
      name: 'a workerSpec of the model is refused',
      change: ({ service }) => (service.spec.predictor.model.workerSpec = {}),
      expect: {
        severity: 'deny',
        field: 'spec.predictor.model.workerSpec',
        says: /spec\.predictor\.workerSpec/,
      },
    },
    {
      name: 'a workerSpec beside the predictor is refused',
      change: ({ service }) => (service.spec.workerSpec = {}),
      expect: { severity: 'deny', field: 'spec.workerSpec' },
    },
    {
      name: 'a workerSpec beside spec is refused',
      change: ({ service }) => (service.workerSpec = {}),
      expect: { severity: 'deny', field: 'workerSpec' },
    },
    {
      name: 'a workerspec in small letters is refused',
      change: ({ service: { spec } }) => {
        spec.predictor.workerspec = spec.predictor.workerSpec;
        delete spec.predictor.workerSpec;
      },
      expect: { severity: 'deny', field: 'spec.predictor.workerspec', says: /spec\.predictor\.workerSpec/ },
    },
    {
      name: 'what a pod may have passes',
      change: ({ service }) =>
        Object.assign(service.spec.predictor.workerSpec, {
          initContainers: [],
          tolerations: [],
          serviceAccountName: 'x',
        }),
      expect: null,
    },
    { name: 'the sizes under their names pass', change: () => {}, expect: null },
    {
      name: 'a misspelt kind is refused',
      change: ({ service }) => (service.kind = 'InferenceServce'),
      expect: { severity: 'deny', field: 'kind', says: /^KServe has no kind "InferenceServce"$/ },
    },
    {
      name: 'a missing kind is refused',
      change: ({ service }) => delete service.kind,
      expect: { severity: 'deny', field: 'kind', says: /^kind is missing$/ },
    },
    {
      name: 'the group of another project is refused',
      change: ({ service }) => (service.apiVersion = 'serving.knative.dev/v1'),
      expect: {
        severity: 'deny',
        field: 'apiVersion',
        says: /^KServe has no InferenceService in "serving\.knative\.dev\/v1"$/,
      },
    },
    {
      name: 'a service without a name is refused',
      change: ({ service }) => delete service.metadata.name,
      expect: { severity: 'deny', field: 'metadata.name', says: /^the object has no name/ },
    },
    {
      name: 'a generateName is enough',
      change: ({ service }) => {
        delete service.metadata.name;
        service.metadata.generateName = 'llm-';
      },
      expect: null,
    },
    {
      name: 'args in one text are refused',
      change: ({ service }) => (model(service).args = '--max-model-len 4096 --dtype bfloat16'),
      expect: {
        severity: 'deny',
        field: 'spec.predictor.model.args',
        says: /^args is "--max-model-len 4096 --dtype bfloat16", and the API server takes a list only$/,
      },
    },
    {
      name: 'numbers and maps among the arguments are refused',
      change: ({ service }) => (model(service).args = ['--port', 8080, { a: 'b' }]),
      expect: [
        { severity: 'deny', field: 'spec.predictor.model.args[1]', says: /^args\[1\] is 8080/ },
        { severity: 'deny', field: 'spec.predictor.model.args[2]', says: /\{"a":"b"\}/ },
      ],
    },
    {
      name: 'a command of the worker in one text is refused',
      change: ({ service }) => (worker(service).command = 'sleep'),
      expect: { severity: 'deny', field: `${RIGHT}.containers[0].command` },
    },
    {
      name: 'env as a map is refused',
      change: ({ service }) => (model(service).env = { NCCL_DEBUG: 'INFO' }),
      expect: { severity: 'deny', field: 'spec.predictor.model.env', says: /^env is a map/ },
    },
    {
      name: 'a value of env that YAML reads as a number is refused',
      change: ({ service }) => (worker(service).env = [{ name: 'OMP_NUM_THREADS', value: 8 }]),
      expect: {
        severity: 'deny',
        field: `${RIGHT}.containers[0].env[0].value`,
        says: /^env\[0\]\.value is 8/,
      },
    },
    {
      name: 'resources in one text are refused',
      change: ({ service }) => (model(service).resources = '8'),
      expect: { severity: 'deny', field: 'spec.predictor.model.resources', says: /takes a map only/ },
    },
    {
      name: 'requests as a list are refused',
      change: ({ service }) => (worker(service).resources.requests = ['nvidia.com/gpu']),
      expect: { severity: 'deny', field: `${RIGHT}.containers[0].resources.requests`, says: /is a list/ },
    },
    {
      name: 'a workerSpec that is a list is refused',
      change: ({ service }) => (service.spec.predictor.workerSpec = []),
      expect: { severity: 'deny', field: RIGHT, says: /^workerSpec is a list/ },
    },
    {
      name: 'a runtime that YAML reads as a number is refused',
      change: ({ service }) => (model(service).runtime = 8),
      expect: { severity: 'deny', field: 'spec.predictor.model.runtime', says: /^runtime is 8/ },
    },
    {
      name: 'request and limit in the singular are refused',
      change: ({ service }) => {
        const { requests, limits } = worker(service).resources;
        worker(service).resources = { request: requests, limit: limits };
      },
      expect: [
        { severity: 'deny', field: `${RIGHT}.containers[0].resources.request`, says: /reads requests;/ },
        { severity: 'deny', field: `${RIGHT}.containers[0].resources.limit`, says: /reads limits;/ },
      ],
    },
    {
      name: 'requests beside resources are refused',
      change: ({ service }) => (model(service).requests = { 'nvidia.com/gpu': '8' }),
      expect: {
        severity: 'deny',
        field: 'spec.predictor.model.requests',
        fix: /^write resources\.requests$/,
      },
    },
    {
      name: 'a number of pods in workerSpec is refused: KServe has no such field',
      change: ({ service }) => Object.assign(service.spec.predictor.workerSpec, { replicas: 2, size: 3 }),
      expect: [
        { severity: 'deny', field: `${RIGHT}.replicas`, says: /KServe computes the number of pods/ },
        { severity: 'deny', field: `${RIGHT}.size`, says: /KServe computes the number of pods/ },
      ],
    },
    {
      name: 'lists of texts pass',
      change: ({ service }) => {
        Object.assign(model(service), { args: ['--port', '8080'], command: ['vllm'], env: [{ name: 'A' }] });
        worker(service).env = [{ name: 'A', value: '8' }];
      },
      expect: null,
    },
  ],
  runtime: [
    {
      name: 'the version of a service is refused for a runtime',
      change: ({ runtime }) => (runtime.apiVersion = 'serving.kserve.io/v1beta1'),
      expect: {
        severity: 'deny',
        field: 'apiVersion',
        says: /^KServe has no ServingRuntime in "serving\.kserve\.io\/v1beta1"$/,
        fix: /^write apiVersion: serving\.kserve\.io\/v1alpha1$/,
      },
    },
    {
      name: 'a misspelt kind of a runtime is refused',
      change: ({ runtime }) => (runtime.kind = 'ClusterServingRuntme'),
      expect: { severity: 'deny', field: 'kind', fix: /^write kind: ClusterServingRuntime$/ },
    },
    {
      name: 'a workerspec of a runtime in small letters is refused',
      change: ({ runtime: { spec } }) => {
        spec.workerspec = spec.workerSpec;
        delete spec.workerSpec;
      },
      expect: { severity: 'deny', field: 'spec.workerspec', fix: /^write spec\.workerSpec$/ },
    },
    {
      name: 'sizes of a runtime in another place, or written otherwise, are refused',
      change: ({ runtime: { spec } }) => {
        spec.tensorParallelSize = 8;
        spec.workerSpec.pipeline_parallel_size = 2;
      },
      expect: [
        { severity: 'deny', field: 'spec.tensorParallelSize' },
        { severity: 'deny', field: 'spec.workerSpec.pipeline_parallel_size' },
      ],
    },
    {
      name: 'args of a runtime in one text are refused',
      change: ({ runtime: { spec } }) => (spec.workerSpec.containers[0].args = '--block'),
      expect: { severity: 'deny', field: 'spec.workerSpec.containers[0].args' },
    },
    { name: 'a runtime as KServe reads it passes', change: () => {}, expect: null },
  ],
};
