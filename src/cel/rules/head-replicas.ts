import { get, quoted, shown, variable, type Side } from '../cel.ts';
import type { CelRule } from '../rule.ts';

const wrong = (side: Side, key: string, condition: string, advice: string): string =>
  `[${get(variable('predictor', side), key)}].filter(a, a != null && ${condition})` +
  `.map(a, ${quoted(`spec.predictor.${key} is `)} + ${shown('a')} + ${quoted(advice)})`;

export const rule: CelRule = {
  id: 'head-replicas',
  covers: '`minReplicas` other than 1; a `maxReplicas` that is no number of replicas',
  services: (side) =>
    wrong(side, 'minReplicas', 'a != 1', ', but there is exactly one head: write 1') +
    ' +\n' +
    wrong(
      side,
      'maxReplicas',
      '!(type(a) == int && a >= 0 || type(a) == double && a >= 0.0 && double(int(a)) == a)',
      ', which is no number of replicas: write 1',
    ),
  left: [],
};
