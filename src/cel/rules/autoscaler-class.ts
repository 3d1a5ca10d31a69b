import { AUTOSCALER_CLASS } from '../../kserve/annotations.ts';
import { get, quoted, shown, variable } from '../cel.ts';
import type { CelRule } from '../rule.ts';

const KEY = `annotation ${AUTOSCALER_CLASS}`;

export const rule: CelRule = {
  id: 'autoscaler-class',
  covers: 'any class but `none` and `external`, absent too',
  services: (side) =>
    `[${get(variable('annotations', side), AUTOSCALER_CLASS)}].filter(a, a != 'none' && a != 'external')` +
    `.map(a, a == null ? ${quoted(`${KEY} is missing: add none`)} : ${quoted(`${KEY} is `)} + ${shown('a')} + ': write none')`,
  left: [{ what: '`external`', why: "Red Hat's fork takes it, and which release runs is not known" }],
};
