import { WORKER_CONTAINER } from '../../kserve/names.ts';
import { cut, get, variable, type Side } from '../cel.ts';
import { count, isCount, isCounted, isListed, isNever } from '../gpus.ts';
import type { CelRule } from '../rule.ts';
import { first, namedContainers, resourcesOf } from '../subjects.ts';
import { isSize } from './parallel-size.ts';

/** CEL: head and worker by themselves, each with its requests and limits. */
const sides = (side: Side): string =>
  resourcesOf(
    `[{'at': dyn('head'), 'of': dyn(${variable('model', side)})}, {'at': dyn('worker'), 'of': dyn(${variable('firstWorker', side)})}]`,
  );

/** The names of GPU types in a container, once each. */
const types = (r: string, isType: (name: string) => string): string =>
  `(${r}.requests.filter(n, ${r}.requests[n] != null && ${isType('n')}) + ` +
  `${r}.limits.filter(n, ${r}.limits[n] != null && ${r}.requests[?n].orValue(dyn(null)) == null && ${isType('n')}))`;

const ofService =
  (side: Side) =>
  (name: string): string =>
    `(${isCounted(name)} || !(${name} in ${variable('standardResources')}) && ${isListed(name, side)} && !${isNever(name)})`;

/** One text for each type, because the order of a map's keys can differ from one evaluation to the next. */
const within = (list: string, isType: (name: string) => string): string =>
  `${list}.map(r, [dyn(r.at), dyn(${types('r', isType)})]).filter(t, size(t[1]) > 1)` +
  `.map(t, t[1].map(n, t[0] + ' names ' + ${cut('n')} + ' beside another GPU type').join('\\n'))` +
  `.join('\\n').split('\\n').filter(f, f != '')`;

/** Head and worker each ask for GPUs of one type, and the two types differ: KServe then writes no default. */
const between = (side: Side): string => {
  const isSet = (r: string): string =>
    `[${r}.requests[?t].orValue(dyn(null)), ${r}.limits[?t].orValue(dyn(null))].exists(a, a != null && ${isCount('a')} && ${count('a')} > 0)`;
  const one = (r: string): string => `${types(r, ofService(side))}.filter(t, ${isSet(r)})`;
  return (
    `[${sides(side)}].map(s, [${one('s[0]')}, ${one('s[1]')}])` +
    `.filter(t, size(t[0]) == 1 && size(t[1]) == 1 && t[0] != t[1])` +
    `.map(t, 'head asks for ' + ${cut('t[0][0]')} + ', worker for ' + ${cut('t[1][0]')} + ': ask for one GPU type in both')`
  );
};

/**
 * Is there a worker pod for sure, whatever the runtime says? Two conditions must hold: several pipeline stages (on mp,
 * each stage is a node), and head and worker each with fewer GPUs than are needed in all (on Ray).
 */
const severalPods = (side: Side): string => {
  const size = (key: string): string =>
    `[${get(variable('worker', side), key)}].map(a, a != null && ${isSize('a')} ? int(a) : 0)[0]`;
  const [tensor, pipeline] = [size('tensorParallelSize'), size('pipelineParallelSize')];
  const fewer =
    `r.requests.exists(n, ${isCounted('n')} && r.requests[n] != null && ` +
    `${isCount('r.requests[n]')} && ${count('r.requests[n]')} < s[0] * s[1])`;
  return (
    `[[${tensor}, ${pipeline}]].exists(s, s[0] > 0 && s[1] > 1 && s[0] <= ${variable('maxTotal')} / s[1] && ` +
    `${sides(side)}.all(r, ${fewer}))`
  );
};

export const rule: CelRule = {
  id: 'gpu-type-mix',
  covers:
    'two types in head or worker, or one in each, where the service itself has both sizes, PP of at least 2, and ' +
    'requests below TP x PP in both; two types in a runtime',
  services: (side) => {
    const mixes = `${within(sides(side), ofService(side))} +\n${between(side)}`;
    return side === '' ? `!(${severalPods(side)}) ? [] :\n${mixes}` : mixes;
  },
  runtimes: (side) => {
    const worker = first(namedContainers(variable('workerContainers', side), WORKER_CONTAINER));
    const list = resourcesOf(
      `(${variable('heads', side)}.map(c, {'at': dyn('kserve-container'), 'of': c}) + ${worker}.map(c, {'at': dyn('worker-container'), 'of': c}))`,
    );
    const one = `[${list}].filter(s, size(s) == 2).map(s, s.map(r, ${types('r', isCounted)}))`;
    return (
      `!${variable('multiNode', side)} ? [] :\n${within(list, isCounted)} +\n` +
      `${one}.filter(t, size(t[0]) == 1 && size(t[1]) == 1 && t[0] != t[1])` +
      `.map(t, 'kserve-container names ' + ${cut('t[0][0]')} + ', worker-container ' + ${cut('t[1][0]')} + ': name one GPU type in both')`
    );
  },
  left: [
    { what: 'a type that comes from the runtime', why: 'the runtime is another object' },
    {
      what: "a pod without a count, into which KServe writes nvidia.com/gpu beside the other's type",
      why: 'the runtime may have the count',
    },
    {
      what: 'a mix where a size is absent, PP is 1, or a pod asks for as much as TP x PP',
      why: 'whether a worker pod is planned depends on the runtime',
    },
  ],
};
