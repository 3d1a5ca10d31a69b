import type { RuleCases, World } from './cases.ts';

const RIGHT = 'spec.predictor.workerSpec';

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
  ],
};
