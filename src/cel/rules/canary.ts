import { get, shown, variable } from '../cel.ts';
import type { CelRule } from '../rule.ts';

export const rule: CelRule = {
  id: 'canary',
  covers: 'canary traffic below 100 and canary predictors',
  services: (side) =>
    `[${get(variable('predictor', side), 'canaryTrafficPercent')}].filter(a, a != null && a != 100)` +
    `.map(a, 'spec.predictor.canaryTrafficPercent is ' + ${shown('a')} + ': remove it') +\n` +
    `[${get(variable('spec', side), 'canary')}].filter(a, a != null && !(type(a) == list && size(a) == 0))` +
    `.map(a, 'spec.canary is set: remove it')`,
  left: [
    {
      what: 'workerSpec in a canary predictor of a service without workerSpec',
      why: 'the policy is asked about multi-node services only',
    },
  ],
};
