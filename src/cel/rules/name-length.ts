import { CUT_SUFFIX, NAME_PATTERN, ROOM } from '../../kserve/names.ts';
import { get, quoted, variable } from '../cel.ts';
import type { CelRule } from '../rule.ts';

/** A policy sees the name that was made of a generateName. */
export const rule: CelRule = {
  id: 'name-length',
  covers: `a name of more than ${ROOM} characters, one that ends in \`-predictor\`, or one with other characters than KServe takes`,
  services: (side) =>
    `[${get(variable('metadata', side), 'name')}].filter(a, type(a) == string && size(a) > ${ROOM})` +
    `.map(a, 'metadata.name has ' + string(size(a)) + ${quoted(` characters: write at most ${ROOM}`)})` +
    ` +\n[${get(variable('metadata', side), 'name')}].filter(a, type(a) == string && a.endsWith('${CUT_SUFFIX}'))` +
    `.map(a, 'metadata.name ends in -predictor: write it without')` +
    ` +\n[${get(variable('metadata', side), 'name')}].filter(a, type(a) == string && !a.matches('^${NAME_PATTERN}$'))` +
    `.map(a, 'metadata.name must begin with a letter, and have lower-case letters, digits and hyphens only')`,
  left: [
    { what: 'a host name that is too long', why: "its template is in KServe's ConfigMap" },
    { what: '`predictor.name`', why: 'which release runs is not known' },
  ],
};
