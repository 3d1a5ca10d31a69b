import { on, type Loose, type RuleCases } from './cases.ts';

const KEY = 'serving.kserve.io/autoscalerClass';
const FIELD = `metadata.annotations[${KEY}]`;
const setClass = (service: Loose, value: unknown): Loose => (service.metadata.annotations[KEY] = value);

export const cases: RuleCases = {
  rule: 'autoscaler-class',
  service: [
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
      name: 'a class that headcount added is mentioned',
      change: (world) => {
        world.declared = structuredClone(world.service);
        delete world.declared.metadata.annotations[KEY];
      },
      expect: { severity: 'warn', field: FIELD, says: /headcount adds/ },
    },
    { name: 'class none as the author wrote it passes', change: () => undefined, expect: null },
    {
      name: 'scaleTarget is ignored',
      change: ({ service }) => (service.spec.predictor.scaleTarget = 10),
      expect: { severity: 'warn', field: 'spec.predictor.scaleTarget', says: /ignored/ },
    },
    {
      name: 'scaleMetric is ignored',
      change: ({ service }) => (service.spec.predictor.scaleMetric = 'cpu'),
      expect: { severity: 'warn', field: 'spec.predictor.scaleMetric', says: /ignored/ },
    },
    {
      name: 'autoScaling is ignored',
      change: ({ service }) => (service.spec.predictor.autoScaling = { metrics: [] }),
      expect: { severity: 'warn', field: 'spec.predictor.autoScaling', says: /ignored/ },
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
