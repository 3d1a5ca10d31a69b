/**
 * workerSpec and the sizes in it stand where KServe looks for them, under their names.
 *
 * Reads: kind, apiVersion and metadata; the names of the fields of the object, its spec, predictor, model or shorthand,
 * and workerSpec; the types of command, args and env.
 * Denied: a misspelt kind; another apiVersion than KServe's; no name; annotations and labels that are no text; a workerSpec
 * or a size anywhere but in the predictor (in a runtime: in the spec); what can only mean workerSpec, tensorParallelSize,
 * pipelineParallelSize, containers or the resources of a container, written otherwise or in another place; a number of pods; the runtime of a framework shorthand such as
 * predictor.huggingface; args, a command or env that is no list, and values in them that are no text.
 * Why: kubectl refuses unknown fields. For a client that does not ask for field validation, the API server drops them
 * silently: the size is then 1, or the service has one node. Admission webhooks are called after that and do not see
 * the field, so this rule is mainly for lint.
 * Source: Kubernetes, "Field validation" and "Field pruning"; KServe's CRD.
 */
import type { ModelView } from '../kserve/model.ts';
import type { ServiceView } from '../kserve/view.ts';
import { asList, asObject, at, property } from '../lib/json.ts';
import type { Report, Rule } from './rule.ts';
import { noMap, otherTypes } from './support/field-types.ts';
import { identity, noText } from './support/identity.ts';
import { misplaced, names, SIZES, sizes, unknown, workerSpecs } from './support/misplaced.ts';
import { visible } from '../lib/text.ts';

const MEANT_IN_MODEL = [[/^storage[-_]?ur[il]$/i, 'storageUri']] as const;
const MEANT_IN_CONTAINER = [
  [/^resources?$/i, 'resources'],
  [/^requests?$/i, 'resources.requests'],
  [/^limits?$/i, 'resources.limits'],
] as const;
const MEANT_IN_RESOURCES = [
  [/^requests?$/i, 'requests'],
  [/^limits?$/i, 'limits'],
] as const;
/** What other kinds call the number of pods. */
const NUMBER_OF_PODS = /^(?:min|max)?replicas?$|^(?:size|nodes|numNodes|nodeCount|workers)$/i;
const MEANT = [...SIZES, [/^(?:worker[-_]?)?containers?$/i, 'containers']] as const;

export const rule: Rule = {
  id: 'unknown-field',
  summary: 'Kind, fields and their types are what KServe reads, workerSpec and its sizes above all',
  *checkService({ service }) {
    const { raw, predictorField } = service;
    yield* identity(raw, 'InferenceService');
    yield* misplaced(service);
    const workerSpec = at(raw, 'spec', 'predictor', 'workerSpec');
    yield* misspelt(workerSpec, `${predictorField}.workerSpec.`, MEANT);
    yield* numbersOfPods(workerSpec, `${predictorField}.workerSpec.`);
    if (service.model !== null) {
      yield* misspelt(
        at(raw, 'spec', 'predictor', service.model.key),
        `${service.model.field}.`,
        MEANT_IN_MODEL,
      );
    }
    if (service.worker === null) return;
    const { model } = service;
    if (model !== null && model.key !== 'model' && model.runtimeGiven) yield runtimeOfShorthand(model);
    yield* typesInService(service);
  },
  *checkRuntime({ runtime: { raw, kind } }) {
    yield* identity(raw, kind);
    const spec = property(raw, 'spec');
    yield* workerSpecs(raw, '', 'spec.workerSpec');
    yield* workerSpecs(spec, 'spec.', 'spec.workerSpec');
    yield* sizes(spec, 'spec.', 'spec.workerSpec');
    yield* misspelt(property(spec, 'workerSpec'), 'spec.workerSpec.', MEANT);
    yield* numbersOfPods(property(spec, 'workerSpec'), 'spec.workerSpec.');
    for (const { container, field } of containersIn(spec, 'spec')) yield* inContainer(container, field);
  },
};

function* typesInService({ raw, predictorField, model }: ServiceView): Iterable<Report> {
  const predictor = at(raw, 'spec', 'predictor');
  yield* noMap(property(predictor, 'workerSpec'), `${predictorField}.workerSpec`, 'pipelineParallelSize: 2');
  if (model !== null) {
    const { key, field, runtimeField } = model;
    yield* noMap(property(predictor, key), field, 'modelFormat: {name: huggingface}');
    yield* noText(at(predictor, key, 'runtime'), runtimeField, 'runtime');
    yield* inContainer(property(predictor, key), field);
  }
  for (const { container, field } of containersIn(predictor, predictorField)) {
    yield* inContainer(container, field);
  }
}

function* inContainer(container: unknown, field: string): Iterable<Report> {
  yield* unreadCounts(container, field);
  yield* otherTypes(container, field);
}

/** Resources where KServe and Kubernetes do not read them. */
function* unreadCounts(container: unknown, field: string): Generator<Report> {
  yield* misspelt(container, `${field}.`, MEANT_IN_CONTAINER);
  yield* misspelt(property(container, 'resources'), `${field}.resources.`, MEANT_IN_RESOURCES);
}

interface Found {
  readonly container: unknown;
  readonly field: string;
}

/** The containers of a pod spec and of the workerSpec in it. */
function containersIn(pod: unknown, podField: string): readonly Found[] {
  return [[], ['workerSpec']].flatMap((path) =>
    ['containers', 'initContainers'].flatMap((key) =>
      asList(at(pod, ...path, key)).map((container, index) => ({
        container,
        field: `${[podField, ...path, key].join('.')}[${index}]`,
      })),
    ),
  );
}

/** Is workerSpec in another place? Then the author means several nodes, although KServe plans none. */
export function hasMisplacedWorkerSpec(service: ServiceView): boolean {
  return !misplaced(service).next().done;
}

/** Is the model's storageUri there, under another name? */
export function hasMisspeltStorageUri({ raw, model }: ServiceView): boolean {
  const found = model === null ? null : at(raw, 'spec', 'predictor', model.key);
  return !misspelt(found, '', MEANT_IN_MODEL).next().done;
}

/** Are sizes or counts written where nobody reads them? Then the plan is not the one that its author means. */
export function hasUnreadSize(service: ServiceView): boolean {
  const predictor = at(service.raw, 'spec', 'predictor');
  const workerSpec = property(predictor, 'workerSpec');
  const containers = [
    ...(service.model === null ? [] : [property(predictor, service.model.key)]),
    asList(property(workerSpec, 'containers'))[0],
  ];
  return (
    hasMisplacedWorkerSpec(service) ||
    !misspelt(workerSpec, '', MEANT).next().done ||
    containers.some((container) => !unreadCounts(container, '').next().done)
  );
}

/** @returns the field that is meant by a name: nearly always the one that it is */
function meantBy(name: string, known: readonly (readonly [RegExp, string])[]): string {
  for (const [, meant] of known) if (name === meant) return name;
  for (const [pattern, meant] of known) if (pattern.test(name)) return meant;
  return name;
}

function* misspelt(
  object: unknown,
  prefix: string,
  known: readonly (readonly [RegExp, string])[],
): Generator<Report> {
  for (const name in asObject(object)) {
    const meant = meantBy(name, known);
    if (meant !== name) yield unknown(prefix + visible(name), meant);
  }
}

function* numbersOfPods(workerSpec: unknown, prefix: string): Iterable<Report> {
  for (const name of names(workerSpec).filter((given) => NUMBER_OF_PODS.test(given))) {
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
