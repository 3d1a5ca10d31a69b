import { on, type Loose, type RuleCases } from './cases.ts';

const KEY = 'serving.kserve.io/autoscalerClass';
const FIELD = `metadata.annotations[${KEY}]`;
const setClass = (service: Loose, value: unknown): Loose => (service.metadata.annotations[KEY] = value);
const setMetric = (service: Loose, podmetric: unknown): Loose =>
  (service.spec.predictor.autoScaling = { metrics: [{ type: 'PodMetric', podmetric }] });

export const cases: RuleCases = {
  rule: 'autoscaler-class',
  service: [
    {
      name: 'None with a capital letter is told apart from another class',
      change: ({ service }) => (service.metadata.annotations['serving.kserve.io/autoscalerClass'] = 'None'),
      expect: {
        severity: 'deny',
        field: 'metadata.annotations[serving.kserve.io/autoscalerClass]',
        says: /^the autoscaler class is "None", and KServe tells capital letters from small ones$/,
      },
    },
    {
      name: 'class hpa is refused',
      change: ({ service }) => setClass(service, 'hpa'),
      expect: { severity: 'deny', field: FIELD, says: /"hpa"/ },
    },
    {
      name: 'class external is refused, as the form from before KServe 0.15',
      change: ({ service }) => setClass(service, 'external'),
      expect: { severity: 'deny', field: FIELD, says: /"external".*before KServe 0\.15/ },
    },
    {
      name: 'None with a capital letter is refused, since KServe compares exactly',
      change: ({ service }) => setClass(service, 'None'),
      expect: { severity: 'deny', field: FIELD },
    },
    {
      name: 'an annotation that is no text is refused',
      change: ({ service }) => setClass(service, false),
      expect: { severity: 'deny', field: FIELD, says: /false/ },
    },
    {
      name: 'an absent class is refused where nobody added it',
      change: ({ service }) => delete service.metadata.annotations[KEY],
      expect: { severity: 'deny', field: FIELD, says: /missing/ },
    },
    {
      name: 'no annotations at all are an absent class',
      change: ({ service }) => delete service.metadata.annotations,
      expect: { severity: 'deny', field: FIELD, says: /missing/ },
    },
    {
      name: 'a class that headcount added is noted',
      change: (world) => {
        world.declared = structuredClone(world.service);
        delete world.declared.metadata.annotations[KEY];
      },
      expect: { severity: 'note', field: FIELD, says: /headcount adds/ },
    },
    { name: 'class none as the author wrote it passes', change: () => undefined, expect: null },
    {
      name: 'scaleTarget has no effect',
      change: ({ service }) => (service.spec.predictor.scaleTarget = 10),
      expect: { severity: 'warn', field: 'spec.predictor.scaleTarget', says: /no effect/ },
    },
    {
      name: 'scaleMetric has no effect',
      change: ({ service }) => (service.spec.predictor.scaleMetric = 'cpu'),
      expect: { severity: 'warn', field: 'spec.predictor.scaleMetric', says: /no effect/ },
    },
    {
      name: 'autoScaling has no effect',
      change: ({ service }) => (service.spec.predictor.autoScaling = { metrics: [] }),
      expect: { severity: 'warn', field: 'spec.predictor.autoScaling', says: /no effect/ },
    },
    {
      name: 'autoScaling from OpenTelemetry makes a collector',
      change: ({ service }) => setMetric(service, { metric: { backend: 'opentelemetry' } }),
      expect: { severity: 'warn', field: 'spec.predictor.autoScaling', says: /OpenTelemetry collector/ },
    },
    {
      name: 'autoScaling from Prometheus has no effect',
      change: ({ service }) => setMetric(service, { metric: { backend: 'prometheus' } }),
      expect: { severity: 'warn', field: 'spec.predictor.autoScaling', says: /no effect/ },
    },
    {
      name: "a metric of type PodMetric without podmetric makes KServe's controller panic",
      change: ({ service }) => setMetric(service, undefined),
      expect: { severity: 'deny', field: 'spec.predictor.autoScaling.metrics[0]', says: /panics/ },
    },
    {
      name: 'a class of the predictor is laid over the one of the service',
      change: ({ service }) => (service.spec.predictor.annotations = { [KEY]: 'hpa' }),
      expect: { severity: 'deny', field: `spec.predictor.annotations[${KEY}]`, says: /"hpa".*lays over/ },
    },
    {
      name: 'class none of the predictor passes',
      change: ({ service }) => (service.spec.predictor.annotations = { [KEY]: 'none' }),
      expect: null,
    },
    {
      name: 'a scaling field of null is not given',
      change: ({ service }) => (service.spec.predictor.autoScaling = null),
      expect: null,
    },
    {
      name: 'a service without workerSpec may scale',
      change: ({ service }) => {
        setClass(service, 'hpa');
        service.spec.predictor.scaleTarget = 10;
        delete service.spec.predictor.workerSpec;
      },
      expect: null,
    },
    {
      name: "class external passes on Red Hat's fork",
      change: (world) => {
        on('odh')(world);
        setClass(world.service, 'external');
      },
      expect: null,
    },
    {
      name: "class hpa is refused on Red Hat's fork as well",
      change: (world) => {
        on('odh')(world);
        setClass(world.service, 'hpa');
      },
      expect: { severity: 'deny', field: FIELD },
    },
    {
      name: 'class external is refused on 0.15, from 0.15.1 on',
      change: (world) => {
        on('0.15')(world);
        setClass(world.service, 'external');
      },
      expect: { severity: 'deny', field: FIELD },
    },
  ],
};
