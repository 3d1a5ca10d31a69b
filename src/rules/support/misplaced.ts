/** Fields that stand where KServe does not read them. For unknown-field. */
import type { ServiceView } from '../../kserve/view.ts';
import { asList, asObject, at, property } from '../../lib/json.ts';
import { visible } from '../../lib/text.ts';
import type { Report } from './finding.ts';

const WORKER_SPEC = /^workers?[-_]?specs?$/i;
/** What is meant by a field of workerSpec; tensor_parallel_size, tensorParalelSize and the like. */
export const SIZES = [
  [/^tensor[-_]?paral/i, 'tensorParallelSize'],
  [/^pipeline[-_]?paral/i, 'pipelineParallelSize'],
] as const;

/** How every misplaced name begins. Nearly no service has one, so the places are looked at closely only then. */
const SUSPICIOUS = /^(?:workers?[-_]?spec|(?:tensor|pipeline)[-_]?paral)/i;
const SHORTEST = 'workerspec'.length;

function mayBeMisplaced({ raw }: ServiceView): boolean {
  const spec = property(raw, 'spec');
  const predictor = property(spec, 'predictor');
  const container = asList(at(predictor, 'workerSpec', 'containers'))[0];
  return (
    hasSuspicious(raw) ||
    hasSuspicious(spec) ||
    hasSuspicious(predictor, 'workerSpec') ||
    hasSuspicious(property(predictor, 'model')) ||
    hasSuspicious(property(raw, 'metadata')) ||
    hasSuspicious(container) ||
    hasSuspicious(property(container, 'resources'))
  );
}

/** @param right the one suspicious name that is in its place here */
function hasSuspicious(value: unknown, right = ''): boolean {
  const object = asObject(value);
  if (object === null) return false;
  // Not Object.keys: each list of keys would be a new one, for every object of every review.
  for (const name in object) {
    if (name.length >= SHORTEST && name !== right && SUSPICIOUS.test(name)) return true;
  }
  return false;
}

/** workerSpec and sizes anywhere but in the predictor. */
export function* misplaced(service: ServiceView): Generator<Report> {
  if (mayBeMisplaced(service)) yield* inUsualPlaces(service);
  if (service.worker === null && asObject(service.predictor) !== null) yield* elsewhere(service);
}

/** In the places where people put them most. */
function* inUsualPlaces(service: ServiceView): Generator<Report> {
  const { raw, predictorField } = service;
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

/** How deep and how far a workerSpec is looked for in other places: an author may write a large object. */
const DEEPEST = 8;
const MOST_VISITED = 4_096;

/** A workerSpec in any other place, where the predictor has none. */
function* elsewhere({ raw, predictor, predictorField }: ServiceView): Generator<Report> {
  const spec = property(raw, 'spec');
  const usual = [raw, spec, predictor, property(predictor, 'model')];
  // The rule canary speaks of those in there; what the cluster writes is no author's.
  const others = [property(spec, 'canary'), property(raw, 'status'), at(raw, 'metadata', 'managedFields')];
  const queue = [{ value: raw as unknown, field: '', depth: 0 }];
  for (const { value, field, depth } of queue) {
    for (const [key, inner] of Object.entries(value as object)) {
      if (typeof inner !== 'object' || inner === null || others.includes(inner)) continue;
      const isFound = WORKER_SPEC.test(key) && asObject(inner) !== null;
      if (!isFound && (depth === DEEPEST || queue.length === MOST_VISITED)) continue;
      const name = Array.isArray(value) ? `[${key}]` : `${field === '' ? '' : '.'}${visible(key)}`;
      if (!isFound) queue.push({ value: inner, field: field + name, depth: depth + 1 });
      else if (!usual.includes(value)) yield unknown(field + name, `${predictorField}.workerSpec`);
    }
  }
}

/** A size outside of the workerSpec. */
export function* sizes(object: unknown, prefix: string, right: string): Iterable<Report> {
  for (const name of names(object)) {
    const meant = SIZES.find(([pattern]) => pattern.test(name))?.[1];
    if (meant !== undefined) yield unknown(prefix + visible(name), `${right}.${meant}`);
  }
}

/** @param prefix of the fields' paths */
export function* workerSpecs(object: unknown, prefix: string, right: string): Iterable<Report> {
  for (const name of names(object)) {
    if (WORKER_SPEC.test(name) && prefix + name !== right) yield unknown(prefix + visible(name), right);
  }
}

function names(object: unknown): readonly string[] {
  return Object.keys(asObject(object) ?? {});
}

/** @param right where it belongs, or its name */
export function unknown(field: string, right: string): Report {
  return {
    severity: 'deny',
    field,
    message: `there is no such field, KServe reads ${right}; kubectl refuses it, and other clients have it dropped silently`,
    fix: `write ${right}`,
    short: `there is no such field: write ${right}`,
  };
}
