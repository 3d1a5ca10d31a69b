import { ROOM } from '../../kserve/names.ts';
import { get, quoted, variable } from '../cel.ts';
import type { CelRule } from '../rule.ts';

/** A policy sees the name that was made of a generateName. */
export const rule: CelRule = {
  id: 'name-length',
  covers: `a name of more than ${ROOM} characters`,
  services: (side) =>
    `[${get(variable('metadata', side), 'name')}].filter(a, type(a) == string && size(a) > ${ROOM})` +
    `.map(a, 'metadata.name has ' + string(size(a)) + ${quoted(` characters: write at most ${ROOM}`)})`,
  left: [{ what: '`predictor.name`', why: 'which release runs is not known' }],
};
