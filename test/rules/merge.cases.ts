import { releaseNamed } from '../../src/kserve/releases.ts';
import { readRuntime } from '../../src/kserve/runtime.ts';
import { on, type Loose, type RuleCases, type World } from './cases.ts';

const FROM = { valueFrom: { secretKeyRef: { name: 'hf', key: 'token' } } };
const HEAD = 'spec.predictor.model.env[0]';
/** What the guide's default runtime states of head and worker. */
const STATED = { requests: { cpu: '2', memory: '6Gi' }, limits: { cpu: '4', memory: '12Gi' } };
const sidecar = (name: string): Loose => ({ name, image: 'x' });

export const cases: RuleCases = {
  rule: 'merge',
  service: [
    {
      name: 'PYTHONPATH with both value and valueFrom is refused once, by reserved-env',
      change: ({ service }) =>
        (service.spec.predictor.model.env = [
          { name: 'PYTHONPATH', value: '/x', valueFrom: { fieldRef: {} } },
        ]),
      expect: null,
    },
    {
      name: 'where KServe does not refuse PYTHONPATH, value and valueFrom of it are refused here',
      change: (world) => {
        on('0.17')(world);
        world.service.spec.predictor.model.env = [
          { name: 'PYTHONPATH', value: '/x', valueFrom: { fieldRef: {} } },
        ];
      },
      expect: { severity: 'deny', field: 'spec.predictor.model.env[0]' },
    },
    {
      name: 'a sidecar of the same name in runtime and service is refused',
      change: ({ service, runtime }) => {
        runtime.spec.containers.push(sidecar('side'));
        service.spec.predictor.containers = [sidecar('side')];
      },
      expect: {
        severity: 'deny',
        field: 'spec.predictor.containers[0].name',
        says: /"side" has the name of one of the ServingRuntime "rt"/,
      },
    },
    {
      name: 'two sidecars of one name in the runtime are refused',
      change: ({ runtime }) => runtime.spec.containers.push(sidecar('side'), sidecar('side')),
      expect: {
        severity: 'deny',
        field: 'spec.containers[2].name',
        says: /"side" has the name of another one of the ServingRuntime "rt"/,
      },
    },
    {
      name: 'a sidecar called kserve-container beside a model is refused',
      change: ({ service }) => (service.spec.predictor.containers = [sidecar('kserve-container')]),
      expect: { severity: 'deny', field: 'spec.predictor.containers[0].name', says: /the model's container/ },
    },
    {
      name: 'two sidecars of one name are refused',
      change: ({ service }) => (service.spec.predictor.containers = [sidecar('side'), sidecar('side')]),
      expect: { severity: 'deny', field: 'spec.predictor.containers[1].name' },
    },
    {
      name: 'an init container of the name of a sidecar is refused',
      change: ({ service }) => {
        service.spec.predictor.containers = [sidecar('side')];
        service.spec.predictor.initContainers = [sidecar('side')];
      },
      expect: { severity: 'deny', field: 'spec.predictor.initContainers[0].name' },
    },
    {
      name: 'a sidecar called worker-container is refused before KServe 0.18',
      change: ({ service, kserve }) => {
        kserve.release = releaseNamed('0.17');
        service.spec.predictor.containers = [sidecar('worker-container')];
      },
      expect: {
        severity: 'deny',
        field: 'spec.predictor.containers[0].name',
        says: /keeps KServe before 0\.18 from making the head's Service/,
        fix: /^give it another name$/,
      },
    },
    {
      name: 'a sidecar called worker-container passes from KServe 0.18 on',
      change: ({ service }) => (service.spec.predictor.containers = [sidecar('worker-container')]),
      expect: null,
    },
    {
      name: "a probe that asks otherwise than the runtime's is refused, since both ways stay",
      change: ({ service, runtime }) => {
        runtime.spec.containers[0].startupProbe = { exec: { command: ['true'] } };
        service.spec.predictor.model.startupProbe = { httpGet: { path: '/health', port: 8080 } };
      },
      expect: {
        severity: 'deny',
        field: 'spec.predictor.model.startupProbe',
        says: /the startupProbe has httpGet here and exec in the ServingRuntime "rt"/,
        fix: /^keep exec alone$/,
      },
    },
    {
      name: 'a probe that asks nothing is refused, on the worker',
      change: ({ service, runtime }) => {
        delete runtime.spec.workerSpec.containers[0].readinessProbe;
        service.spec.predictor.workerSpec.containers[0].readinessProbe = { periodSeconds: 10 };
      },
      expect: {
        severity: 'deny',
        field: 'spec.predictor.workerSpec.containers[0].readinessProbe',
        says: /asks nothing/,
        fix: /httpGet: \{path: \/health, port: 8080\}$/,
      },
    },
    {
      name: "numbers alone over the runtime's probe pass",
      change: ({ service, runtime }) => {
        runtime.spec.containers[0].startupProbe = { exec: { command: ['true'] }, failureThreshold: 60 };
        service.spec.predictor.model.startupProbe = {
          initialDelaySeconds: 60,
          periodSeconds: 30,
          failureThreshold: 40,
        };
      },
      expect: null,
    },
    {
      name: 'a sidecar without a name is refused',
      change: ({ service }) => (service.spec.predictor.containers = [sidecar('')]),
      expect: {
        severity: 'deny',
        field: 'spec.predictor.containers[0].name',
        says: /^a container without a name makes the API server refuse/,
        fix: /^name it with/,
      },
    },
    {
      name: 'an init container with a name that is no DNS label is refused',
      change: ({ service }) => (service.spec.predictor.initContainers = [sidecar('Fetch_Model')]),
      expect: {
        severity: 'deny',
        field: 'spec.predictor.initContainers[0].name',
        says: /"Fetch_Model" is no DNS label/,
      },
    },
    {
      name: "a sidecar of the runtime's without a name is refused",
      change: ({ runtime }) => runtime.spec.containers.push(sidecar('')),
      expect: {
        severity: 'deny',
        field: 'spec.containers[1].name',
        says: /of the ServingRuntime "rt" without a name/,
      },
    },
    {
      name: 'sidecars of two names pass',
      change: ({ service, runtime }) => {
        runtime.spec.containers.push(sidecar('side'));
        service.spec.predictor.containers = [sidecar('other')];
      },
      expect: null,
    },
    {
      name: 'a transformer-container in both is merged, and passes',
      change: ({ service, runtime }) => {
        runtime.spec.containers.push(sidecar('transformer-container'));
        service.spec.predictor.containers = [sidecar('transformer-container')];
      },
      expect: null,
    },
    {
      name: 'a container of the runtime that has the name of the head is left out by KServe',
      change: ({ runtime }) => runtime.spec.containers.push(sidecar('kserve-container')),
      expect: null,
    },
    {
      name: "a limit below the runtime's request is refused",
      change: ({ service, runtime }) => {
        runtime.spec.containers[0].resources = STATED;
        service.spec.predictor.model.resources.limits.cpu = '1';
      },
      expect: {
        severity: 'deny',
        field: 'spec.predictor.model.resources.limits[cpu]',
        says: /the head's cpu request is 2 in the ServingRuntime "rt", above the limit of 1 in the service;/,
        fix: /^write requests\.cpu: 1 beside it$/,
      },
    },
    {
      name: "a request above the runtime's limit is refused, on the worker",
      change: ({ service, runtime }) => {
        runtime.spec.workerSpec.containers[0].resources = STATED;
        service.spec.predictor.workerSpec.containers[0].resources.requests.memory = '100Gi';
      },
      expect: {
        severity: 'deny',
        field: 'spec.predictor.workerSpec.containers[0].resources.requests[memory]',
        says: /the worker's memory request is 100Gi in the service, above the limit of 12Gi in the ServingRuntime "rt";/,
        fix: /^write limits\.memory: 100Gi beside it$/,
      },
    },
    {
      name: 'a request above its limit in the service itself is refused',
      change: ({ service }) => {
        const { requests, limits } = service.spec.predictor.model.resources;
        requests['ephemeral-storage'] = '1Ti';
        limits['ephemeral-storage'] = '999Gi';
      },
      expect: {
        severity: 'deny',
        field: 'spec.predictor.model.resources.requests[ephemeral-storage]',
        fix: /^write requests\.ephemeral-storage: 999Gi, or limits\.ephemeral-storage: 1Ti$/,
      },
    },
    {
      name: 'a request above its limit in the runtime is refused',
      change: ({ runtime }) =>
        (runtime.spec.containers[0].resources = { requests: { cpu: 4 }, limits: { cpu: '3999m' } }),
      expect: {
        severity: 'deny',
        field: 'spec.containers[0].resources.requests[cpu]',
        fix: /^write requests\.cpu and limits\.cpu in the service, or lower the request in the ServingRuntime "rt"$/,
      },
    },
    {
      name: 'a request above the limit passes where the service states both anew',
      change: ({ service, runtime }) => {
        runtime.spec.containers[0].resources = STATED;
        Object.assign(service.spec.predictor.model.resources.requests, { cpu: '1', memory: '4096Mi' });
        Object.assign(service.spec.predictor.model.resources.limits, { cpu: 1, memory: '4Gi' });
      },
      expect: null,
    },
    {
      name: 'a limit alone passes, and a request alone',
      change: ({ service }) => {
        service.spec.predictor.model.resources.limits.cpu = '1';
        service.spec.predictor.workerSpec.containers[0].resources.requests.cpu = '64';
      },
      expect: null,
    },
    {
      name: 'a quantity that Kubernetes does not read is not compared',
      change: ({ service, runtime }) => {
        runtime.spec.containers[0].resources = STATED;
        service.spec.predictor.model.resources.limits.cpu = 'one';
      },
      expect: null,
    },
    {
      name: "a limit alone in a shorthand passes, since KServe's defaulter writes a request beside it",
      change: ({ service, runtime }) => {
        runtime.spec.containers[0].resources = STATED;
        const { model } = service.spec.predictor;
        service.spec.predictor.huggingface = { ...model, resources: { limits: { cpu: '1', memory: '4Gi' } } };
        delete service.spec.predictor.model;
      },
      expect: null,
    },
    {
      name: 'a limit passes on an assumed runtime, whose requests are not known',
      change: (world) => {
        const runtime = structuredClone(world.runtime);
        runtime.spec.containers[0].resources = STATED;
        world.outcome = { status: 'found', how: 'assumed', runtime: readRuntime(runtime) };
        world.service.spec.predictor.model.resources.limits.cpu = '1';
      },
      expect: null,
    },
    {
      name: "a value over the runtime's valueFrom is refused",
      change: ({ service, runtime }) => {
        runtime.spec.containers[0].env = [{ name: 'HF_TOKEN', ...FROM }];
        service.spec.predictor.model.env = [{ name: 'HF_TOKEN', value: 'x' }];
      },
      expect: {
        severity: 'deny',
        field: HEAD,
        says: /"HF_TOKEN" has value here and valueFrom in the ServingRuntime/,
      },
    },
    {
      name: "a valueFrom over the runtime's value is refused, on the worker",
      change: ({ service, runtime }) => {
        runtime.spec.workerSpec.containers[0].env = [{ name: 'HF_TOKEN', value: 'x' }];
        service.spec.predictor.workerSpec.containers[0].env = [{ name: 'HF_TOKEN', ...FROM }];
      },
      expect: {
        severity: 'deny',
        field: 'spec.predictor.workerSpec.containers[0].env[0]',
        says: /valueFrom here and value in/,
      },
    },
    {
      name: "value and valueFrom in two entries of one name are refused, since the runtime's env merges them",
      change: ({ service, runtime }) => {
        runtime.spec.containers[0].env = [{ name: 'OTHER', value: 'x' }];
        service.spec.predictor.model.env = [
          { name: 'HF_TOKEN', value: 'x' },
          { name: 'HF_TOKEN', ...FROM },
        ];
      },
      expect: {
        severity: 'deny',
        field: 'spec.predictor.model.env[1]',
        says: /"HF_TOKEN" is given twice, with value and with valueFrom/,
        fix: /^keep one of the two$/,
      },
    },
    {
      name: 'two such entries stay two where the runtime has no env',
      change: ({ service, runtime }) => {
        delete runtime.spec.containers[0].env;
        service.spec.predictor.model.env = [
          { name: 'HF_TOKEN', value: 'x' },
          { name: 'HF_TOKEN', ...FROM },
        ];
      },
      expect: null,
    },
    {
      name: 'value and valueFrom in one entry are refused',
      change: ({ service }) =>
        (service.spec.predictor.model.env = [{ name: 'HF_TOKEN', value: 'x', ...FROM }]),
      expect: { severity: 'deny', field: HEAD, says: /both value and valueFrom/ },
    },
    {
      name: "from 0.20 on the service's side wins",
      change: (world) => {
        on('0.20')(world);
        const [head] = world.runtime.spec.containers;
        head.env = [
          { name: 'A', ...FROM },
          { name: 'B', value: 'x' },
        ];
        world.service.spec.predictor.model.env = [
          { name: 'A', value: 'x' },
          { name: 'B', ...FROM },
          { name: 'C', value: 'x', ...FROM },
        ];
      },
      expect: null,
    },
    {
      name: 'both in one entry of the runtime are refused from 0.20 on, too',
      change: (world) => {
        on('0.20')(world);
        world.runtime.spec.containers[0].env = [{ name: 'HF_TOKEN', value: 'x', ...FROM }];
      },
      expect: { severity: 'deny', field: 'spec.containers[0].env[0]' },
    },
    {
      name: 'both in one entry of the runtime are refused',
      change: ({ runtime }) => (runtime.spec.containers[0].env = [{ name: 'HF_TOKEN', value: 'x', ...FROM }]),
      expect: { severity: 'deny', field: 'spec.containers[0].env[0]', says: /in the ServingRuntime "rt"/ },
    },
    {
      name: 'of two entries of the runtime with one name, KServe merges the first',
      change: ({ service, runtime }) => {
        runtime.spec.containers[0].env = [
          { name: 'HF_TOKEN', value: 'x' },
          { name: 'HF_TOKEN', ...FROM },
        ];
        service.spec.predictor.model.env = [{ name: 'HF_TOKEN', ...FROM }];
      },
      expect: {
        severity: 'deny',
        field: HEAD,
        says: /has valueFrom here and value in the ServingRuntime "rt"/,
      },
    },
    {
      name: 'so it passes where only the second is of another kind',
      change: ({ service, runtime }) => {
        runtime.spec.containers[0].env = [
          { name: 'HF_TOKEN', ...FROM },
          { name: 'HF_TOKEN', value: 'x' },
        ];
        service.spec.predictor.model.env = [{ name: 'HF_TOKEN', ...FROM }];
      },
      expect: null,
    },
    {
      name: 'an empty value is left out by Go, and passes',
      change: ({ service, runtime }) => {
        runtime.spec.containers[0].env = [{ name: 'HF_TOKEN', value: '' }];
        service.spec.predictor.model.env = [{ name: 'HF_TOKEN', ...FROM }];
      },
      expect: null,
    },
    {
      name: 'valueFrom in both passes',
      change: ({ service, runtime }) => {
        runtime.spec.containers[0].env = [{ name: 'HF_TOKEN', ...FROM }];
        service.spec.predictor.model.env = [{ name: 'HF_TOKEN', ...FROM }];
      },
      expect: null,
    },
    {
      name: 'env that KServe sets is left to reserved-env',
      change: ({ service, runtime }) => {
        runtime.spec.containers[0].env = [{ name: 'MODEL_NAME', value: 'x' }];
        service.spec.predictor.model.env = [{ name: 'MODEL_NAME', ...FROM }];
      },
      expect: null,
    },
    {
      name: 'Recreate with rollingUpdate values is refused',
      change: ({ service }) =>
        (service.spec.predictor.deploymentStrategy = { type: 'Recreate', rollingUpdate: { maxSurge: 1 } }),
      expect: { severity: 'deny', field: 'spec.predictor.deploymentStrategy.rollingUpdate' },
    },
    ...[
      { maxSurge: 0, maxUnavailable: 0 },
      { maxSurge: '0%', maxUnavailable: 0 },
    ].map((rollingUpdate) => ({
      name: `rollingUpdate of ${JSON.stringify(rollingUpdate)} is refused`,
      change: ({ service }: World) => (service.spec.predictor.deploymentStrategy = { rollingUpdate }),
      expect: {
        severity: 'deny' as const,
        field: 'spec.predictor.deploymentStrategy.rollingUpdate',
        says: /both 0/,
      },
    })),
    {
      name: 'one zero of rollingUpdate passes: the other number has a default',
      change: ({ service }) =>
        (service.spec.predictor.deploymentStrategy = { rollingUpdate: { maxSurge: 0 } }),
      expect: null,
    },
    {
      name: 'two init containers of one name in the worker are refused',
      change: ({ service }) =>
        (service.spec.predictor.workerSpec.initContainers = [sidecar('a'), sidecar('b'), sidecar('a')]),
      expect: {
        severity: 'deny',
        field: 'spec.predictor.workerSpec.initContainers[2].name',
        says: /another one of the service; KServe puts both into the worker's pod/,
      },
    },
    {
      name: 'an init container called as the worker container is refused',
      change: ({ service }) =>
        (service.spec.predictor.workerSpec.initContainers = [sidecar('worker-container')]),
      expect: {
        severity: 'deny',
        field: 'spec.predictor.workerSpec.initContainers[0].name',
        says: /has the name of the worker's container/,
      },
    },
    {
      name: 'the same name in the init containers of head and worker passes',
      change: ({ service }) => {
        service.spec.predictor.initContainers = [sidecar('a')];
        service.spec.predictor.workerSpec.initContainers = [sidecar('a')];
      },
      expect: null,
    },
    {
      name: "an init container called as the model's is refused by the API server, not by KServe",
      change: ({ service }) => (service.spec.predictor.initContainers = [sidecar('kserve-container')]),
      expect: {
        severity: 'deny',
        field: 'spec.predictor.initContainers[0].name',
        says: /KServe puts both into the head's pod/,
      },
    },
    {
      name: 'a deployment strategy that Kubernetes does not have is refused',
      change: ({ service }) => (service.spec.predictor.deploymentStrategy = { type: 'recreate' }),
      expect: {
        severity: 'deny',
        field: 'spec.predictor.deploymentStrategy.type',
        says: /no deployment strategy "recreate"/,
        fix: /^write type: Recreate$/,
      },
    },
    {
      name: 'Recreate alone passes',
      change: ({ service }) => (service.spec.predictor.deploymentStrategy = { type: 'Recreate' }),
      expect: null,
    },
    {
      name: 'a service without workerSpec is not judged',
      change: ({ service }) => {
        delete service.spec.predictor.workerSpec;
        service.spec.predictor.containers = [sidecar('side'), sidecar('side')];
      },
      expect: null,
    },
  ],
};
