import { has, releaseNamed, RELEASE_NAMES, type ReleaseName } from '../../src/kserve/releases.ts';
import { on, type RuleCases, type World } from './cases.ts';

const WORKERS = 'spec.predictor.workerSpec';
const RUNTIME = 'spec.predictor.model.runtime';

function mpOn(name: ReleaseName): (world: World) => void {
  return (world) => {
    on(name)(world);
    world.runtime.spec.annotations = { 'multinode/executor-backend': 'mp' };
  };
}

const without = RELEASE_NAMES.filter((name) => !has(releaseNamed(name), 'mp'));

export const cases: RuleCases = {
  rule: 'kserve-release',
  service: [
    {
      name: '0.20 deletes the workers',
      change: on('0.20'),
      expect: { severity: 'warn', field: WORKERS, says: /KServe 0\.20 deletes the workers .*#6113/ },
    },
    { name: '0.19 keeps them', change: on('0.19'), expect: null },
    {
      name: 'a service for one node has none on 0.20',
      change: (world) => {
        on('0.20')(world);
        delete world.service.spec.predictor.workerSpec;
      },
      expect: null,
    },
    ...without.map((name) => ({
      name: `a runtime for mp is planned as on Ray on ${name}`,
      change: mpOn(name),
      expect: { severity: 'warn' as const, field: RUNTIME, says: /asks for the mp back end.*from 0\.18 on/ },
    })),
    { name: 'mp is known from 0.18 on', change: mpOn('0.18'), expect: null },
  ],
};
