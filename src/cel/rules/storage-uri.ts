import { get, mapAt, shown, variable } from '../cel.ts';
import type { CelRule } from '../rule.ts';

const LABEL = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
const CLAIM = `'^pvc://${LABEL}([.]${LABEL})*(/|$)'`;
const LONGEST = 253;

export const rule: CelRule = {
  id: 'storage-uri',
  covers:
    'storageUri missing, of another protocol, or without a valid name of a claim; storage or storageUris instead, ' +
    'storage.path or storageUris beside it',
  services: (side) => {
    const model = variable('model', side);
    const field = variable('modelField', side);
    const protocol = `u.split('://')[0]`;
    const isClaim = `u.matches(${CLAIM}) && size(u.substring(6).split('/')[0]) <= ${LONGEST}`;
    const fine =
      `type(u) == string && u.matches('^[a-zA-Z][a-zA-Z0-9+.-]{0,40}://') && ` +
      `(${protocol} in ${variable('protocols')} || ${protocol} == 'oci') && (${protocol} != 'pvc' || ${isClaim})`;
    const instead =
      `${get(model, 'storage')} != null ? ${field} + '.storage is used instead of storageUri' : ` +
      `${get(variable('predictor', side), 'storageUris')} != null ? 'spec.predictor.storageUris is used instead of storageUri' : ` +
      `${field} + '.storageUri is missing'`;
    return (
      `size(${variable('modelKeys', side)}) == 0 ? [] : [${get(model, 'storageUri')}].filter(u, !(${fine}))` +
      `.map(u, (u == null || u == '' ? (${instead}) : ${field} + '.storageUri is ' + ${shown('u')}) + ': write ' + ` +
      `${variable('protocols')}.map(p, p + '://...').join(' or ')) +\n` +
      `[${get(model, 'storageUri')}].filter(u, u != null && u != '' && ${get(mapAt(model, 'storage'), 'path')} != null)` +
      `.map(u, ${field} + '.storage.path stands beside storageUri: remove it') +\n` +
      `[${get(model, 'storageUri')}].filter(u, u != null && u != '' && ${get(variable('predictor', side), 'storageUris')} != null)` +
      `.map(u, 'spec.predictor.storageUris stands beside storageUri: remove it')`
    );
  },
  left: [{ what: '`oci://`', why: "Red Hat's fork takes it, and which release runs is not known" }],
};
