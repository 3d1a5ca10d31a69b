import { get, shown, variable } from '../cel.ts';
import type { CelRule } from '../rule.ts';

export const rule: CelRule = {
  id: 'canary',
  covers: 'canary traffic and canary predictors',
  services: (side) =>
    `[${get(variable('predictor', side), 'canaryTrafficPercent')}].filter(a, a != null)` +
    `.map(a, 'spec.predictor.canaryTrafficPercent is ' + ${shown('a')} + ': remove it') +\n` +
    `[${get(variable('spec', side), 'canary')}].filter(a, a != null && !(type(a) == list && size(a) == 0))` +
    `.map(a, 'spec.canary is set: remove it')`,
  left: [],
};
