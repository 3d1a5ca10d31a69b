/**
 * The manifests that the tests of render and of every format of lint and plan share: the guide's, some from real use,
 * and hostile ones. The hostile ones are text, byte by byte, since a formatter would change their line ends and styles.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Manifest {
  /** The name of its file. */
  readonly name: string;
  readonly text: string;
}

const ROOT = join(import.meta.dirname, '../..');

function filesOf(folder: string, names: readonly string[]): readonly Manifest[] {
  return names.map((name) => ({ name, text: readFileSync(join(ROOT, folder, name), 'utf8') }));
}

const API = 'apiVersion: serving.kserve.io/v1beta1\nkind: InferenceService\n';
const ANNOTATIONS =
  '  annotations:\n    serving.kserve.io/deploymentMode: Standard\n    serving.kserve.io/autoscalerClass: none\n';
const MODEL = `    model:
      modelFormat:
        name: huggingface
      runtime: kserve-huggingfaceserver-multinode
      storageUri: pvc://models/llama
`;

/** @param rest what follows the model, indented below `predictor` */
function service(name: string, rest: string, annotations = '', model = MODEL): string {
  return `${API}metadata:\n  name: ${name}\n${ANNOTATIONS}${annotations}spec:\n  predictor:\n${model}${rest}`;
}

/** @param lines below `resources` of the worker container */
function worker(sizes: string, lines: string): string {
  return `    workerSpec:
${sizes}      containers:
        - name: worker-container
          resources:
${lines}`;
}

const TP8_PP2 = '      tensorParallelSize: 8\n      pipelineParallelSize: 2\n';

const SITUATIONS: Readonly<Record<string, string>> = {
  'one-gpu-pods.yaml': service('one-gpu-pods', '    workerSpec:\n      tensorParallelSize: 16\n'),
  'head-count-only.yaml': service(
    'head-count-only',
    `      resources:\n        requests:\n          nvidia.com/gpu: 8\n    workerSpec:\n${TP8_PP2}`,
  ),
  'pod-level-gpus.yaml': service(
    'pod-level-gpus',
    `    workerSpec:\n${TP8_PP2}      resources:\n        requests:\n          nvidia.com/gpu: 8\n`,
  ),
  'limits-only.yaml': service(
    'limits-only',
    worker(TP8_PP2, '            limits:\n              nvidia.com/gpu: "8"\n'),
  ),
  'intel-head.yaml': service(
    'intel-head',
    `      resources:\n        requests:\n          intel.com/gpu: 8\n    workerSpec:\n${TP8_PP2}`,
  ),
  'network-card.yaml': service(
    'network-card',
    worker(TP8_PP2, '            requests:\n              rdma/ib: 1\n              cpu: 4\n'),
  ),
  'types-not-json.yaml': service(
    'types-not-json',
    worker(TP8_PP2, '            requests:\n              nvidia.com/mig-1g.5gb: 8\n'),
    "    serving.kserve.io/gpu-resource-types: nvidia.com/mig-1g.5gb, 'x'\n",
  ),
  'two-containers.yaml': service(
    'two-containers',
    `    workerSpec:\n${TP8_PP2}      containers:\n      - name: worker\n      - name: sidecar\n        resources: {requests: {nvidia.com/gpu: 1}}\n`,
  ),
  'args-win.yaml': service(
    'args-win',
    `      args:\n        - --served-model-name=llm\n        - --tensor-parallel-size=4\n        - -dp\n        - "2"\n    workerSpec:\n${TP8_PP2}`,
  ),
  'oci.yaml': service(
    'oci',
    `    workerSpec:\n${TP8_PP2}`,
    '',
    MODEL.replace('pvc://models/llama', 'oci://registry/llama'),
  ),
  'own-runtime.yaml': `apiVersion: serving.kserve.io/v1alpha1
kind: ServingRuntime
metadata:
  name: own
spec:
  supportedModelFormats:
    - name: huggingface
  containers:
    - name: kserve-container
      image: x
      env:
        - name: TENSOR_PARALLEL_SIZE
          value: "8"
  workerSpec:
    tensorParallelSize: 0
    containers: []
---
${service('on-own-runtime', '    workerSpec: {}\n', '', MODEL.replace('kserve-huggingfaceserver-multinode', 'own'))}`,
  'no-runtime-named.yaml': service(
    'no-runtime-named',
    `    workerSpec:\n${TP8_PP2}`,
    '',
    MODEL.replace('      runtime: kserve-huggingfaceserver-multinode\n', ''),
  ),
  'no-model.yaml': service(
    'no-model',
    `    workerSpec:\n${TP8_PP2}`,
    '',
    '    containers:\n      - name: kserve-container\n        image: x\n',
  ),
  'single-node.yaml': service('single-node', ''),
  'long-name.yaml': service(
    'meta-llama-3-1-405b-instruct-fp8-production',
    `    canaryTrafficPercent: 10\n    nodeSelector: {gpu: h100, zone: a}\n    tolerations: [{key: gpu, operator: Exists}]\n    workerSpec:\n${TP8_PP2}`,
  ),
  'suppressed.yaml': service(
    'suppressed',
    `    minReplicas: 2\n    maxReplicas: 3\n    workerSpec:\n${TP8_PP2}`,
    '    headcount.dev/suppress: head-replicas, gpu-idle no-such-rule\n',
  ),
};

const MISTAKEN = service(
  'mistaken',
  `    minReplicas: 2\n      # not at the column of its neighbours\n    workerSpec:\n${TP8_PP2}`.replace(
    '      # not',
    '    # not',
  ),
  '    note: |\n      several\n\n      lines\n',
);

const JSON_SERVICE = {
  apiVersion: 'serving.kserve.io/v1beta1',
  kind: 'InferenceService',
  metadata: { name: 'json', annotations: { 'serving.kserve.io/autoscalerClass': 'hpa' } },
  spec: {
    predictor: {
      maxReplicas: 4,
      model: {
        modelFormat: { name: 'huggingface' },
        storageUri: 's3://bucket',
        env: [{ name: 'MODEL_DIR', value: '/x' }],
      },
      workerSpec: { pipelineParallelSize: '2', containers: [{ name: 'w' }] },
    },
  },
};

/** Text that could break XML, a workflow command, SARIF's placeholders and links, or a terminal. */
const NASTY = String.raw`a]]>&<b> \"q\" %0A::error:: {0} [x](http://example.com) \\ \u0007\u001b[31m\u202e\u2028 \ud800`;

const HOSTILE: Readonly<Record<string, string>> = {
  'windows.yaml':
    `# one\n---\n${MISTAKEN}---\n${service('second', `    maxReplicas: 3\n    workerSpec:\n${TP8_PP2}`)}`.replaceAll(
      '\n',
      '\r\n',
    ),
  'byte-order-mark.yaml': `\uFEFF${MISTAKEN}`,
  'byte-order-mark-flow.yaml': `\uFEFF{kind: InferenceService, apiVersion: serving.kserve.io/v1beta1, metadata: {name: flow}, spec: {predictor: {minReplicas: 0, "maxReplicas": 5, model: {modelFormat: {name: huggingface}}, workerSpec: {}}}}\n`,
  'one-line.json': JSON.stringify(JSON_SERVICE),
  'tabs.json': JSON.stringify(JSON_SERVICE, null, '\t'),
  'anchors.yaml': `${API}metadata:
  name: anchors
spec:
  predictor:
    model: &model
      modelFormat: &format {name: huggingface}
      runtime: kserve-huggingfaceserver-multinode
      storageUri: pvc://models/llama
      env: &env
        - &first
          name: TENSOR_PARALLEL_SIZE
          value: "8"
        - *first
        - !!map
          name: PIPELINE_PARALLEL_SIZE
          value: "2"
    workerSpec:
      tensorParallelSize: &size 0
      pipelineParallelSize: *size
      containers:
        - name: worker-container
          env: *env
          resources: &resources
            requests: &gpus
              nvidia.com/gpus: 8
            limits: *gpus
`,
  'merge.yaml': `${API}metadata:
  name: merge
spec:
  predictor:
    <<:
      minReplicas: 2
      maxReplicas: 3
    maxReplicas: 4
    model:
      modelFormat: {name: huggingface}
      storageUri: pvc://models/llama
    workerSpec: {}
`,
  'twice.yaml': service('twice', '    minReplicas: 2\n    minReplicas: 3\n    workerSpec: {}\n'),
  'lists.yaml': `apiVersion: serving.kserve.io/v1beta1
kind: InferenceServiceList
items:
- metadata: {name: first-of-list}
  spec: {predictor: {minReplicas: 2, model: {storageUri: "hf://x", modelFormat: {name: huggingface}}, workerSpec: {}}}
-
  metadata:
    name: second-of-list
  spec:
    predictor:
      workerSpec:
        containers: []
---
apiVersion: v1
kind: List
items:
  - kind: List
    apiVersion: v1
    items:
      - apiVersion: serving.kserve.io/v1beta1
        kind: InferenceService
        metadata: {name: nested}
        spec: {predictor: {maxReplicas: 2, workerSpec: null, model: {runtime: kserve-huggingfaceserver-multinode}}}
  - apiVersion: v1
    kind: Secret
    metadata: {name: other}
`,
  'styles.yaml': `# comment
${API}"metadata": # comment
  'name': styles
  annotations: {"serving.kserve.io/autoscalerClass": 'keda',
    serving.kserve.io/deploymentMode: Knative}
  labels:
    folded: >-
      two
      lines

    plain: over
      several
      lines
    quoted: "over
      several

      lines"
spec:
    predictor:
        ? minReplicas
        : 7
        model:   {modelFormat:   {name: huggingface}, storageUri:
                     pvc://Not_A_Claim}
        workerSpec:
            containers:
            -   name: worker-container
                env: [ {name: HEAD_SVC, valueFrom: {fieldRef: {fieldPath: metadata.name}}},
                       {name: "TENSOR_PARALLEL_SIZE", value: '1'} ]
`,
  'nasty.yaml': service(
    'nasty',
    `      args: ["--tensor-parallel-size", "${NASTY}"]\n      env:\n        - {name: MODEL_NAME, value: "${NASTY}"}\n    workerSpec:\n${TP8_PP2}`,
    '',
    MODEL.replace('pvc://models/llama', `"${NASTY}"`).replace(
      'kserve-huggingfaceserver-multinode',
      `"${NASTY}"`,
    ),
  ),
  'nasty-keys.yaml': service(
    'nasty-keys',
    worker(
      TP8_PP2,
      `            requests:\n              "${NASTY}": 8\n              "a.b[c]d/e": 1\n              "": 1\n              "[0].x": 1\n              __proto__: 1\n`,
    ),
  ),
  'nasty-name.yaml': `${API}metadata:\n  name: "${NASTY}"\n  namespace: "a, b/c"\nspec: {predictor: {minReplicas: 2, workerSpec: {}}}\n`,
  'wide.yaml': `${API}metadata:
  name: wide
  labels: {"模型": "大", x: "😀😀"}
spec: {predictor: {"名": "😀", minReplicas: 2, "": ["é", "e\u0301"], maxReplicas: 9, model: {modelFormat: {name: huggingface}}, workerSpec: {}}}
`,
  'wrong-types.yaml': `${API}metadata:
  name: wrong-types
  annotations:
    serving.kserve.io/autoscalerClass: [none]
    headcount.dev/suppress: 5
spec:
  predictor:
    minReplicas: one
    model:
      modelFormat: huggingface
      storageUri: [pvc://models]
      env: {TENSOR_PARALLEL_SIZE: 8}
      args: --tensor-parallel-size=3
    workerSpec:
      tensorParallelSize: 1.5
      pipelineParallelSize: {}
      containers: {name: worker-container}
`,
  'empty-items.yaml': `${API}metadata:
  generateName: llm-
spec:
  predictor:
    model:
      env:
      -
      - name: PIPELINE_PARALLEL_SIZE
    workerSpec:
      containers:
      -
      -
        name: worker-container
`,
  'odd, na:me %41 & <é>.yaml': service('odd-file-name', '    minReplicas: 2\n    workerSpec: {}\n'),
};

export const MANIFESTS: readonly Manifest[] = [
  ...filesOf('demo/manifests', readdirSync(join(ROOT, 'demo/manifests')).sort()),
  ...filesOf('test/fixtures', ['cli-denied.yaml', 'cli-service.yaml']),
  ...[...Object.entries(SITUATIONS), ...Object.entries(HOSTILE)].map(([name, text]) => ({ name, text })),
];
