/**
 * workerSpec and the sizes in it stand where KServe looks for them, under their names.
 *
 * Reads: kind, apiVersion and metadata; the names of the fields of the object, its spec, predictor, model or shorthand,
 * and workerSpec; the types of command, args and env.
 * Denied: a misspelt kind; another apiVersion than KServe's; no name; no spec.predictor, or one that is no map; annotations and labels that are no text; a workerSpec
 * or a size anywhere but in the predictor (in a runtime: in the spec); what can only mean workerSpec, tensorParallelSize,
 * pipelineParallelSize, containers or the resources of a container, written otherwise or in another place; a number of
 * pods; the runtime of a framework shorthand such as predictor.huggingface; args, a command or env that is no list, and values in them that are no text.
 * Why: kubectl refuses unknown fields. For a client that does not ask for field validation, the API server drops them
 * silently: the size is then 1, or the service has one node. Admission webhooks are called after that and do not see
 * the field, so this rule is mainly for lint.
 * Source: Kubernetes, "Field validation" and "Field pruning"; KServe's CRD.
 */
import type { ModelView } from '../kserve/model.ts';
import type { ServiceView } from '../kserve/view.ts';
import { asList, asObject, at, property } from '../lib/json.ts';
import type { Report, Rule } from './rule.ts';
import { hasOtherType, noMap, otherTypes } from './support/field-types.ts';
import { identity, isUnquoted, noText } from './support/identity.ts';
import { misplaced, SIZES, sizes, unknown, workerSpecs } from './support/misplaced.ts';
import { noPredictor } from './support/predictor.ts';
import { visible } from '../lib/text.ts';

/** Fields, each with what its name looks like when it is written otherwise. */
interface Meant {
  /** How all of these names begin: nearly no other field is looked at closely. */
  readonly beginning: RegExp;
  readonly fields: readonly (readonly [RegExp, string])[];
}

const MEANT_IN_MODEL: Meant = { beginning: /^sto/i, fields: [[/^storage[-_]?ur[il]$/i, 'storageUri']] };
const MEANT_IN_CONTAINER: Meant = {
  beginning: /^(?:res|req|lim)/i,
  fields: [
    [/^resources?$/i, 'resources'],
    [/^requests?$/i, 'resources.requests'],
    [/^limits?$/i, 'resources.limits'],
  ],
};
const MEANT_IN_RESOURCES: Meant = {
  beginning: /^(?:req|lim)/i,
  fields: [
    [/^requests?$/i, 'requests'],
    [/^limits?$/i, 'limits'],
  ],
};
/** What other kinds call the number of pods. */
const NUMBER_OF_PODS = /^(?:min|max)?replicas?$|^(?:size|nodes|numNodes|nodeCount|workers)$/i;
const MEANT: Meant = {
  beginning: /^(?:tensor|pipeline|worker|container)/i,
  fields: [...SIZES, [/^(?:worker[-_]?)?containers?$/i, 'containers']],
};

export const rule: Rule = {
  id: 'unknown-field',
  summary: 'Kind, fields and their types are what KServe reads, workerSpec and its sizes above all',
  *checkService({ service }) {
    const { raw, predictorField } = service;
    yield* identity(raw, 'InferenceService', service.name !== null);
    if (asObject(service.predictor) === null) yield* noPredictor(raw);
    yield* misplaced(service);
    const workerSpec = at(raw, 'spec', 'predictor', 'workerSpec');
    if (isMisspelt(workerSpec, MEANT)) yield* misspelt(workerSpec, `${predictorField}.workerSpec.`, MEANT);
    yield* numbersOfPods(workerSpec, `${predictorField}.workerSpec.`);
    const { model } = service;
    if (model !== null && hasMisspeltStorageUri(service)) {
      yield* misspelt(at(raw, 'spec', 'predictor', model.key), `${model.field}.`, MEANT_IN_MODEL);
    }
    if (service.worker === null) return;
    if (model !== null && model.key !== 'model' && model.runtimeGiven) yield runtimeOfShorthand(model);
    yield* typesInService(service);
  },
  *checkRuntime({ runtime: { raw, kind, name } }) {
    yield* identity(raw, kind, name !== '');
    const spec = property(raw, 'spec');
    yield* workerSpecs(raw, '', 'spec.workerSpec');
    yield* workerSpecs(spec, 'spec.', 'spec.workerSpec');
    yield* sizes(spec, 'spec.', 'spec.workerSpec');
    yield* misspelt(property(spec, 'workerSpec'), 'spec.workerSpec.', MEANT);
    yield* numbersOfPods(property(spec, 'workerSpec'), 'spec.workerSpec.');
    yield* inContainersOf(spec, 'spec');
  },
};

function* typesInService({ raw, predictorField, model }: ServiceView): Iterable<Report> {
  const predictor = at(raw, 'spec', 'predictor');
  yield* noMap(property(predictor, 'workerSpec'), `${predictorField}.workerSpec`, 'pipelineParallelSize: 2');
  if (model !== null) {
    const { key, field, runtimeField } = model;
    yield* noMap(property(predictor, key), field, 'modelFormat: {name: huggingface}');
    const runtime = at(predictor, key, 'runtime');
    if (isUnquoted(runtime)) yield noText(runtime, runtimeField, 'runtime');
    yield* inContainer(property(predictor, key), field);
  }
  yield* inContainersOf(predictor, predictorField);
}

/** The containers of a pod spec and of the workerSpec in it. */
function* inContainersOf(pod: unknown, field: string): Iterable<Report> {
  for (const key of LISTS) yield* inContainers(asList(property(pod, key)), `${field}.${key}`);
  const workerSpec = property(pod, 'workerSpec');
  for (const key of LISTS)
    yield* inContainers(asList(property(workerSpec, key)), `${field}.workerSpec.${key}`);
}

const LISTS = ['containers', 'initContainers'];

function inContainers(list: readonly unknown[], field: string): Iterable<Report> {
  return list.length === 0 ? NOTHING : inEach(list, field);
}

const NOTHING: readonly Report[] = [];

function* inEach(list: readonly unknown[], field: string): Iterable<Report> {
  for (const [index, container] of list.entries()) yield* inContainer(container, `${field}[${index}]`);
}

function inContainer(container: unknown, field: string): Iterable<Report> {
  return hasUnreadCounts(container) || hasOtherType(container) ? faultsIn(container, field) : NOTHING;
}

function* faultsIn(container: unknown, field: string): Iterable<Report> {
  yield* unreadCounts(container, field);
  yield* otherTypes(container, field);
}

/** Resources where KServe and Kubernetes do not read them. */
function hasUnreadCounts(container: unknown): boolean {
  return (
    isMisspelt(container, MEANT_IN_CONTAINER) ||
    isMisspelt(property(container, 'resources'), MEANT_IN_RESOURCES)
  );
}

function* unreadCounts(container: unknown, field: string): Iterable<Report> {
  yield* misspelt(container, `${field}.`, MEANT_IN_CONTAINER);
  yield* misspelt(property(container, 'resources'), `${field}.resources.`, MEANT_IN_RESOURCES);
}

/** Is workerSpec in another place? Then the author means several nodes, although KServe plans none. */
export function hasMisplacedWorkerSpec(service: ServiceView): boolean {
  return !misplaced(service).next().done;
}

/** Is the model's storageUri there, under another name? */
export function hasMisspeltStorageUri({ raw, model }: ServiceView): boolean {
  const found = model === null ? null : at(raw, 'spec', 'predictor', model.key);
  return isMisspelt(found, MEANT_IN_MODEL);
}

/** Are sizes or counts written where nobody reads them? Then the plan is not the one that its author means. */
export function hasUnreadSize(service: ServiceView): boolean {
  const predictor = at(service.raw, 'spec', 'predictor');
  const workerSpec = property(predictor, 'workerSpec');
  const containers = [
    ...(service.model === null ? [] : [property(predictor, service.model.key)]),
    asList(property(workerSpec, 'containers'))[0],
  ];
  return hasMisplacedWorkerSpec(service) || isMisspelt(workerSpec, MEANT) || containers.some(hasUnreadCounts);
}

/** @returns the field that is meant by a name: nearly always the one that it is */
function meantBy(name: string, { beginning, fields }: Meant): string {
  if (!beginning.test(name)) return name;
  for (const [pattern, meant] of fields) if (pattern.test(name)) return meant;
  return name;
}

function isMisspelt(object: unknown, known: Meant): boolean {
  for (const name in asObject(object)) if (meantBy(name, known) !== name) return true;
  return false;
}

function* misspelt(object: unknown, prefix: string, known: Meant): Iterable<Report> {
  for (const name in asObject(object)) {
    const meant = meantBy(name, known);
    if (meant !== name) yield unknown(prefix + visible(name), meant);
  }
}

function* numbersOfPods(workerSpec: unknown, prefix: string): Iterable<Report> {
  for (const name in asObject(workerSpec)) {
    if (!NUMBER_OF_PODS.test(name)) continue;
    const found = 'there is no such field: KServe computes the number of pods from sizes and GPU counts';
    const fix =
      'remove it; where each pod has the GPUs of one stage, pipelineParallelSize is the number of pods';
    yield { severity: 'deny', field: prefix + visible(name), message: found, fix, short: `${found}: ${fix}` };
  }
}

/** KServe turns a shorthand into predictor.model, and loses the field that names the runtime. */
function runtimeOfShorthand({ key, runtimeField }: ModelView): Report {
  const fix = `write model: {modelFormat: {name: ${key}}, runtime: ...} in place of ${key}, or remove ${runtimeField}`;
  return {
    severity: 'deny',
    field: runtimeField,
    message: `${key} has no such field: kubectl refuses it, and other clients have it dropped silently, so that KServe takes a runtime of its own choice`,
    fix,
    short: `${key} has no field runtime, and KServe takes one of its own choice: ${fix}`,
  };
}
