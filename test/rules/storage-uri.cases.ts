import { on, type Loose, type RuleCases } from './cases.ts';

const FIELD = 'spec.predictor.model.storageUri';
const setUri = (service: Loose, value: unknown): Loose => (service.spec.predictor.model.storageUri = value);

export const cases: RuleCases = {
  rule: 'storage-uri',
  service: [
    {
      name: 'storageURI is not missing as well: unknown-field speaks of it',
      change: ({ service: { spec } }) => {
        spec.predictor.model.storageURI = spec.predictor.model.storageUri;
        delete spec.predictor.model.storageUri;
      },
      expect: null,
    },
    {
      name: 'storage.path beside storageUri is refused at its own field',
      change: ({ service }) => (service.spec.predictor.model.storage = { key: 's3', path: 'llama' }),
      expect: {
        severity: 'deny',
        field: 'spec.predictor.model.storage.path',
        says: /storage\.path stands beside storageUri/,
      },
    },
    {
      name: 'storage without a path beside storageUri passes',
      change: ({ service }) => (service.spec.predictor.model.storage = { key: 's3' }),
      expect: null,
    },
    {
      name: 'storageUris beside storageUri are refused at their own field',
      change: ({ service }) =>
        (service.spec.predictor.storageUris = [{ uri: 'pvc://models', mountPath: '/mnt/models' }]),
      expect: { severity: 'deny', field: 'spec.predictor.storageUris', says: /stands beside storageUri/ },
    },
    {
      name: 'a missing storageUri is refused',
      change: ({ service }) => delete service.spec.predictor.model.storageUri,
      expect: { severity: 'deny', field: FIELD, says: /missing/ },
    },
    {
      name: 'an empty storageUri is a missing one',
      change: ({ service }) => setUri(service, ''),
      expect: { severity: 'deny', field: FIELD, says: /missing/ },
    },
    {
      name: 'a storageUri that is no text is refused',
      change: ({ service }) => setUri(service, 7),
      expect: { severity: 'deny', field: FIELD, says: /is 7/ },
    },
    {
      name: 's3 is refused by its name',
      change: ({ service }) => setUri(service, 's3://bucket/llama'),
      expect: { severity: 'deny', field: FIELD, says: /"s3:\/\/bucket\/llama".*s3:\/\/ is not admitted/ },
    },
    {
      name: 'hf is refused by its name',
      change: ({ service }) => setUri(service, 'hf://meta-llama/Llama-3'),
      expect: { severity: 'deny', field: FIELD, says: /hf:\/\/ is not admitted/ },
    },
    {
      name: 'oci is refused by default',
      change: ({ service }) => setUri(service, 'oci://registry/model:1'),
      expect: { severity: 'deny', field: FIELD, says: /oci:\/\/ is not admitted/ },
    },
    {
      name: 'oci passes where the configuration admits it',
      change: ({ service, settings }) => {
        settings.protocols = ['pvc', 'oci'];
        setUri(service, 'oci://registry/model:1');
      },
      expect: null,
    },
    {
      name: 'oci+native is another protocol than oci',
      change: ({ service, settings }) => {
        settings.protocols = ['pvc', 'oci'];
        setUri(service, 'oci+native://registry/model:1');
      },
      expect: { severity: 'deny', field: FIELD, says: /oci\+native/ },
    },
    {
      name: 'a path without a protocol is refused',
      change: ({ service }) => setUri(service, '/mnt/models'),
      expect: { severity: 'deny', field: FIELD, says: /no protocol/ },
    },
    {
      name: 'PVC in capital letters is not what KServe looks for',
      change: ({ service }) => setUri(service, 'PVC://models'),
      expect: { severity: 'deny', field: FIELD, says: /PVC:\/\/ is not admitted/ },
    },
    {
      name: 'pvc:// without a claim is refused',
      change: ({ service }) => setUri(service, 'pvc:///llama'),
      expect: { severity: 'deny', field: FIELD, says: /names no claim/ },
    },
    {
      name: 'a claim with capital letters is refused',
      change: ({ service }) => setUri(service, 'pvc://Models/llama'),
      expect: { severity: 'deny', field: FIELD, says: /no name of a claim/ },
    },
    {
      name: 'a claim with an underscore is refused',
      change: ({ service }) => setUri(service, 'pvc://my_models'),
      expect: { severity: 'deny', field: FIELD, says: /no name of a claim/ },
    },
    {
      name: 'a claim of 254 characters is refused',
      change: ({ service }) => setUri(service, `pvc://${'a'.repeat(254)}/llama`),
      expect: { severity: 'deny', field: FIELD, says: /no name of a claim/ },
    },
    {
      name: 'a claim with dots and no path passes',
      change: ({ service }) => setUri(service, 'pvc://models.v1'),
      expect: null,
    },
    {
      name: 'storage in place of storageUri is refused at its own field',
      change: ({ service }) => {
        const { model } = service.spec.predictor;
        delete model.storageUri;
        model.storage = { key: 'default', path: 'llama' };
      },
      expect: { severity: 'deny', field: 'spec.predictor.model.storage', says: /storage is used instead/ },
    },
    {
      name: 'storageUris in place of storageUri are refused at their own field',
      change: ({ service }) => {
        delete service.spec.predictor.model.storageUri;
        service.spec.predictor.storageUris = [{ uri: 'pvc://models', mountPath: '/mnt/models' }];
      },
      expect: { severity: 'deny', field: 'spec.predictor.storageUris', says: /storageUris is used instead/ },
    },
    {
      name: 'the storageUri of a shorthand is named by its path',
      change: ({ service }) => {
        const { model } = service.spec.predictor;
        delete service.spec.predictor.model;
        service.spec.predictor.huggingface = { ...model, storageUri: 's3://bucket' };
      },
      expect: { severity: 'deny', field: 'spec.predictor.huggingface.storageUri' },
    },
    {
      name: 'a service without workerSpec may load from anywhere',
      change: ({ service }) => {
        setUri(service, 's3://bucket');
        delete service.spec.predictor.workerSpec;
      },
      expect: null,
    },
    {
      name: "oci passes on Red Hat's fork",
      change: (world) => {
        on('odh')(world);
        setUri(world.service, 'oci://registry/model:1');
      },
      expect: null,
    },
    {
      name: 'oci is refused on 0.15, whatever the configuration admits',
      change: (world) => {
        on('0.15')(world);
        world.settings.protocols = ['pvc', 'oci'];
        setUri(world.service, 'oci://registry/model:1');
      },
      expect: {
        severity: 'deny',
        field: FIELD,
        says: /, and KServe has oci:\/\/ for multi-node from 0\.16 on/,
        fix: /^write pvc:\/\/<claim>\/<path>$/,
      },
    },
    {
      name: 'on 0.15 a configuration that admits oci alone admits nothing, and the fix says what to admit',
      change: (world) => {
        on('0.15')(world);
        world.settings.protocols = ['oci'];
        setUri(world.service, 'pvc://models');
      },
      expect: { severity: 'deny', field: FIELD, fix: /^have pvc admitted by storage\.protocols/ },
    },
  ],
};
