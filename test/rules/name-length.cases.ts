import { on, type Loose, type RuleCases, type World } from './cases.ts';

const generated = (service: Loose, generateName: string): void => {
  delete service.metadata.name;
  service.metadata.generateName = generateName;
};

export const cases: RuleCases = {
  rule: 'name-length',
  service: [
    {
      name: 'a name of 42 characters makes a label value of 64',
      change: ({ service }) => (service.metadata.name = 'a'.repeat(42)),
      expect: { severity: 'deny', field: 'metadata.name', says: /42 characters.*predictor-worker of 64/ },
    },
    {
      name: 'a name of 41 characters just fits',
      change: ({ service }) => (service.metadata.name = 'a'.repeat(41)),
      expect: null,
    },
    {
      name: 'a name of 49 characters makes the Service of the workers too long as well',
      change: ({ service }) => (service.metadata.name = 'a'.repeat(49)),
      expect: { severity: 'deny', field: 'metadata.name', says: /<name>-workers-<generation> of 64/ },
    },
    {
      name: 'a name of 52 characters makes the Service of the head too long as well',
      change: ({ service }) => (service.metadata.name = 'a'.repeat(52)),
      expect: { severity: 'deny', field: 'metadata.name', says: /<name>-head-<generation> of 64/ },
    },
    ...['1llama', 'll.ama', 'Llama', 'llama-'].map((given) => ({
      name: `the name "${given}" is refused as by KServe's webhook`,
      change: ({ service }: World) => (service.metadata.name = given),
      expect: {
        severity: 'deny' as const,
        field: 'metadata.name',
        says: /KServe refuses the name/,
        fix: /^begin with a letter, and use lower-case letters, digits and hyphens only$/,
      },
    })),
    {
      name: 'a generateName may end in a hyphen, and begins with a letter',
      change: ({ service }) => generated(service, '1llama-'),
      expect: { severity: 'deny', field: 'metadata.generateName', says: /refuses the name "1llama-"/ },
    },
    {
      name: 'a generateName that ends in a hyphen passes',
      change: ({ service }) => generated(service, 'llama-'),
      expect: null,
    },
    {
      name: 'predictor.name makes the label longer from KServe 0.20 on, also without workers',
      change: (world) => {
        on('0.20')(world);
        world.service.metadata.name = 'a'.repeat(36);
        world.service.spec.predictor.name = 'llama';
        world.service.spec.predictor.workerSpec = { tensorParallelSize: 1 };
      },
      expect: { severity: 'deny', field: 'metadata.name', says: /predictor-worker of 64/ },
    },
    {
      name: 'a generateName of 37 characters becomes a name of 42',
      change: ({ service }) => generated(service, 'a'.repeat(37)),
      expect: {
        severity: 'deny',
        field: 'metadata.generateName',
        says: /5 characters appended.* 42 characters/,
      },
    },
    {
      name: 'a generateName of 36 characters just fits',
      change: ({ service }) => generated(service, 'a'.repeat(36)),
      expect: null,
    },
    {
      name: 'a very long generateName is cut by the API server before it is judged',
      change: ({ service }) => generated(service, 'a'.repeat(500)),
      expect: { severity: 'deny', field: 'metadata.generateName', says: / 63 characters/ },
    },
    {
      name: 'a name of 40 characters in a namespace of 13 makes a host name of 64',
      change: ({ service }) => {
        service.metadata.name = 'a'.repeat(40);
        service.metadata.namespace = 'n'.repeat(13);
      },
      expect: {
        severity: 'deny',
        field: 'metadata.name',
        says: /host name <name>-predictor-<namespace> of 64 from it, and 63/,
      },
    },
    {
      name: 'a name of 40 characters in a namespace of 12 just fits',
      change: ({ service }) => {
        service.metadata.name = 'a'.repeat(40);
        service.metadata.namespace = 'n'.repeat(12);
      },
      expect: null,
    },
    {
      name: 'where the host name has the namespace as a part of its own, that has room',
      change: ({ service, kserve }) => {
        service.metadata.name = 'a'.repeat(40);
        service.metadata.namespace = 'n'.repeat(60);
        kserve.domainTemplate = '{{ .Name }}.{{.Namespace}}.{{ .IngressDomain }}';
      },
      expect: null,
    },
    {
      name: 'a host name that is made of labels is not known',
      change: ({ service, kserve }) => {
        service.metadata.namespace = 'n'.repeat(60);
        kserve.domainTemplate = '{{ .Labels.team }}-{{ .Name }}-{{ .Namespace }}.example.com';
      },
      expect: null,
    },
    {
      name: 'a name that ends in -predictor leads the workers to a Service that is not there',
      change: ({ service }) => (service.metadata.name = 'llama-predictor'),
      expect: { severity: 'deny', field: 'metadata.name', says: /ends in -predictor/ },
    },
    {
      name: 'a name with predictor in it passes',
      change: ({ service }) => (service.metadata.name = 'predictor-llama'),
      expect: null,
    },
    {
      name: 'no name at all is not a long name',
      change: ({ service }) => delete service.metadata.name,
      expect: null,
    },
    {
      name: 'a service without workerSpec may have a longer name',
      change: ({ service }) => {
        service.metadata.name = 'a'.repeat(42);
        delete service.spec.predictor.workerSpec;
      },
      expect: null,
    },
    {
      name: 'predictor.name is refused from 0.20 on',
      change: (world) => {
        on('0.20')(world);
        world.service.spec.predictor.name = 'p';
      },
      expect: { severity: 'deny', field: 'spec.predictor.name', says: /not into HEAD_SVC/ },
    },
    {
      name: 'predictor.name passes on 0.20 where no worker looks for the head',
      change: (world) => {
        on('0.20')(world);
        world.service.spec.predictor.name = 'p';
        world.service.spec.predictor.workerSpec.pipelineParallelSize = 1;
      },
      expect: null,
    },
    {
      name: 'predictor.name passes on 0.19, which ignores it',
      change: ({ service }) => (service.spec.predictor.name = 'p'),
      expect: null,
    },
  ],
};
