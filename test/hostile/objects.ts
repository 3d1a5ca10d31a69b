/** Objects that no schema has seen yet: an admission webhook runs before it, so every field may be anything. */
import type { Loose } from '../rules/cases.ts';
import type { ObjectRow } from './row.ts';

const predictor = (object: Loose): Loose => object.spec.predictor;
const model = (object: Loose): Loose => predictor(object).model;
const worker = (object: Loose): Loose => predictor(object).workerSpec;
const annotate = (key: string, value: unknown) => (object: Loose) =>
  (object.metadata.annotations[key] = value);
const GPU = 'nvidia.com/gpu';
const APPLIED = 'headcount.dev/applied';
const TYPES = 'serving.kserve.io/gpu-resource-types';
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';
const many = (count: number, item: (index: number) => unknown): unknown[] =>
  Array.from({ length: count }, (_, index) => item(index));
const manyResources = (prefix: string): Loose =>
  Object.fromEntries(many(16_000, (index) => [`${prefix}${index}`, '1']) as [string, string][]);
const manager = (index: number): unknown => ({
  manager: `m${index}`,
  operation: 'Apply',
  fieldsV1: { 'f:spec': {} },
});

export const OBJECTS: readonly ObjectRow[] = [
  // Shapes
  {
    what: 'metadata: null',
    change: (o) => (o.metadata = null),
    answer: 'denied 422 (unknown-field, autoscaler-class, deployment-mode)',
  },
  {
    what: 'metadata: a text',
    change: (o) => (o.metadata = 'x'),
    answer: 'denied 422 (unknown-field, autoscaler-class, deployment-mode)',
  },
  {
    what: 'annotations: a list',
    change: (o) => (o.metadata.annotations = ['a']),
    answer: 'denied 422 (autoscaler-class, deployment-mode)',
  },
  {
    what: 'annotations: a text',
    change: (o) => (o.metadata.annotations = 'a'),
    answer: 'denied 422 (autoscaler-class, deployment-mode)',
  },
  { what: 'spec: null', change: (o) => (o.spec = null), answer: 'denied 422 (unknown-field)' },
  { what: 'spec: a list', change: (o) => (o.spec = [o.spec]), answer: 'denied 422 (unknown-field)' },
  {
    what: 'predictor: a text',
    change: (o) => (o.spec.predictor = 'x'),
    answer: 'denied 422 (unknown-field)',
  },
  { what: 'model: null', change: (o) => (predictor(o).model = null), answer: 'denied 422 (runtime)' },
  {
    what: 'model: a list',
    change: (o) => (predictor(o).model = []),
    answer: 'denied 422 (unknown-field, storage-uri, runtime)',
  },
  {
    what: 'model: a number',
    change: (o) => (predictor(o).model = 5),
    answer: 'denied 422 (unknown-field, storage-uri, runtime)',
  },
  {
    what: 'workerSpec: null',
    change: (o) => (predictor(o).workerSpec = null),
    answer: 'allowed, warned (not-multi-node)',
  },
  {
    what: 'workerSpec: a list',
    change: (o) => (predictor(o).workerSpec = []),
    answer: 'denied 422 (unknown-field)',
  },
  {
    what: 'workerSpec: true',
    change: (o) => (predictor(o).workerSpec = true),
    answer: 'denied 422 (unknown-field)',
  },
  {
    what: 'workerSpec: {}',
    change: (o) => (predictor(o).workerSpec = {}),
    answer: 'allowed, patched, warned (gpu-idle)',
  },
  {
    what: 'worker containers: an object',
    change: (o) => (worker(o).containers = { 0: {} }),
    answer: 'denied 422 (worker-container)',
  },
  {
    what: 'worker containers: [null]',
    change: (o) => (worker(o).containers = [null]),
    answer: 'denied 422 (worker-container)',
  },
  {
    what: 'worker containers: a list of lists',
    change: (o) => (worker(o).containers = [[[]]]),
    answer: 'denied 422 (worker-container)',
  },
  {
    what: '16,000 worker containers',
    change: (o) => (worker(o).containers = many(16_000, () => ({}))),
    answer: 'denied 422 (worker-container)',
  },
  {
    what: 'containers beside the model: a text',
    change: (o) => (predictor(o).containers = 'x'),
    answer: 'allowed, patched',
  },
  {
    what: 'model and huggingface',
    change: (o) => (predictor(o).huggingface = { storageUri: 'pvc://other/x' }),
    answer: 'denied 422 (runtime)',
  },
  {
    what: 'ten shorthands',
    change: (o) =>
      Object.assign(
        predictor(o),
        Object.fromEntries(
          [
            'sklearn',
            'xgboost',
            'tensorflow',
            'pytorch',
            'triton',
            'onnx',
            'pmml',
            'lightgbm',
            'paddle',
            'huggingface',
          ].map((key) => [key, {}]),
        ),
        { model: undefined },
      ),
    answer: 'denied 422 (storage-uri, runtime)',
  },

  // Sizes
  {
    what: 'tensorParallelSize: "8"',
    change: (o) => (worker(o).tensorParallelSize = '8'),
    answer: 'denied 422 (parallel-size)',
  },
  {
    what: 'tensorParallelSize: 8.5',
    change: (o) => (worker(o).tensorParallelSize = 8.5),
    answer: 'denied 422 (parallel-size)',
  },
  {
    what: 'tensorParallelSize: -8',
    change: (o) => (worker(o).tensorParallelSize = -8),
    answer: 'denied 422 (parallel-size)',
  },
  {
    what: 'tensorParallelSize: 0',
    change: (o) => (worker(o).tensorParallelSize = 0),
    answer: 'denied 422 (parallel-size)',
  },
  {
    what: 'tensorParallelSize: 1e308',
    change: (o) => (worker(o).tensorParallelSize = 1e308),
    answer: 'denied 422 (parallel-size)',
  },
  {
    what: 'tensorParallelSize: 9007199254740993',
    // oxlint-disable-next-line no-loss-of-precision -- a number that a double can't hold is the case
    change: (o) => (worker(o).tensorParallelSize = 9007199254740993),
    answer: 'denied 422 (parallel-size)',
  },
  {
    what: 'pipelineParallelSize: true',
    change: (o) => (worker(o).pipelineParallelSize = true),
    answer: 'denied 422 (parallel-size)',
  },
  {
    what: 'pipelineParallelSize: []',
    change: (o) => (worker(o).pipelineParallelSize = []),
    answer: 'denied 422 (parallel-size)',
  },
  {
    what: 'pipelineParallelSize: 2147483647',
    change: (o) => (worker(o).pipelineParallelSize = 2147483647),
    answer: 'denied 422 (parallel-size)',
  },

  // Environment variables and arguments
  {
    what: 'env: an object',
    change: (o) => (model(o).env = { TENSOR_PARALLEL_SIZE: '8' }),
    answer: 'denied 422 (unknown-field)',
  },
  { what: 'env: [null, 5, []]', change: (o) => (model(o).env = [null, 5, []]), answer: 'allowed, patched' },
  {
    what: 'an env whose name is a number',
    change: (o) => (model(o).env = [{ name: 5, value: {} }]),
    answer: 'allowed, patched',
  },
  {
    what: 'an env named __PROTO__',
    change: (o) => (model(o).env = [{ name: '__PROTO__', value: 'x' }]),
    answer: 'allowed, patched',
  },
  {
    what: 'TENSOR_PARALLEL_SIZE among 16,000 env',
    change: (o) =>
      (model(o).env = [
        ...many(16_000, (index) => ({ name: `E${index}`, value: 'x' })),
        { name: 'TENSOR_PARALLEL_SIZE', value: '4' },
      ]),
    answer: 'denied 422 (parallel-size-env)',
  },
  {
    what: 'TENSOR_PARALLEL_SIZE 16,000 times',
    change: (o) => (model(o).env = many(16_000, () => ({ name: 'TENSOR_PARALLEL_SIZE', value: '4' }))),
    answer: 'denied 422 (parallel-size-env, more)',
  },
  {
    what: 'args: a text',
    change: (o) => (model(o).args = '--tensor-parallel-size=4'),
    answer: 'denied 422 (unknown-field)',
  },
  {
    what: 'args: [null, {}, 5]',
    change: (o) => (model(o).args = [null, {}, 5]),
    answer: 'denied 422 (unknown-field)',
  },
  {
    what: 'args: the flag without its value',
    change: (o) => (model(o).args = ['--tensor-parallel-size']),
    answer: 'allowed, patched, warned (vllm-args)',
  },
  {
    what: 'args: 16,000 times -tp',
    change: (o) => (model(o).args = many(16_000, () => '-tp')),
    answer: 'allowed, patched, warned (vllm-args)',
  },
  {
    what: 'args: a flag of a million digits',
    change: (o) => (model(o).args = [`--tensor-parallel-size=${'9'.repeat(1_000_000)}`]),
    answer: 'allowed, patched',
  },
  {
    what: 'a shell command of 6 MB',
    change: (o) => (model(o).command = ['bash', '-c', 'vllm serve --tp 4 '.repeat(333_333)]),
    answer: 'allowed, patched',
  },
  {
    what: 'a shell command of a million quotes',
    change: (o) => Object.assign(model(o), { command: ['bash', '-c'], args: [`'"`.repeat(500_000)] }),
    answer: 'allowed, patched',
  },

  // Resources
  {
    what: 'resources: a list',
    change: (o) => (model(o).resources = []),
    answer: 'denied 422 (unknown-field)',
  },
  {
    what: 'requests: a text',
    change: (o) => (model(o).resources = { requests: '8' }),
    answer: 'denied 422 (unknown-field)',
  },
  {
    what: 'GPUs: -1',
    change: (o) => (model(o).resources.requests[GPU] = '-1'),
    answer: 'denied 422 (gpu-resource)',
  },
  {
    what: 'GPUs: 8Gi',
    change: (o) => (model(o).resources.requests[GPU] = '8Gi'),
    answer: 'allowed, patched, warned (gpu-resource, gpu-idle)',
  },
  {
    what: 'GPUs: 0x8',
    change: (o) => (model(o).resources.requests[GPU] = '0x8'),
    answer: 'denied 422 (gpu-resource)',
  },
  {
    what: 'GPUs: a full-width 8',
    change: (o) => (model(o).resources.requests[GPU] = '\uff18'),
    answer: 'denied 422 (gpu-resource)',
  },
  {
    what: 'GPUs: 1e999999999',
    change: (o) => (model(o).resources.requests[GPU] = '1e999999999'),
    answer: 'denied 422 (gpu-resource)',
  },
  {
    what: 'GPUs: a million digits',
    change: (o) => (model(o).resources.requests[GPU] = '9'.repeat(1_000_000)),
    answer: 'denied 422 (gpu-resource)',
  },
  {
    what: 'GPUs: an object that can not be written as text',
    change: (o) => (model(o).resources.requests[GPU] = { toString: 1, valueOf: 1 }),
    answer: 'denied 422 (gpu-resource)',
  },
  {
    what: 'GPUs: an object',
    change: (o) => (model(o).resources.requests[GPU] = {}),
    answer: 'denied 422 (gpu-resource)',
  },
  {
    what: 'a resource named constructor',
    change: (o) => (model(o).resources.requests.constructor = '1'),
    answer: 'denied 422 (gpu-resource)',
  },
  {
    what: 'a resource with an escape sequence in its name',
    change: (o) => (model(o).resources.requests['\u001b[2J/gpu'] = '1'),
    answer: 'denied 422 (gpu-resource)',
  },
  {
    what: '16,000 unknown resources',
    change: (o) => (model(o).resources.requests = manyResources('x.y/')),
    answer: 'denied 422 (gpu-resource, more)',
  },

  {
    what: '16,000 network resources',
    change: (o) => (model(o).resources.requests = manyResources('rdma/')),
    answer: 'denied 422 (gpu-resource, more)',
  },

  // Names that could become paths or lines
  {
    what: 'a storage URI that climbs out of the claim',
    change: (o) => (model(o).storageUri = 'pvc://models/../../etc'),
    answer: 'allowed, patched',
  },
  {
    what: 'a claim named ..',
    change: (o) => (model(o).storageUri = 'pvc://../secrets'),
    answer: 'denied 422 (storage-uri)',
  },
  {
    what: 'a claim with a question mark',
    change: (o) => (model(o).storageUri = 'pvc://models?x=y'),
    answer: 'denied 422 (storage-uri)',
  },
  {
    what: 'storageUri: a number',
    change: (o) => (model(o).storageUri = 5),
    answer: 'denied 422 (storage-uri)',
  },
  {
    what: 'storageUri: javascript:',
    change: (o) => (model(o).storageUri = 'javascript:alert(1)'),
    answer: 'denied 422 (storage-uri)',
  },
  {
    what: 'a storage URI of a million dots',
    change: (o) => (model(o).storageUri = `pvc://${'a.'.repeat(500_000)}`),
    answer: 'denied 422 (storage-uri)',
  },
  {
    what: 'runtime: ../../../api/v1/secrets',
    change: (o) => (model(o).runtime = '../../../api/v1/secrets'),
    answer: 'denied 422 (runtime)',
  },
  {
    what: 'runtime: __proto__',
    change: (o) => (model(o).runtime = '__proto__'),
    answer: 'denied 422 (runtime)',
  },
  {
    what: 'runtime: a list',
    change: (o) => (model(o).runtime = ['rt']),
    answer: 'allowed, patched, warned (runtime)',
  },
  {
    what: 'runtime: a line break and a log line',
    change: (o) => (model(o).runtime = 'x\n{"level":60,"msg":"decided"}'),
    answer: 'denied 422 (runtime)',
  },
  {
    what: 'a name of 300 letters',
    change: (o) => (o.metadata.name = 'a'.repeat(300)),
    answer: 'denied 422 (name-length)',
  },
  {
    what: 'a name written from right to left',
    change: (o) => (o.metadata.name = '\u202emll'),
    answer: 'denied 422 (name-length)',
  },
  {
    what: 'generateName alone',
    change: (o) => Object.assign(o.metadata, { name: undefined, generateName: 'llm-' }),
    answer: 'allowed, patched',
  },

  // Annotations that are programs to somebody
  { what: 'gpu-resource-types: null', change: annotate(TYPES, 'null'), answer: 'denied 422 (gpu-resource)' },
  {
    what: 'gpu-resource-types: 100,000 brackets',
    change: annotate(TYPES, '['.repeat(100_000)),
    answer: 'denied 422 (gpu-resource)',
  },
  { what: 'gpu-resource-types: [""]', change: annotate(TYPES, '[""]'), answer: 'denied 422 (gpu-resource)' },
  { what: 'our record: not JSON', change: annotate(APPLIED, '{'), answer: 'allowed, patched' },
  {
    what: 'our record: a forged one that takes the sizes out',
    change: annotate(APPLIED, '{"v":1,"wrote":[["size","tensorParallelSize",8]],"made":[]}'),
    answer: 'allowed, patched, warned (gpu-idle)',
  },
  {
    what: 'our record: a forged one with places that are not ours',
    change: annotate(APPLIED, '{"v":1,"wrote":[["head.env","LD_PRELOAD","x"]],"made":["metadata"]}'),
    answer: 'allowed, patched',
  },
  {
    what: 'our record: __proto__ as a place',
    change: annotate(APPLIED, '{"v":1,"wrote":[["__proto__","x","y"]],"made":[]}'),
    answer: 'allowed, patched',
  },
  {
    what: 'our record: of another version',
    change: annotate(APPLIED, '{"v":99}'),
    answer: 'allowed, patched',
  },
  {
    what: 'last-applied-configuration: not JSON, beside a record',
    change: (o) =>
      Object.assign(o.metadata.annotations, {
        [LAST_APPLIED]: '{',
        [APPLIED]: '{"v":1,"wrote":[["size","tensorParallelSize",8]],"made":[]}',
      }),
    answer: 'allowed, patched, warned (gpu-idle)',
  },
  {
    what: 'managedFields: [null, 5, {}]',
    change: (o) => (o.metadata.managedFields = [null, 5, {}]),
    answer: 'allowed, patched',
  },
  {
    what: 'headcount.dev/mutation: everything',
    change: annotate('headcount.dev/mutation', 'everything'),
    answer: 'allowed, patched',
  },
  {
    what: 'deploymentMode: a number',
    change: annotate('serving.kserve.io/deploymentMode', 5),
    answer: 'denied 422 (unknown-field, deployment-mode)',
  },

  {
    what: '16,000 tolerations of the head, 16,000 others of the worker',
    change: (o) => {
      predictor(o).tolerations = many(16_000, (index) => ({ key: `head-${index}`, operator: 'Exists' }));
      worker(o).tolerations = many(16_000, (index) => ({ key: `worker-${index}`, operator: 'Exists' }));
    },
    answer: 'allowed, patched, warned (scheduling-parity, and 15986 more: headcount lint shows all)',
  },

  // Updates
  {
    what: '16,000 mistakes that the stored object has, too',
    change: (o) => (model(o).resources.requests = manyResources('x.y/')),
    stored: (o) => {
      o.metadata.labels = { changed: 'yes' };
      model(o).resources.requests = manyResources('x.y/');
      delete o.spec.predictor.workerSpec.pipelineParallelSize;
    },
    answer: 'allowed, patched, warned (gpu-resource, and 15991 more: headcount lint shows all)',
  },
  {
    what: '8,000 managers of fields',
    change: (o) => (o.metadata.managedFields = many(8_000, manager)),
    stored: (o) => {
      o.metadata.managedFields = many(8_000, manager);
      delete o.spec.predictor.workerSpec.pipelineParallelSize;
    },
    answer: 'allowed, patched, warned (rollout)',
  },
  {
    what: 'an update of an object that was a list',
    change: () => {},
    stored: () => [],
    answer: 'denied 400',
  },
  {
    what: 'an update of an object without a spec',
    change: () => {},
    stored: (o) => delete o.spec,
    answer: 'allowed, patched',
  },
  {
    what: 'an update of an object under deletion',
    change: (o) => (worker(o).tensorParallelSize = 0),
    stored: (o) => {
      o.metadata.deletionTimestamp = '2026-08-01T00:00:00Z';
      worker(o).tensorParallelSize = 0;
    },
    answer: 'allowed',
  },
  {
    what: 'a deletionTimestamp that only the client sends',
    change: (o) => {
      o.metadata.deletionTimestamp = '2026-08-01T00:00:00Z';
      worker(o).tensorParallelSize = 0;
    },
    answer: 'denied 422 (parallel-size)',
  },
  {
    what: 'generation: a text, on an update',
    change: (o) => (worker(o).pipelineParallelSize = 4),
    stored: (o) => (o.metadata.generation = 'x'),
    answer: 'allowed, patched, warned (rollout)',
  },

  // Runtimes
  {
    what: 'a runtime without a spec',
    kind: 'runtime',
    change: (o) => delete o.spec,
    phase: 'validate',
    answer: 'allowed',
  },
  {
    what: 'a runtime whose containers are null',
    kind: 'runtime',
    change: (o) => (o.spec.containers = null),
    phase: 'validate',
    answer: 'allowed, warned (runtime)',
  },
  {
    what: 'a runtime with an empty list of worker containers',
    kind: 'runtime',
    change: (o) => (o.spec.workerSpec.containers = []),
    phase: 'validate',
    answer: 'denied 422 (worker-container)',
  },
  {
    what: 'a runtime whose worker containers are a text',
    kind: 'runtime',
    change: (o) => (o.spec.workerSpec.containers = 'x'),
    phase: 'validate',
    answer: 'denied 422 (worker-container)',
  },
  {
    what: 'a runtime whose formats are [null, 5]',
    kind: 'runtime',
    change: (o) => (o.spec.supportedModelFormats = [null, 5]),
    phase: 'validate',
    answer: 'allowed',
  },
  {
    what: 'a runtime with TP -1',
    kind: 'runtime',
    change: (o) => (o.spec.workerSpec.tensorParallelSize = -1),
    phase: 'validate',
    answer: 'denied 422 (parallel-size)',
  },
];
