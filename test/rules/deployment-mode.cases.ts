import { on, type Loose, type RuleCases, type World } from './cases.ts';

const KEY = 'serving.kserve.io/deploymentMode';
const FIELD = `metadata.annotations[${KEY}]`;
const setMode = (service: Loose, value: unknown): Loose => (service.metadata.annotations[KEY] = value);

export const cases: RuleCases = {
  rule: 'deployment-mode',
  service: [
    {
      name: 'standard in small letters is told apart from another mode',
      change: ({ service }) =>
        (service.metadata.annotations['serving.kserve.io/deploymentMode'] = 'standard'),
      expect: {
        severity: 'deny',
        field: 'metadata.annotations[serving.kserve.io/deploymentMode]',
        says: /^the deployment mode is "standard", and KServe tells capital letters from small ones$/,
      },
    },
    {
      name: 'Knative is refused',
      change: ({ service }) => setMode(service, 'Knative'),
      expect: { severity: 'deny', field: FIELD, says: /"Knative"/ },
    },
    {
      name: 'Serverless, the old name of Knative, is refused',
      change: ({ service }) => setMode(service, 'Serverless'),
      expect: { severity: 'deny', field: FIELD, says: /"Serverless"/ },
    },
    {
      name: 'ModelMesh is refused',
      change: ({ service }) => setMode(service, 'ModelMesh'),
      expect: { severity: 'deny', field: FIELD },
    },
    {
      name: 'standard in small letters is refused',
      change: ({ service }) => setMode(service, 'standard'),
      expect: { severity: 'deny', field: FIELD },
    },
    {
      name: 'an absent mode is refused where nobody added it',
      change: ({ service }) => delete service.metadata.annotations[KEY],
      expect: { severity: 'deny', field: FIELD, says: /missing/ },
    },
    {
      name: 'a mode that headcount added is noted',
      change: (world) => {
        world.declared = structuredClone(world.service);
        delete world.declared.metadata.annotations[KEY];
      },
      expect: { severity: 'note', field: FIELD, says: /headcount adds/ },
    },
    ...[undefined, 'RawDeployment', 'Standard'].map((given) => ({
      name: `a service from 0.15 is warned of on 0.17, whose annotation is ${given ?? 'absent'}`,
      change: (world: World) => {
        on('0.17')(world);
        setMode(world.service, given);
        world.previous = structuredClone(world.service);
        world.previous.status = { deploymentMode: 'RawDeployment' };
      },
      expect: {
        severity: 'warn' as const,
        field: FIELD,
        says: /^status.deploymentMode is "RawDeployment", from KServe 0.15, and KServe 0.17 no longer/,
        fix: /or update KServe to 0\.19$/,
      },
    })),
    {
      name: 'on 0.17 another mode of such a service is refused',
      change: (world) => {
        on('0.17')(world);
        setMode(world.service, 'Knative');
        world.service.status = { deploymentMode: 'RawDeployment' };
      },
      expect: { severity: 'deny', field: FIELD, says: /refuses the annotation's "Knative" as a change/ },
    },
    {
      name: "of such a service on Red Hat's fork nothing is said",
      change: (world) => {
        on('odh')(world);
        delete world.service.metadata.annotations[KEY];
        world.service.status = { deploymentMode: 'RawDeployment' };
      },
      expect: null,
    },
    {
      name: 'from 0.19 on a service from 0.15 passes',
      change: (world) => {
        world.previous = structuredClone(world.service);
        world.previous.status = { deploymentMode: 'RawDeployment' };
      },
      expect: null,
    },
    {
      name: 'the mode of the stored service counts where the new one comes without a status',
      change: (world) => {
        world.previous = structuredClone(world.service);
        world.previous.status = { deploymentMode: 'Knative' };
      },
      expect: { severity: 'deny', field: FIELD, says: /runs in deployment mode "Knative"/ },
    },
    {
      name: 'Knative on the predictor is laid over the mode of the service',
      change: ({ service }) => (service.spec.predictor.annotations = { [KEY]: 'Knative' }),
      expect: { severity: 'deny', field: `spec.predictor.annotations[${KEY}]`, says: /"Knative".*lays over/ },
    },
    {
      name: 'Standard on the predictor passes',
      change: ({ service }) => (service.spec.predictor.annotations = { [KEY]: 'Standard' }),
      expect: null,
    },
    {
      name: 'RawDeployment that headcount rewrote is mentioned',
      change: (world) => {
        world.declared = structuredClone(world.service);
        setMode(world.declared, 'RawDeployment');
      },
      expect: { severity: 'warn', field: FIELD, says: /RawDeployment is stored as Standard/ },
    },
    {
      name: 'RawDeployment that stays is admitted with its new name',
      change: ({ service }) => setMode(service, 'RawDeployment'),
      expect: { severity: 'warn', field: FIELD, says: /old name of Standard/ },
    },
    {
      name: 'RawDeployment of an author who wants no mutation is not mentioned',
      change: (world) => {
        setMode(world.service, 'RawDeployment');
        world.mutationMode = 'off';
      },
      expect: null,
    },
    { name: 'Standard as the author wrote it passes', change: () => undefined, expect: null },
    {
      name: 'a live service of another mode is refused, since its mode stays',
      change: ({ service }) => (service.status = { deploymentMode: 'Knative' }),
      expect: { severity: 'deny', field: FIELD, says: /"Knative" \(status.deploymentMode\)/ },
    },
    {
      name: 'a live service in RawDeployment is in Standard mode',
      change: ({ service }) => (service.status = { deploymentMode: 'RawDeployment' }),
      expect: null,
    },
    {
      name: 'a live service in Standard mode passes',
      change: ({ service }) => (service.status = { deploymentMode: 'Standard' }),
      expect: null,
    },
    {
      name: 'a service without workerSpec may run in any mode',
      change: ({ service }) => {
        setMode(service, 'Knative');
        delete service.spec.predictor.workerSpec;
      },
      expect: null,
    },
    {
      name: 'KServe 0.15 does not know Standard',
      change: on('0.15'),
      expect: { severity: 'deny', field: FIELD, says: /KServe 0\.15 does not know .* Standard/ },
    },
    {
      name: 'a ConfigMap with Standard is refused on 0.15, whose controller fails on it',
      change: (world) => {
        on('0.15')(world);
        world.service.metadata.annotations[KEY] = 'RawDeployment';
        world.kserve.defaultDeploymentMode = 'Standard';
      },
      expect: {
        severity: 'deny',
        field: FIELD,
        says: /defaultDeploymentMode "Standard", which KServe 0\.15 does not know/,
        fix: /defaultDeploymentMode: RawDeployment/,
      },
    },
    {
      name: 'RawDeployment is the mode of 0.15',
      change: (world) => {
        on('0.15')(world);
        setMode(world.service, 'RawDeployment');
      },
      expect: null,
    },
    {
      name: 'Standard that headcount rewrote for 0.15 is mentioned',
      change: (world) => {
        on('0.15')(world);
        world.declared = structuredClone(world.service);
        setMode(world.service, 'RawDeployment');
      },
      expect: { severity: 'warn', field: FIELD, says: /Standard is stored as RawDeployment/ },
    },
    {
      name: 'on 0.15 an absent mode is RawDeployment',
      change: (world) => {
        on('0.15')(world);
        delete world.service.metadata.annotations[KEY];
      },
      expect: { severity: 'deny', field: FIELD, says: /missing/ },
    },
  ],
};
