/**
 * workerSpec and the sizes in it stand where KServe looks for them, under their names.
 *
 * Reads: apiVersion, and the names of the fields of the object, its spec, predictor, model or shorthand, and workerSpec.
 * Denied: another apiVersion than KServe's v1beta1; annotations and labels that are no text; a workerSpec or a size anywhere but in the predictor; what can only mean workerSpec, tensorParallelSize,
 * pipelineParallelSize or containers, written otherwise; the runtime of a framework shorthand such as
 * predictor.huggingface.
 * Why: kubectl refuses unknown fields. For a client that does not ask for field validation, the API server drops them
 * silently: the size is then 1, or the service has one node. Admission webhooks are called after that and do not see
 * the field, so this rule is mainly for lint.
 * Source: Kubernetes, "Field validation" and "Field pruning"; KServe's CRD.
 */
import type { ModelView } from '../kserve/model.ts';
import type { ServiceView } from '../kserve/view.ts';
import { asList, asObject, at, property } from '../lib/json.ts';
import type { Report, Rule } from './rule.ts';
import { quote, visible } from '../lib/text.ts';

const WORKER_SPEC = /^workers?[-_]?specs?$/i;
/** What is meant by a field of workerSpec; tensor_parallel_size, tensorParalelSize and the like. */
const SIZES = [
  [/^tensor[-_]?paral/i, 'tensorParallelSize'],
  [/^pipeline[-_]?paral/i, 'pipelineParallelSize'],
] as const;
const MEANT_IN_MODEL = [[/^storage[-_]?ur[il]$/i, 'storageUri']] as const;
const MEANT = [...SIZES, [/^(?:worker[-_]?)?containers?$/i, 'containers']] as const;

export const rule: Rule = {
  id: 'unknown-field',
  summary: 'workerSpec and its sizes are written where KServe reads them',
  *checkService({ service }) {
    yield* otherVersion(service);
    yield* unquoted(service);
    yield* misplaced(service);
    const { raw, predictorField } = service;
    const workerSpec = at(raw, 'spec', 'predictor', 'workerSpec');
    yield* misspelt(workerSpec, `${predictorField}.workerSpec.`, MEANT);
    if (service.model !== null) {
      yield* misspelt(
        at(raw, 'spec', 'predictor', service.model.key),
        `${service.model.field}.`,
        MEANT_IN_MODEL,
      );
    }
    if (service.worker !== null && service.model !== null) yield* runtimeOfShorthand(service.model);
  },
};

/** Is workerSpec in another place? Then the author means several nodes, although KServe plans none. */
export function hasMisplacedWorkerSpec(service: ServiceView): boolean {
  return !misplaced(service).next().done;
}

/** Then the plan is not the one that its author means. */
export function hasUnreadSize(service: ServiceView): boolean {
  const workerSpec = at(service.raw, 'spec', 'predictor', 'workerSpec');
  return hasMisplacedWorkerSpec(service) || !misspelt(workerSpec, '', MEANT).next().done;
}

function* misplaced({ raw, predictorField }: ServiceView): Generator<Report> {
  const spec = property(raw, 'spec');
  const predictor = property(spec, 'predictor');
  const right = `${predictorField}.workerSpec`;
  yield* workerSpecs(raw, '', right);
  yield* workerSpecs(spec, 'spec.', right);
  yield* workerSpecs(predictor, `${predictorField}.`, right);
  yield* workerSpecs(property(predictor, 'model'), `${predictorField}.model.`, right);
  yield* sizes(spec, 'spec.', right);
  yield* sizes(predictor, `${predictorField}.`, right);
  yield* sizes(property(predictor, 'model'), `${predictorField}.model.`, right);
  yield* sizes(property(raw, 'metadata'), 'metadata.', right);
  const container = asList(at(predictor, 'workerSpec', 'containers'))[0];
  yield* sizes(container, `${right}.containers[0].`, right);
  yield* sizes(property(container, 'resources'), `${right}.containers[0].resources.`, right);
}

/** A size outside of the workerSpec. */
function* sizes(object: unknown, prefix: string, right: string): Iterable<Report> {
  for (const name of names(object)) {
    const meant = SIZES.find(([pattern]) => pattern.test(name))?.[1];
    if (meant !== undefined) yield unknown(prefix + visible(name), `${right}.${meant}`);
  }
}

/** YAML reads true and 1 as no text, and the API server takes text only. */
function* unquoted({ raw }: ServiceView): Iterable<Report> {
  const metadata = property(raw, 'metadata');
  for (const key of ['name', 'namespace', 'generateName']) {
    yield* noText(property(metadata, key), `metadata.${key}`, key);
  }
  for (const map of ['annotations', 'labels']) {
    for (const [key, value] of Object.entries(asObject(property(metadata, map)) ?? {})) {
      yield* noText(value, `metadata.${map}[${visible(key)}]`, visible(key));
    }
  }
}

function* noText(value: unknown, field: string, name: string): Iterable<Report> {
  if (typeof value !== 'boolean' && typeof value !== 'number') return;
  yield {
    severity: 'deny',
    field,
    message: `${field} is ${value}, and the API server takes text only`,
    fix: `write it in quotes: "${value}"`,
    short: `${name} is ${value}: write it in quotes, since the API server takes text only`,
  };
}

/** KServe's CRD has no other version. */
function* otherVersion({ raw }: ServiceView): Iterable<Report> {
  const given = property(raw, 'apiVersion');
  if (given === API_VERSION) return;
  const found =
    given === undefined ? 'apiVersion is missing' : `there is no InferenceService in ${quote(given)}`;
  yield {
    severity: 'deny',
    field: 'apiVersion',
    message: found,
    fix: `write apiVersion: ${API_VERSION}`,
    short: `${found}: write apiVersion: ${API_VERSION}`,
  };
}

const API_VERSION = 'serving.kserve.io/v1beta1';

/** @param prefix of the fields' paths */
function* workerSpecs(object: unknown, prefix: string, right: string): Iterable<Report> {
  for (const name of names(object)) {
    if (WORKER_SPEC.test(name) && prefix + name !== right) yield unknown(prefix + visible(name), right);
  }
}

function* misspelt(
  object: unknown,
  prefix: string,
  known: readonly (readonly [RegExp, string])[],
): Generator<Report> {
  for (const name of names(object)) {
    const meant = known.find(([pattern]) => pattern.test(name))?.[1] ?? name;
    if (meant !== name) yield unknown(prefix + visible(name), meant);
  }
}

/** KServe turns a shorthand into predictor.model, and loses the field that names the runtime. */
function* runtimeOfShorthand({ key, runtimeField, runtimeGiven }: ModelView): Iterable<Report> {
  if (key === 'model' || !runtimeGiven) return;
  const fix = `write model: {modelFormat: {name: ${key}}, runtime: ...} in place of ${key}, or remove ${runtimeField}`;
  yield {
    severity: 'deny',
    field: runtimeField,
    message: `${key} has no such field: kubectl refuses it, and other clients have it dropped silently, so that KServe takes a runtime of its own choice`,
    fix,
    short: `${key} has no field runtime, and KServe takes one of its own choice: ${fix}`,
  };
}

function names(object: unknown): readonly string[] {
  return Object.keys(asObject(object) ?? {});
}

/** @param right where it belongs, or its name */
function unknown(field: string, right: string): Report {
  return {
    severity: 'deny',
    field,
    message: `there is no such field, KServe reads ${right}; kubectl refuses it, and other clients have it dropped silently`,
    fix: `write ${right}`,
    short: `there is no such field: write ${right}`,
  };
}
