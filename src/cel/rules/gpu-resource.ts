import { GPU_RESOURCE_TYPES } from '../../kserve/annotations.ts';
import { cut, flat, get, quoted, shown, variable, type Side } from '../cel.ts';
import { count, isCount, isGpu, isNever, isUnknown } from '../gpus.ts';
import type { CelRule } from '../rule.ts';
import { resourcesOf } from '../subjects.ts';

const at = (part: string): string => `r.at + '.${part}[' + ${cut('n')} + ']'`;

/** Every name of a container that meets a condition, once: the request, or else the limit. */
const names = (list: string, condition: string, text: string): string =>
  flat(
    `${list}.map(r, r.requests.filter(n, r.requests[n] != null && ${condition}).map(n, ${at('requests')} + ${text}) + ` +
      `r.limits.filter(n, r.limits[n] != null && r.requests[?n].orValue(dyn(null)) == null && ${condition}).map(n, ${at('limits')} + ${text}))`,
  );

const unknown = (side: Side): string =>
  names(
    variable('resources', side),
    isUnknown('n', side),
    quoted(` is unknown to KServe: correct the name, or list it in the annotation ${GPU_RESOURCE_TYPES}`),
  );

/** A value that stands in requests and limits is one slip. */
const unreadable = (side: Side): string => {
  const wrong = (part: string, also: string): string =>
    `r.${part}.filter(n, r.${part}[n] != null && ${isGpu('n', side)}${also})` +
    `.map(n, [dyn(n), dyn(r.${part}[n])]).filter(p, !${isCount('p[1]')})` +
    `.map(p, r.at + '.${part}[' + ${cut('p[0]')} + '] is ' + ${shown('p[1]')} + ': write a whole number')`;
  return flat(
    `${variable('resources', side)}.map(r, ${wrong('requests', '')} + ` +
      `${wrong('limits', ' && r.requests[?n].orValue(dyn(null)) != r.limits[n]')})`,
  );
};

const unequal = (side: Side): string => {
  const [request, limit] = ['r.requests[n]', 'r.limits[n]'];
  return flat(
    `${variable('resources', side)}.map(r, r.requests.filter(n, ${isGpu('n', side)} && ${request} != null && ` +
      `r.limits[?n].orValue(dyn(null)) != null && ${request} != ${limit} && ${isCount(request)} && ${isCount(limit)} && ` +
      `${count(request)} != ${count(limit)})` +
      `.map(n, ${at('requests')} + ' is ' + ${shown(request)} + ', but the limit ' + ${shown(limit)} + ': write the same count'))`,
  );
};

const podLevel = (side: Side): string =>
  names(
    resourcesOf(
      `[{'at': dyn('spec.predictor'), 'of': dyn(${variable('predictor', side)})}, ` +
        `{'at': dyn('spec.predictor.workerSpec'), 'of': dyn(${variable('worker', side)})}]`,
    ),
    isGpu('n', side),
    quoted(' is not counted by KServe: write it in the container'),
  );

const malformed = (side: Side): string =>
  `${variable('listWrong', side)} ? [${get(variable('annotations', side), GPU_RESOURCE_TYPES)}]` +
  `.map(a, ${quoted(`annotation ${GPU_RESOURCE_TYPES} is `)} + ${shown('a')} + ': write a JSON array of strings') : []`;

/** Of a runtime by itself all is known: a count that can't be read is none of 0. */
const network = (side: Side): string => {
  const value = `(r.requests[?m].orValue(dyn(null)) != null ? r.requests[m] : r.limits[?m].orValue(dyn(null)))`;
  const isSet = `${isGpu('m', side)} && [${value}].exists(a, a != null && !(${isCount('a')} && ${count('a')} == 0))`;
  const alone = `!r.requests.exists(m, ${isSet}) && !r.limits.exists(m, ${isSet})`;
  return names(
    variable('resources', side),
    `!(n in ${variable('standardResources')}) && !(n in ${variable('knownGpus')}) && ${isNever('n')} && ${alone}`,
    quoted(' stands without a GPU request: ask for GPUs beside it'),
  );
};

export const rule: CelRule = {
  id: 'gpu-resource',
  covers:
    'unknown names; counts that are no whole number, or unequal in requests and limits; GPUs of the whole pod; ' +
    'an annotation that is no list; in runtimes a network resource without GPUs beside it',
  services: (side) =>
    [`(${malformed(side)})`, unknown(side), unreadable(side), unequal(side), podLevel(side)].join(' +\n'),
  runtimes: (side) =>
    `!${variable('multiNode', side)} ? [] :\n` +
    [unknown(side), unreadable(side), unequal(side), network(side)].join(' +\n'),
  left: [
    { what: 'a count that only the runtime gives', why: 'the runtime is another object' },
    {
      what: 'a network resource without a GPU request beside it, in a service',
      why: 'the GPUs may come from the runtime',
    },
    {
      what: 'unknown names beside an annotation with a backslash in it',
      why: 'CEL reads no JSON; without escapes the list is searched as text',
    },
  ],
};
