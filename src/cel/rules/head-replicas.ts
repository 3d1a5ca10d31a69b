import { get, quoted, shown, variable } from '../cel.ts';
import type { CelRule } from '../rule.ts';

export const rule: CelRule = {
  id: 'head-replicas',
  covers: '`minReplicas` or `maxReplicas` other than 1',
  services: (side) =>
    ['minReplicas', 'maxReplicas']
      .map(
        (key) =>
          `[${get(variable('predictor', side), key)}].filter(a, a != null && a != 1)` +
          `.map(a, ${quoted(`spec.predictor.${key} is `)} + ${shown('a')} + ', but there is exactly one head: write 1')`,
      )
      .join(' +\n'),
  left: [],
};
