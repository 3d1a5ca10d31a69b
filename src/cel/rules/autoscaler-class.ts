import { AUTOSCALER_CLASS } from '../../kserve/annotations.ts';
import { get, listAt, mapAt, quoted, shown, variable } from '../cel.ts';
import type { CelRule } from '../rule.ts';

const KEY = `annotation ${AUTOSCALER_CLASS}`;

export const rule: CelRule = {
  id: 'autoscaler-class',
  covers:
    'any class but `none` and `external`, absent too, of service or predictor; a PodMetric without `podmetric`',
  services: (side) =>
    `[${get(variable('annotations', side), AUTOSCALER_CLASS)}].filter(a, a != 'none' && a != 'external')` +
    `.map(a, a == null ? ${quoted(`${KEY} is missing: add none`)} : ${quoted(`${KEY} is `)} + ${shown('a')} + ': write none')` +
    ` +\n[${get(mapAt(variable('predictor', side), 'annotations'), AUTOSCALER_CLASS)}].filter(a, a != null && a != 'none' && a != 'external')` +
    `.map(a, ${quoted(`${KEY} of the predictor is `)} + ${shown('a')} + ': remove it')` +
    ` +\n${listAt(mapAt(variable('predictor', side), 'autoScaling'), 'metrics')}.filter(m, type(m) == map && ` +
    `${get('m', 'type')} == 'PodMetric' && ${get('m', 'podmetric')} == null)` +
    `.map(m, 'spec.predictor.autoScaling has a metric of type PodMetric without podmetric: remove it')`,
  left: [{ what: '`external`', why: "Red Hat's fork takes it, and which release runs is not known" }],
};
