import { readRuntime } from '../../src/kserve/runtime.ts';
import type { RuleCases } from './cases.ts';

const FIELD = 'spec.predictor.model.runtime';

export const cases: RuleCases = {
  rule: 'runtime',
  service: [
    {
      name: 'a model format that is a text says nothing of runtimes as well',
      change: ({ service }) => (service.spec.predictor.model.modelFormat = 'huggingface'),
      expect: { severity: 'deny', field: 'spec.predictor.model.modelFormat' },
    },
    {
      name: 'a runtime without containers is refused',
      change: ({ runtime }) => (runtime.spec.containers = []),
      expect: { severity: 'deny', field: 'spec.predictor.model.runtime', says: /has no containers/ },
    },
    {
      name: 'a runtime without kserve-container is refused',
      change: ({ runtime }) => (runtime.spec.containers[0].name = 'server'),
      expect: {
        severity: 'deny',
        field: 'spec.predictor.model.runtime',
        says: /no container named kserve-container/,
      },
    },
    {
      name: 'a custom predictor with workerSpec is refused, as it has no model',
      change: ({ service }) => {
        delete service.spec.predictor.model;
        service.spec.predictor.containers = [{ name: 'kserve-container', image: 'x' }];
      },
      expect: { severity: 'deny', field: 'spec.predictor.containers', says: /without a model/ },
    },
    {
      name: 'a model and a shorthand are one too many',
      change: ({ service }) => (service.spec.predictor.sklearn = { storageUri: 'pvc://x' }),
      expect: {
        severity: 'deny',
        field: 'spec.predictor.sklearn',
        says: /spec\.predictor\.model and spec\.predictor\.sklearn are both set/,
      },
    },
    {
      name: 'a shorthand of null beside a model is not given',
      change: ({ service }) => (service.spec.predictor.sklearn = null),
      expect: null,
    },
    {
      name: 'a named runtime that does not exist is refused',
      change: (world) => (world.service.spec.predictor.model.runtime = 'other'),
      expect: { severity: 'deny', field: FIELD, says: /"other" exists neither/ },
    },
    {
      name: 'an empty name of a runtime is refused: KServe looks for it',
      change: ({ service }) => (service.spec.predictor.model.runtime = ''),
      expect: {
        severity: 'deny',
        field: FIELD,
        says: /^the name of the runtime is empty/,
        fix: /or remove spec\.predictor\.model\.runtime, so that KServe selects one$/,
      },
    },
    {
      name: 'an empty version of the format is refused: KServe looks for it',
      change: ({ service }) => (service.spec.predictor.model.modelFormat.version = ''),
      expect: {
        severity: 'deny',
        field: 'spec.predictor.model.modelFormat.version',
        fix: /^remove spec\.predictor\.model\.modelFormat\.version$/,
      },
    },
    {
      name: 'an empty version is refused where KServe selects the runtime as well',
      change: ({ service }) => {
        service.spec.predictor.model.modelFormat.version = '';
        delete service.spec.predictor.model.runtime;
      },
      expect: { severity: 'deny', field: 'spec.predictor.model.modelFormat.version' },
    },
    {
      name: 'of another format the version is not what is wrong',
      change: ({ service }) => (service.spec.predictor.model.modelFormat = { name: 'onnx', version: '' }),
      expect: { severity: 'deny', field: FIELD, says: /does not support the model format "onnx" version ""/ },
    },
    {
      name: 'a runtime of that version passes',
      change: ({ service, runtime }) => {
        service.spec.predictor.model.modelFormat.version = '';
        runtime.spec.supportedModelFormats[0].version = '';
      },
      expect: null,
    },
    {
      name: 'an empty protocol is supported by every named runtime',
      change: ({ service, runtime }) => {
        service.spec.predictor.model.protocolVersion = '';
        runtime.spec.protocolVersions = ['grpc-v2'];
      },
      expect: null,
    },
    {
      name: 'an empty protocol is no v1: KServe selects a runtime with v2 only',
      change: ({ service, runtime }) => {
        service.spec.predictor.model.protocolVersion = '';
        delete service.spec.predictor.model.runtime;
        runtime.spec.protocolVersions = ['v2'];
      },
      expect: { severity: 'warn', field: FIELD, says: /KServe selects ServingRuntime "rt"/ },
    },
    {
      name: 'a named runtime that exists passes',
      change: () => {},
      expect: null,
    },
    {
      name: 'a disabled runtime is refused',
      change: (world) => (world.runtime.spec.disabled = true),
      expect: { severity: 'deny', field: FIELD, says: /is disabled/ },
    },
    {
      name: 'a runtime that says disabled: false passes',
      change: (world) => (world.runtime.spec.disabled = false),
      expect: null,
    },
    {
      name: 'a runtime for another format is refused',
      change: (world) => (world.runtime.spec.supportedModelFormats[0].name = 'onnx'),
      expect: { severity: 'deny', field: FIELD, says: /does not support the model format "huggingface"/ },
    },
    {
      name: 'a runtime for another version of the format is refused',
      change: (world) => (world.service.spec.predictor.model.modelFormat.version = '2'),
      expect: { severity: 'deny', field: FIELD, says: /"huggingface" version "2"/ },
    },
    {
      name: 'a named runtime need not select the format automatically',
      change: (world) => delete world.runtime.spec.supportedModelFormats[0].autoSelect,
      expect: null,
    },
    {
      name: 'a protocol that the runtime lacks is refused where the service states it',
      change: (world) => (world.service.spec.predictor.model.protocolVersion = 'grpc-v2'),
      expect: { severity: 'deny', field: FIELD, says: /does not support the protocol "grpc-v2"/ },
    },
    {
      name: 'a runtime without protocols supports every one',
      change: (world) => {
        world.service.spec.predictor.model.protocolVersion = 'grpc-v2';
        delete world.runtime.spec.protocolVersions;
      },
      expect: null,
    },
    {
      name: 'a runtime without workerSpec is refused',
      change: (world) => delete world.runtime.spec.workerSpec,
      expect: { severity: 'deny', field: FIELD, says: /has no workerSpec/ },
    },
    {
      name: "KServe's own runtime without workerSpec is not advised in its own place",
      change: (world) => {
        delete world.runtime.spec.workerSpec;
        world.runtime.metadata.name = 'kserve-huggingfaceserver-multinode';
        world.service.spec.predictor.model.runtime = 'kserve-huggingfaceserver-multinode';
      },
      expect: {
        severity: 'deny',
        field: FIELD,
        fix: /^write a workerSpec into ServingRuntime "kserve-huggingfaceserver-multinode"/,
      },
    },
    {
      name: 'a runtime whose workerSpec has no container of the right name is refused',
      change: (world) => (world.runtime.spec.workerSpec.containers = []),
      expect: { severity: 'deny', field: FIELD, says: /no container named worker-container/ },
    },
    {
      name: 'where no runtime is named, the one that KServe selects is told',
      change: (world) => delete world.service.spec.predictor.model.runtime,
      expect: { severity: 'warn', field: FIELD, says: /selects ServingRuntime "rt"/ },
    },
    {
      name: 'where no runtime is named and none selects the format, the candidates and reasons are told',
      change: (world) => {
        delete world.service.spec.predictor.model.runtime;
        delete world.runtime.spec.supportedModelFormats[0].autoSelect;
      },
      expect: { severity: 'deny', field: FIELD, says: /"rt" supports the format, but without autoSelect/ },
    },
    {
      name: 'where no runtime is named and the multi-node one is a multi-model one, it is refused',
      change: (world) => {
        delete world.service.spec.predictor.model.runtime;
        world.runtime.spec.multiModel = true;
      },
      expect: { severity: 'deny', field: FIELD, says: /multi-model/ },
    },
    {
      name: 'where there is no multi-node runtime at all, that is said',
      change: (world) => {
        delete world.service.spec.predictor.model.runtime;
        delete world.runtime.spec.workerSpec;
      },
      expect: { severity: 'deny', field: FIELD, says: /there is no multi-node runtime/ },
    },
    {
      name: 'a plan on the built-in runtime says so',
      change: (world) => {
        const runtime = { ...world.runtime, metadata: { name: 'built-in' } };
        world.outcome = { status: 'found', how: 'assumed', runtime: readRuntime(runtime) };
      },
      expect: { severity: 'warn', field: FIELD, says: /built-in "built-in"/ },
    },
    {
      name: 'Triton as a format is refused',
      change: (world) => (world.service.spec.predictor.model.modelFormat.name = 'triton'),
      expect: { severity: 'deny', field: 'spec.predictor.model', says: /Triton/ },
    },
    {
      name: 'Triton as a shorthand is refused',
      change: (world) => {
        world.service.spec.predictor.triton = world.service.spec.predictor.model;
        delete world.service.spec.predictor.model;
      },
      expect: { severity: 'deny', field: 'spec.predictor.triton', says: /Triton/ },
    },
    {
      name: 'the shorthand huggingface can name no runtime, and KServe selects one',
      change: (world) => {
        const { runtime: _named, ...rest } = world.service.spec.predictor.model;
        world.service.spec.predictor.huggingface = rest;
        delete world.service.spec.predictor.model;
        world.runtime.spec.protocolVersions = ['v2'];
      },
      expect: {
        severity: 'warn',
        field: 'spec.predictor.huggingface.runtime',
        fix: /^write model: \{modelFormat: \{name: huggingface\}, runtime: rt, \.\.\.\} in place of huggingface$/,
      },
    },
    {
      name: 'containers beside a model are sidecars and pass',
      change: (world) => (world.service.spec.predictor.containers = [{ name: 'sidecar', image: 'x' }]),
      expect: null,
    },
    {
      name: 'a runtime that could not be read is not called missing',
      change: (world) =>
        (world.outcome = { status: 'unavailable', name: 'rt', cause: 'time-out', notHeld: null }),
      expect: null,
    },
    {
      name: 'a runtime that is too large to be read is warned of',
      change: (world) =>
        (world.outcome = {
          status: 'unavailable',
          name: 'rt',
          cause: 'it is too large',
          notHeld: 'too-large',
        }),
      expect: {
        severity: 'warn',
        field: 'spec.predictor.model.runtime',
        says: /runtime "rt" is too large to be read/,
      },
    },
    {
      name: 'a service that names no runtime is warned where the namespace has too many of them',
      change: (world) => {
        delete world.service.spec.predictor.model.runtime;
        world.outcome = { status: 'unavailable', name: null, cause: 'too many', notHeld: 'too-many' };
      },
      expect: {
        severity: 'warn',
        field: 'spec.predictor.model.runtime',
        says: /this namespace has too many to know which one KServe selects/,
      },
    },
  ],
  runtime: [
    {
      name: 'a multi-node runtime without kserve-container is warned of',
      change: ({ runtime }) => (runtime.spec.containers[0].name = 'vllm'),
      expect: {
        severity: 'warn',
        field: 'spec.containers',
        says: /^no container is named kserve-container, so KServe has nothing to make the head of/,
      },
    },
    {
      name: 'a runtime for one node may call its container as it likes, as far as multi-node goes',
      change: ({ runtime }) => {
        runtime.spec.containers[0].name = 'vllm';
        delete runtime.spec.workerSpec;
      },
      expect: null,
    },
    {
      name: 'taking workerSpec out of a runtime is refused',
      change: (world) => {
        world.previousRuntime = structuredClone(world.runtime);
        delete world.runtime.spec.workerSpec;
      },
      expect: { severity: 'deny', field: 'spec.workerSpec' },
    },
    {
      name: 'a runtime that never had a workerSpec passes',
      change: (world) => {
        delete world.runtime.spec.workerSpec;
        world.previousRuntime = structuredClone(world.runtime);
      },
      expect: null,
    },
  ],
};
