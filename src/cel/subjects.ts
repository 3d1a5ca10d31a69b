/**
 * What the rules' expressions look at: an InferenceService or a runtime of any shape, taken apart into variables
 * whose types are sure. The counterpart of src/kserve/view.ts and src/kserve/runtime.ts, in CEL.
 */
import { STANDARD_RESOURCES } from '../kserve/container.ts';
import { GPU_RESOURCE_TYPES } from '../kserve/annotations.ts';
import { HEAD_CONTAINER } from '../kserve/names.ts';
import { SHORTHANDS } from '../kserve/model.ts';
import { KNOWN_GPU_TYPES } from '../kserve/gpu-types.ts';
import {
  get,
  listAt,
  listOf,
  mapAt,
  placed,
  quoted,
  SIDES,
  variable,
  type Side,
  type Variable,
} from './cel.ts';

/** The names that mean the same in every object. */
export const NAMES: readonly Variable[] = [
  { name: 'standardResources', expression: listOf(STANDARD_RESOURCES) },
  { name: 'knownGpus', expression: listOf(KNOWN_GPU_TYPES) },
];

/** A JSON array of at least one non-empty string, by JSON's own grammar; an empty text counts as no annotation. */
const STRING = '"([^"\\\\\\x00-\\x1f]|\\\\(["\\\\/bfnrt]|u[0-9a-fA-F]{4}))+"';
const SPACE = '[ \\t\\r\\n]*';
const STRINGS = `^(${SPACE}\\[${SPACE}${STRING}(${SPACE},${SPACE}${STRING})*${SPACE}\\]${SPACE})?$`;

export function serviceVariables(): readonly Variable[] {
  return SIDES.flatMap((side) => {
    const [predictor, worker] = [variable('predictor', side), variable('worker', side)];
    const [keys, model] = [variable('modelKeys', side), variable('model', side)];
    const containers = variable('workerContainers', side);
    const own = `[{'at': dyn(${variable('modelField', side)}), 'of': dyn(${model})}]`;
    return named(side, {
      root: root(side),
      metadata: mapAt(variable('root', side), 'metadata'),
      annotations: mapAt(variable('metadata', side), 'annotations'),
      spec: mapAt(variable('root', side), 'spec'),
      status: mapAt(variable('root', side), 'status'),
      predictor: mapAt(variable('spec', side), 'predictor'),
      worker: mapAt(predictor, 'workerSpec'),
      multiNode: `${get(predictor, 'workerSpec')} != null`,
      modelKeys: `${listOf(['model', ...SHORTHANDS])}.filter(k, ${predictor}[?k].orValue(dyn(null)) != null)`,
      modelField: `'spec.predictor.' + (size(${keys}) > 0 ? ${keys}[0] : 'model')`,
      model: `size(${keys}) > 0 && type(${predictor}[${keys}[0]]) == map ? ${predictor}[${keys}[0]] : {}`,
      workerContainers: listAt(worker, 'containers'),
      firstWorker: `size(${containers}) > 0 && type(${containers}[0]) == map ? ${containers}[0] : {}`,
      places: [
        own,
        placed(listAt(predictor, 'containers'), 'spec.predictor.containers[]'),
        placed(listAt(predictor, 'initContainers'), 'spec.predictor.initContainers[]'),
        placed(containers, 'spec.predictor.workerSpec.containers[]'),
        placed(listAt(worker, 'initContainers'), 'spec.predictor.workerSpec.initContainers[]'),
      ].join(' +\n'),
      resources: resourcesOf(`(${own} + ${placed(containers, 'spec.predictor.workerSpec.containers[]')})`),
      ...listed(side, variable('annotations', side)),
    });
  });
}

export function runtimeVariables(): readonly Variable[] {
  return SIDES.flatMap((side) => {
    const [spec, worker] = [variable('spec', side), variable('worker', side)];
    const heads = variable('heads', side);
    const own = `${heads}.map(c, {'at': dyn('spec.containers[]'), 'of': c})`;
    const ofWorker = placed(variable('workerContainers', side), 'spec.workerSpec.containers[]');
    return named(side, {
      root: root(side),
      spec: mapAt(variable('root', side), 'spec'),
      annotations: mapAt(spec, 'annotations'),
      worker: mapAt(spec, 'workerSpec'),
      multiNode: `${get(spec, 'workerSpec')} != null`,
      disabled: `${get(spec, 'disabled')} == true`,
      workerContainers: listAt(worker, 'containers'),
      // A list with the first container of that name, or an empty list.
      heads: first(namedContainers(listAt(spec, 'containers'), HEAD_CONTAINER)),
      places: [
        placed(listAt(spec, 'containers'), 'spec.containers[]'),
        placed(listAt(spec, 'initContainers'), 'spec.initContainers[]'),
        ofWorker,
        placed(listAt(worker, 'initContainers'), 'spec.workerSpec.initContainers[]'),
      ].join(' +\n'),
      resources: resourcesOf(`(${own} + ${ofWorker})`),
      ...listed(side, variable('annotations', side)),
    });
  });
}

export function namedContainers(list: string, name: string): string {
  return `${list}.filter(c, type(c) == map && ${get('c', 'name')} == ${quoted(name)})`;
}

/** @returns the list's first item in a list of its own */
export function first(list: string): string {
  return `[${list}].map(l, size(l) > 0 ? [l[0]] : [])[0]`;
}

/** On a create there is no stored object. */
function root(side: Side): string {
  const object = side === '' ? 'object' : 'oldObject';
  return `type(${object}) == map ? dyn(${object}) : {}`;
}

/** @returns requests and limits of one container, maps for sure */
export function resourcesOf(places: string): string {
  const part = (name: string): string =>
    `(type(${get('p.of', 'resources')}) == map ? ${mapAt('p.of.resources', name)} : {})`;
  return `${places}.map(p, {'at': dyn(p.at + '.resources'), 'requests': dyn(${part('requests')}), 'limits': dyn(${part('limits')})})`;
}

/** Is the value anything but a JSON array of strings? */
export function isNoList(value: string): string {
  return `!(type(${value}) == string && ${value}.matches(${quoted(STRINGS)}))`;
}

/**
 * The annotation with further GPU types. CEL can't parse JSON: a list without escapes is searched as text, and
 * nothing is known about a list with escapes.
 */
function listed(side: Side, annotations: string): Readonly<Record<string, string>> {
  const value = get(annotations, GPU_RESOURCE_TYPES);
  const known = variable('listKnown', side);
  return {
    listWrong: `${quoted(GPU_RESOURCE_TYPES)} in ${annotations} && ${isNoList(value)}`,
    listKnown: `!${variable('listWrong', side)} && !(type(${value}) == string && ${value}.contains('\\\\'))`,
    list: `${known} && ${value} != null ? ${value} : ''`,
  };
}

function named(side: Side, expressions: Readonly<Record<string, string>>): readonly Variable[] {
  return Object.entries(expressions).map(([name, expression]) => ({ name: `${name}${side}`, expression }));
}
