import { DEPLOYMENT_MODE } from '../../kserve/annotations.ts';
import { get, listOf, mapAt, quoted, shown, variable } from '../cel.ts';
import type { CelRule } from '../rule.ts';

const KEY = `annotation ${DEPLOYMENT_MODE}`;
const FINE = listOf(['Standard', 'RawDeployment']);

export const rule: CelRule = {
  id: 'deployment-mode',
  covers:
    'any mode but Standard and RawDeployment, absent too, of service or predictor; a live service of another mode',
  services: (side) => {
    const given = get(variable('annotations', side), DEPLOYMENT_MODE);
    const live = get(variable('status', side), 'deploymentMode');
    return (
      // KServe 0.16 to 0.18 take no other mode for a service from 0.15, whose status says the old name.
      `[${given}].filter(a, !(a in ${FINE}) && !(a == null && ${live} == 'RawDeployment'))` +
      `.map(a, a == null ? ${quoted(`${KEY} is missing: add Standard`)} : ${quoted(`${KEY} is `)} + ${shown('a')} + ': write Standard') +\n` +
      `[${live}].filter(a, ${given} in ${FINE} && type(a) == string && a != '' && !(a in ${FINE}))` +
      `.map(a, 'status.deploymentMode is ' + ${shown('a')} + ': delete the service and create it anew')` +
      ` +\n[${get(mapAt(variable('predictor', side), 'annotations'), DEPLOYMENT_MODE)}].filter(a, a != null && !(a in ${FINE}))` +
      `.map(a, ${quoted(`${KEY} of the predictor is `)} + ${shown('a')} + ': remove it')`
    );
  },
  left: [{ what: '`Standard` on KServe 0.15', why: 'which release runs is not known' }],
};
