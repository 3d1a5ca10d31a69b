import type { ClaimOutcome } from '../../src/kserve/claim.ts';
import type { RuleCases } from './cases.ts';

const FIELD = 'spec.predictor.model.storageUri';
const claim = (accessModes: readonly string[], phase: string | null = 'Bound'): ClaimOutcome => ({
  status: 'found',
  name: 'models',
  accessModes,
  phase,
});

export const cases: RuleCases = {
  rule: 'storage-claim',
  service: [
    {
      name: 'a ReadWriteOnce claim under two pods is refused',
      change: (world) => (world.claim = claim(['ReadWriteOnce'])),
      expect: { severity: 'deny', field: FIELD, says: /"models" offers only ReadWriteOnce/ },
    },
    {
      name: 'a ReadWriteOncePod claim under two pods is refused',
      change: (world) => (world.claim = claim(['ReadWriteOncePod'])),
      expect: { severity: 'deny', field: FIELD, says: /ReadWriteOncePod/ },
    },
    {
      name: 'a claim without access modes is refused',
      change: (world) => (world.claim = claim([])),
      expect: { severity: 'deny', field: FIELD, says: /no access mode/ },
    },
    {
      name: 'a ReadWriteOnce claim under one pod passes',
      change: (world) => {
        world.claim = claim(['ReadWriteOnce']);
        world.service.spec.predictor.workerSpec.pipelineParallelSize = 1;
      },
      expect: null,
    },
    {
      name: 'a ReadWriteOnce claim is refused where no plan can be made and PP is above 1',
      change: (world) => {
        world.claim = claim(['ReadWriteOnce']);
        world.outcome = { status: 'missing', name: 'rt' };
      },
      expect: { severity: 'deny', field: FIELD, says: /pipelineParallelSize 2 means several pods/ },
    },
    {
      name: 'a ReadWriteOnce claim is left alone where no plan can be made and PP is 1',
      change: (world) => {
        world.claim = claim(['ReadWriteOnce']);
        world.outcome = { status: 'missing', name: 'rt' };
        delete world.service.spec.predictor.workerSpec.pipelineParallelSize;
      },
      expect: null,
    },
    {
      name: 'a ReadWriteMany claim that offers ReadWriteOnce too passes',
      change: (world) => (world.claim = claim(['ReadWriteOnce', 'ReadWriteMany'])),
      expect: null,
    },
    {
      name: 'a claim with only ReadOnlyMany is admitted with a warning',
      change: (world) => (world.claim = claim(['ReadOnlyMany'])),
      expect: { severity: 'warn', field: FIELD, says: /only ReadOnlyMany.*ReadWriteMany/ },
    },
    {
      name: 'ReadOnlyMany is refused where the configuration does not admit it',
      change: (world) => {
        world.claim = claim(['ReadOnlyMany']);
        world.settings.accessModes = ['ReadWriteMany'];
      },
      expect: { severity: 'deny', field: FIELD, says: /only ReadOnlyMany/ },
    },
    {
      name: 'a claim that does not exist is a warning',
      change: (world) => (world.claim = { status: 'missing', name: 'models' }),
      expect: { severity: 'warn', field: FIELD, says: /"models" does not exist/ },
    },
    {
      name: 'a claim that is Pending is a warning',
      change: (world) => (world.claim = claim(['ReadWriteMany'], 'Pending')),
      expect: { severity: 'warn', field: FIELD, says: /Pending/ },
    },
    {
      name: 'a claim whose phase is not known passes',
      change: (world) => (world.claim = claim(['ReadWriteMany'], null)),
      expect: null,
    },
    {
      name: 'a claim that could not be read is noted with the cause',
      change: (world) => (world.claim = { status: 'unchecked', name: 'models', cause: 'no catalogue' }),
      expect: { severity: 'note', field: FIELD, says: /"models" was not checked: no catalogue/ },
    },
    {
      name: 'a service that names no claim has none to check',
      change: (world) => (world.claim = { status: 'none' }),
      expect: null,
    },
    {
      name: 'a service without workerSpec may use a ReadWriteOnce claim',
      change: (world) => {
        world.claim = claim(['ReadWriteOnce']);
        delete world.service.spec.predictor.workerSpec;
      },
      expect: null,
    },
  ],
};
