import type { RuleCases } from './cases.ts';

const TP = { name: 'TENSOR_PARALLEL_SIZE', value: '8' };
const PP = { name: 'PIPELINE_PARALLEL_SIZE', value: '2' };
const FROM = { name: 'TENSOR_PARALLEL_SIZE', valueFrom: { configMapKeyRef: { name: 'sizes', key: 'tp' } } };

export const cases: RuleCases = {
  rule: 'parallel-size-env',
  service: [
    {
      name: 'a size as a number is refused, too',
      change: ({ service }) =>
        (service.spec.predictor.model.env = [{ name: 'TENSOR_PARALLEL_SIZE', value: 2 }]),
      expect: {
        severity: 'deny',
        field: 'spec.predictor.model.env[0]',
        says: /^TENSOR_PARALLEL_SIZE is set as env with a value that is no text, but/,
      },
    },
    {
      name: 'TENSOR_PARALLEL_SIZE as env of the model is refused, and the fix names the field and the number',
      change: ({ service }) => (service.spec.predictor.model.env = [{ name: 'A', value: '1' }, TP]),
      expect: {
        severity: 'deny',
        field: 'spec.predictor.model.env[1]',
        says: /TENSOR_PARALLEL_SIZE .* "8"/,
      },
    },
    {
      name: 'PIPELINE_PARALLEL_SIZE as env of the model is refused',
      change: ({ service }) => (service.spec.predictor.model.env = [PP]),
      expect: { severity: 'deny', field: 'spec.predictor.model.env[0]', says: /pipelineParallelSize/ },
    },
    {
      name: 'a size from a ConfigMap is refused as well',
      change: ({ service }) => (service.spec.predictor.model.env = [FROM]),
      expect: { severity: 'deny', field: 'spec.predictor.model.env[0]', says: /valueFrom/ },
    },
    {
      name: 'a name in lower case is another variable and passes',
      change: ({ service }) =>
        (service.spec.predictor.model.env = [{ name: 'tensor_parallel_size', value: '8' }]),
      expect: null,
    },
    {
      name: 'a size in a framework shorthand that KServe has not rewritten is refused',
      change: ({ service }) => {
        const { model } = service.spec.predictor;
        delete service.spec.predictor.model;
        service.spec.predictor.huggingface = { ...model, modelFormat: undefined, env: [TP] };
      },
      expect: { severity: 'deny', field: 'spec.predictor.huggingface.env[0]' },
    },
    {
      name: 'a size in a sidecar of the predictor is refused',
      change: ({ service }) => (service.spec.predictor.containers = [{ name: 'side', env: [TP] }]),
      expect: { severity: 'deny', field: 'spec.predictor.containers[0].env[0]' },
    },
    {
      name: 'a size in an init container of the predictor is refused',
      change: ({ service }) => (service.spec.predictor.initContainers = [{ name: 'init', env: [TP] }]),
      expect: { severity: 'deny', field: 'spec.predictor.initContainers[0].env[0]' },
    },
    {
      name: 'a size in the worker container is refused',
      change: ({ service }) => (service.spec.predictor.workerSpec.containers[0].env = [PP]),
      expect: { severity: 'deny', field: 'spec.predictor.workerSpec.containers[0].env[0]' },
    },
    {
      name: 'a size in an init container of the worker is refused',
      change: ({ service }) =>
        (service.spec.predictor.workerSpec.initContainers = [{ name: 'i', env: [TP] }]),
      expect: { severity: 'deny', field: 'spec.predictor.workerSpec.initContainers[0].env[0]' },
    },
    {
      name: "a size in the runtime's head is refused, naming the runtime",
      change: ({ runtime }) => (runtime.spec.containers[0].env = [TP]),
      expect: { severity: 'deny', field: 'spec.containers[0].env[0]', says: /ServingRuntime "rt"/ },
    },
    {
      name: "a size in the runtime's worker is refused",
      change: ({ runtime }) => (runtime.spec.workerSpec.containers[0].env = [TP]),
      expect: {
        severity: 'deny',
        field: 'spec.workerSpec.containers[0].env[0]',
        says: /ServingRuntime "rt"/,
      },
    },
    {
      name: 'other env in every place passes',
      change: ({ service, runtime }) => {
        const env = [{ name: 'NCCL_DEBUG', value: 'INFO' }];
        service.spec.predictor.model.env = env;
        service.spec.predictor.workerSpec.containers[0].env = env;
        runtime.spec.containers[0].env = env;
      },
      expect: null,
    },
    {
      name: 'env of a service without workerSpec is left alone',
      change: ({ service }) => {
        service.spec.predictor.model.env = [TP];
        delete service.spec.predictor.workerSpec;
      },
      expect: null,
    },
    {
      name: 'envFrom of the model is noted, since its keys are not seen',
      change: ({ service }) => (service.spec.predictor.model.envFrom = [{ configMapRef: { name: 'x' } }]),
      expect: { severity: 'note', field: 'spec.predictor.model.envFrom' },
    },
    {
      name: 'envFrom of the worker is noted',
      change: ({ service }) =>
        (service.spec.predictor.workerSpec.containers[0].envFrom = [{ secretRef: { name: 'x' } }]),
      expect: { severity: 'note', field: 'spec.predictor.workerSpec.containers[0].envFrom' },
    },
    {
      name: 'an empty envFrom brings nothing',
      change: ({ service }) => (service.spec.predictor.model.envFrom = []),
      expect: null,
    },
  ],
  runtime: [
    {
      name: 'a runtime whose head sets a size is refused',
      change: ({ runtime }) => (runtime.spec.containers[0].env = [FROM]),
      expect: { severity: 'deny', field: 'spec.containers[0].env[0]' },
    },
    {
      name: 'a runtime whose worker sets a size is refused',
      change: ({ runtime }) => (runtime.spec.workerSpec.containers[0].env = [PP]),
      expect: { severity: 'deny', field: 'spec.workerSpec.containers[0].env[0]' },
    },
    {
      name: 'a runtime whose init container sets a size is refused',
      change: ({ runtime }) => (runtime.spec.initContainers = [{ name: 'init', env: [TP] }]),
      expect: { severity: 'deny', field: 'spec.initContainers[0].env[0]' },
    },
    {
      name: 'a runtime for one node may set a size, and take any from envFrom',
      change: ({ runtime }) => {
        delete runtime.spec.workerSpec;
        Object.assign(runtime.spec.containers[0], { env: [TP], envFrom: [{ configMapRef: { name: 'x' } }] });
      },
      expect: null,
    },
    {
      name: 'a runtime that reads the size from a variable in a script passes',
      change: ({ runtime }) =>
        (runtime.spec.containers[0].args = ['--tensor-parallel-size=$(TENSOR_PARALLEL_SIZE)']),
      expect: null,
    },
    {
      name: 'envFrom of a runtime is noted',
      change: ({ runtime }) => (runtime.spec.containers[0].envFrom = [{ configMapRef: { name: 'x' } }]),
      expect: { severity: 'note', field: 'spec.containers[0].envFrom' },
    },
  ],
};
