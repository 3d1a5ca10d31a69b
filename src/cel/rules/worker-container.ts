import { WORKER_CONTAINER } from '../../kserve/names.ts';
import { cut, get, quoted, shown, variable, type Side } from '../cel.ts';
import type { CelRule } from '../rule.ts';

/**
 * @param list CEL: a value that is certainly a list
 * @param fine CEL: does the first container `c[0]` pass although its name is not worker-container?
 */
const containers = (list: string, field: string, fine: (name: string) => string): string => {
  const name = get('c[0]', 'name');
  const named = `type(c[0]) == map && type(${name}) == string && ${name} != ''`;
  return (
    `[${list}].filter(c, size(c) > 0 && !(type(c[0]) == map && ${name} == ${quoted(WORKER_CONTAINER)}) && !(${fine(name)}))` +
    `.map(c, ${quoted(`${field}: `)} + (${named} ? '"' + ${cut('c[0].name')} + '"' : 'one without a name') + ${quoted(` must be ${WORKER_CONTAINER}`)}) +\n` +
    `[${list}].filter(c, size(c) > 1).map(c, ${quoted(`${field} has `)} + string(size(c)) + ${quoted(` items: keep ${WORKER_CONTAINER}`)})`
  );
};
/** An empty name takes the runtime's; the API server refuses a container without the field. */
const unnamed = (name: string): string => `type(c[0]) == map && ${name} == ''`;
const empty = (field: string): string => quoted(`${field} is empty: write one named ${WORKER_CONTAINER}`);

export const rule: CelRule = {
  id: 'worker-container',
  covers:
    'more than one worker container, or one of another name; no list, or an empty one; a name of the model',
  services: (side) => {
    const field = 'spec.predictor.workerSpec.containers';
    return (
      `[${get(variable('worker', side), 'containers')}].filter(c, c != null && (type(c) != list || size(c) == 0))` +
      `.map(c, type(c) == list ? ${empty(field)} : ${quoted(`${field} is no list`)}) +\n` +
      containers(variable('workerContainers', side), field, unnamed) +
      ` +\n[${get(variable('model', side), 'name')}].filter(a, type(a) == string && a != '')` +
      `.map(a, ${variable('modelField', side)} + '.name is ' + ${shown('a')} + ': remove it')`
    );
  },
  runtimes: (side: Side) => {
    const field = 'spec.workerSpec.containers';
    const list = variable('workerContainers', side);
    return (
      `!${variable('multiNode', side)} ? [] : size(${list}) == 0 ? [${empty(field)}] :\n` +
      containers(list, field, () => 'false')
    );
  },
  left: [],
};
