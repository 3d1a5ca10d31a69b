import { GPU_RESOURCE_TYPES } from '../../kserve/annotations.ts';
import { cut, flat, get, mapAt, quoted, shown, variable, type Side } from '../cel.ts';
import { isCount, isGpu, isUnknown } from '../gpus.ts';
import type { CelRule } from '../rule.ts';
import { isNoList, resourcesOf } from '../subjects.ts';

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

/** The same value in requests and in limits is one mistake, and gives one text. */
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

/** KServe's webhook does not read the list of a runtime that is disabled. */
const malformedOfRuntime = (side: Side): string =>
  `(${get(variable('spec', side), 'disabled')} == true ? [] : ${malformed(side)})`;

const malformedOfPods = (side: Side): string =>
  `[${get(mapAt(variable('predictor', side), 'annotations'), GPU_RESOURCE_TYPES)}].filter(a, a != null && ${isNoList('a')})` +
  `.map(a, ${quoted(`annotation ${GPU_RESOURCE_TYPES} of the predictor is `)} + ${shown('a')} + ': write a JSON array of strings')`;

export const rule: CelRule = {
  id: 'gpu-resource',
  covers:
    'unknown names, network resources too; counts that are no whole number; GPUs of the whole pod; ' +
    'an annotation of service or predictor, or under spec of a runtime, that is no list',
  services: (side) =>
    [`(${malformed(side)})`, malformedOfPods(side), unknown(side), unreadable(side), podLevel(side)].join(
      ' +\n',
    ),
  runtimes: (side) =>
    `!${variable('multiNode', side)} ? [] :\n` +
    [malformedOfRuntime(side), unknown(side), unreadable(side)].join(' +\n'),
  left: [
    {
      what: 'a resource under which KServe does not write its count, with a request and another limit or none',
      why: 'what KServe writes depends on the plan, and on the runtime',
    },
    { what: 'an annotation of more than 256 names', why: 'CEL reads no JSON, and counts no names in it' },
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
