import { on, type Loose, type RuleCases } from './cases.ts';

const HEAD = 'spec.predictor.model.env[0]';
const WORKER = 'spec.predictor.workerSpec.containers[0].env[0]';
const FROM = { valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } };

const onHead = (service: Loose, ...env: readonly object[]): Loose => (service.spec.predictor.model.env = env);
const onWorker = (service: Loose, ...env: readonly object[]): Loose =>
  (service.spec.predictor.workerSpec.containers[0].env = env);
const SERVICE_NAME = 'INFERENCE_SERVICE_NAME';
const sidecar = (...names: readonly string[]): object => ({
  name: 'side',
  image: 'x',
  env: names.map((name) => ({ name, ...FROM })),
});
const values = (wiring: Readonly<Record<string, string>>): readonly object[] =>
  Object.entries(wiring).map(([name, value]) => ({ name, value }));

export const cases: RuleCases = {
  rule: 'reserved-env',
  service: [
    {
      name: 'MODEL_NAME with valueFrom on the head is refused',
      change: ({ service }) => onHead(service, { name: 'MODEL_NAME', ...FROM }),
      expect: { severity: 'deny', field: HEAD, says: /MODEL_NAME is set with valueFrom/ },
    },
    {
      name: 'INFERENCE_SERVICE_NAME with valueFrom on the head is refused',
      change: ({ service }) => onHead(service, { name: 'INFERENCE_SERVICE_NAME', ...FROM }),
      expect: { severity: 'deny', field: HEAD },
    },
    {
      name: 'INFERENCE_SERVICE_NAME with valueFrom in a sidecar is refused',
      change: ({ service }) => (service.spec.predictor.containers = [sidecar(SERVICE_NAME, 'MODEL_NAME')]),
      expect: {
        severity: 'deny',
        field: 'spec.predictor.containers[0].env[0]',
        says: /^INFERENCE_SERVICE_NAME is set with valueFrom;/,
      },
    },
    {
      name: 'INFERENCE_SERVICE_NAME with another value in a sidecar is mentioned',
      change: ({ service }) =>
        (service.spec.predictor.containers = [
          { name: 'side', image: 'x', env: [{ name: SERVICE_NAME, value: 'other' }] },
        ]),
      expect: { severity: 'warn', field: 'spec.predictor.containers[0].env[0]', says: /will set "llm"/ },
    },
    {
      name: "INFERENCE_SERVICE_NAME with valueFrom in a sidecar of the runtime's is refused",
      change: ({ runtime }) => runtime.spec.containers.push(sidecar(SERVICE_NAME, 'MODEL_NAME')),
      expect: {
        severity: 'deny',
        field: 'spec.containers[1].env[0]',
        says: /^INFERENCE_SERVICE_NAME is set with valueFrom in the ServingRuntime "rt";/,
      },
    },
    {
      name: "INFERENCE_SERVICE_NAME with valueFrom in the runtime's transformer is refused",
      change: ({ runtime }) =>
        runtime.spec.containers.push({ ...sidecar(SERVICE_NAME), name: 'transformer-container' }),
      expect: { severity: 'deny', field: 'spec.containers[1].env[0]' },
    },
    {
      name: "from 0.20 on a value of the service's replaces a valueFrom of the runtime's",
      change: (world) => {
        on('0.20')(world);
        const { containers } = world.runtime.spec;
        containers[0].env = [{ name: 'MODEL_DIR', ...FROM }];
        containers.push({ ...sidecar(SERVICE_NAME), name: 'transformer-container' });
        onHead(world.service, { name: 'MODEL_DIR', value: '/mnt/models' });
        world.service.spec.predictor.containers = [
          { name: 'transformer-container', image: 'x', env: [{ name: SERVICE_NAME, value: 'llm' }] },
        ];
      },
      expect: null,
    },
    {
      name: 'an empty value replaces nothing',
      change: (world) => {
        on('0.20')(world);
        world.runtime.spec.containers[0].env = [{ name: 'MODEL_NAME', ...FROM }];
        onHead(world.service, { name: 'MODEL_NAME', value: '' });
      },
      expect: [
        { severity: 'warn', field: HEAD },
        { severity: 'deny', field: 'spec.containers[0].env[0]' },
      ],
    },
    {
      name: "before, both stay, and the runtime's is refused",
      change: ({ service, runtime }) => {
        runtime.spec.containers[0].env = [{ name: 'MODEL_DIR', ...FROM }];
        onHead(service, { name: 'MODEL_DIR', value: '/mnt/models' });
      },
      expect: { severity: 'deny', field: 'spec.containers[0].env[0]' },
    },
    {
      name: 'INFERENCE_SERVICE_NAME is free in init containers and on the worker',
      change: ({ service, runtime }) => {
        service.spec.predictor.initContainers = [sidecar(SERVICE_NAME)];
        runtime.spec.initContainers = [sidecar(SERVICE_NAME)];
        onWorker(service, { name: SERVICE_NAME, ...FROM });
      },
      expect: null,
    },
    {
      name: 'INFERENCE_SERVICE_NAME with valueFrom in a sidecar passes on 0.16, which does not set it',
      change: (world) => {
        on('0.16')(world);
        world.service.spec.predictor.containers = [sidecar(SERVICE_NAME)];
        world.runtime.spec.containers.push({ ...sidecar(SERVICE_NAME), name: 'other' });
      },
      expect: null,
    },
    {
      name: 'HEAD_SVC with valueFrom on the worker is refused',
      change: ({ service }) => onWorker(service, { name: 'HEAD_SVC', ...FROM }),
      expect: { severity: 'deny', field: WORKER },
    },
    {
      name: 'valueFrom is refused where no plan can be made, too',
      change: (world) => {
        world.outcome = { status: 'missing', name: 'rt' };
        onHead(world.service, { name: 'RAY_NODE_COUNT', ...FROM });
      },
      expect: { severity: 'deny', field: HEAD },
    },
    {
      name: "valueFrom in the runtime's head is refused, naming the runtime",
      change: ({ runtime }) => (runtime.spec.containers[0].env = [{ name: 'MODEL_DIR', ...FROM }]),
      expect: { severity: 'deny', field: 'spec.containers[0].env[0]', says: /in the ServingRuntime "rt"/ },
    },
    {
      name: "valueFrom in the runtime's worker is refused",
      change: ({ runtime }) => (runtime.spec.workerSpec.containers[0].env = [{ name: 'ISVC_NAME', ...FROM }]),
      expect: { severity: 'deny', field: 'spec.workerSpec.containers[0].env[0]', says: /"rt"/ },
    },
    {
      name: 'of a value that is no text unknown-field speaks',
      change: ({ service }) => onHead(service, { name: 'RAY_NODE_COUNT', value: 2 }),
      expect: null,
    },
    {
      name: 'another env with valueFrom passes',
      change: ({ service, runtime }) => {
        onHead(service, { name: 'POD_NAME', ...FROM });
        runtime.spec.containers[0].env = [{ name: 'POD_NAMESPACE', ...FROM }];
      },
      expect: null,
    },
    {
      name: 'a name of the worker is free on the head',
      change: ({ service }) => onHead(service, { name: 'ISVC_NAME', ...FROM }),
      expect: null,
    },
    {
      name: 'a node count that differs from the plan is mentioned',
      change: ({ service }) => onHead(service, { name: 'RAY_NODE_COUNT', value: '3' }),
      expect: { severity: 'warn', field: HEAD, says: /is "3", but KServe will set "2"/ },
    },
    {
      name: 'a GPU count of the worker that differs from the plan is mentioned',
      change: ({ service }) => onWorker(service, { name: 'REQUEST_GPU_COUNT', value: '4' }),
      expect: { severity: 'warn', field: WORKER, says: /is "4", but KServe will set "8"/ },
    },
    {
      name: 'an env without a value is an empty one',
      change: ({ service }) => onHead(service, { name: 'MODEL_NAME' }),
      expect: { severity: 'warn', field: HEAD, says: /is "", but KServe will set "llm"/ },
    },
    {
      name: 'MODEL_DIR elsewhere is mentioned',
      change: ({ service }) => onHead(service, { name: 'MODEL_DIR', value: '/models' }),
      expect: { severity: 'warn', field: HEAD, says: /"\/mnt\/models"/ },
    },
    {
      name: 'INFERENCE_SERVICE_NAME of another service is mentioned',
      change: ({ service }) => onHead(service, { name: 'INFERENCE_SERVICE_NAME', value: 'other' }),
      expect: { severity: 'warn', field: HEAD, says: /"llm"/ },
    },
    {
      name: 'HEAD_SVC of another service is mentioned',
      change: ({ service }) => onWorker(service, { name: 'HEAD_SVC', value: 'other-head-1' }),
      expect: { severity: 'warn', field: WORKER, says: /"llm-head-" with the generation/ },
    },
    {
      name: 'WORKER_SVC without a generation is mentioned',
      change: ({ service }) => onWorker(service, { name: 'WORKER_SVC', value: 'llm-workers-' }),
      expect: { severity: 'warn', field: WORKER, says: /"llm-workers-" with the generation/ },
    },
    {
      name: 'WORKER_SVC holds predictor.name from 0.20 on',
      change: (world) => {
        on('0.20')(world);
        world.service.spec.predictor.name = 'p';
        onWorker(world.service, { name: 'WORKER_SVC', value: 'llm-p-workers-1' });
      },
      expect: null,
    },
    {
      name: 'WORKER_SVC does not hold predictor.name on 0.19',
      change: ({ service }) => {
        service.spec.predictor.name = 'p';
        onWorker(service, { name: 'WORKER_SVC', value: 'llm-p-workers-1' });
      },
      expect: { severity: 'warn', field: WORKER, says: /llm-workers-/ },
    },
    {
      name: 'the values that KServe will set pass, of any generation',
      change: ({ service }) => {
        onHead(
          service,
          ...values({
            RAY_NODE_COUNT: '2',
            REQUEST_GPU_COUNT: '8',
            MODEL_NAME: 'llm',
            MODEL_DIR: '/mnt/models',
            INFERENCE_SERVICE_NAME: 'llm',
          }),
        );
        onWorker(
          service,
          ...values({
            RAY_NODE_COUNT: '2',
            REQUEST_GPU_COUNT: '8',
            ISVC_NAME: 'llm',
            HEAD_SVC: 'llm-head-3',
            WORKER_SVC: 'llm-workers-3',
          }),
        );
      },
      expect: null,
    },
    {
      name: 'a count is not compared where no plan can be made',
      change: (world) => {
        world.outcome = { status: 'missing', name: 'rt' };
        onHead(world.service, { name: 'RAY_NODE_COUNT', value: '3' });
      },
      expect: null,
    },
    {
      name: 'a name is not compared while only generateName is known',
      change: ({ service }) => {
        delete service.metadata.name;
        service.metadata.generateName = 'llm-';
        onHead(service, { name: 'MODEL_NAME', value: 'llama' });
      },
      expect: null,
    },
    {
      name: 'another value in the runtime is overwritten and no business of the author',
      change: ({ runtime }) => (runtime.spec.containers[0].env = [{ name: 'MODEL_DIR', value: '/models' }]),
      expect: null,
    },
    {
      name: 'a service without workerSpec may set them',
      change: ({ service }) => {
        onHead(service, { name: 'MODEL_NAME', ...FROM });
        delete service.spec.predictor.workerSpec;
      },
      expect: null,
    },
    {
      name: 'WORKER_SVC with valueFrom passes on 0.17, which does not set it',
      change: (world) => {
        on('0.17')(world);
        onWorker(world.service, { name: 'WORKER_SVC', ...FROM });
      },
      expect: null,
    },
    {
      name: 'WORKER_SVC with valueFrom is refused from 0.18 on',
      change: (world) => {
        on('0.18')(world);
        onWorker(world.service, { name: 'WORKER_SVC', ...FROM });
      },
      expect: { severity: 'deny', field: WORKER, says: /valueFrom/ },
    },
    {
      name: 'INFERENCE_SERVICE_NAME with valueFrom passes on 0.16, which does not set it',
      change: (world) => {
        on('0.16')(world);
        onHead(world.service, { name: 'INFERENCE_SERVICE_NAME', ...FROM });
      },
      expect: null,
    },
    {
      name: 'PYTHONPATH is refused in any container',
      change: ({ service }) => {
        const env = [{ name: 'PYTHONPATH', value: '/x' }];
        onHead(service, ...env);
        service.spec.predictor.containers = [{ name: 'side', env }];
        service.spec.predictor.workerSpec.initContainers = [{ name: 'prepare', env }];
      },
      expect: [
        { severity: 'deny', field: HEAD, says: /PYTHONPATH/ },
        { severity: 'deny', field: 'spec.predictor.containers[0].env[0]' },
        { severity: 'deny', field: 'spec.predictor.workerSpec.initContainers[0].env[0]' },
      ],
    },
    {
      name: 'PYTHONPATH that a runtime has already is no fault of the service',
      change: ({ runtime }) => (runtime.spec.containers[0].env = [{ name: 'PYTHONPATH', value: '/x' }]),
      expect: null,
    },
  ],
  runtime: [
    {
      name: 'PYTHONPATH in a container of the runtime is refused',
      change: ({ runtime }) => (runtime.spec.containers[0].env = [{ name: 'PYTHONPATH', value: '/x' }]),
      expect: { severity: 'deny', field: 'spec.containers[0].env[0]' },
    },
    {
      name: 'PYTHONPATH in its worker is refused',
      change: ({ runtime }) =>
        (runtime.spec.workerSpec.containers[0].env = [{ name: 'PYTHONPATH', ...FROM }]),
      expect: { severity: 'deny', field: 'spec.workerSpec.containers[0].env[0]' },
    },
    {
      name: 'other paths pass, and init containers, which KServe does not look at',
      change: ({ runtime }) => {
        runtime.spec.containers[0].env = [{ name: 'PYTHON_PATH', value: '/x' }];
        runtime.spec.initContainers = [{ name: 'prepare', env: [{ name: 'PYTHONPATH', value: '/x' }] }];
      },
      expect: null,
    },
    {
      name: 'a runtime for one node is not judged',
      change: ({ runtime }) => {
        delete runtime.spec.workerSpec;
        runtime.spec.containers[0].env = [{ name: 'PYTHONPATH', value: '/x' }];
      },
      expect: null,
    },
  ],
};
