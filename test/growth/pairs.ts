/**
 * A field filled in one way, alone or in one of the pairs that rules and mutation compare. A case makes its objects for
 * any size.
 */
import type { Phase } from '../../src/admission/decision.ts';
import { APPLIED, GPU_RESOURCE_TYPES, LAST_APPLIED } from '../../src/kserve/annotations.ts';
import { SHORTHANDS } from '../../src/kserve/model.ts';
import { minimalRuntime, minimalService, type Loose } from '../rules/cases.ts';
import type { Filling } from './filling.ts';
import { place } from './place.ts';
import type { Field } from './schema.ts';

export interface Content {
  readonly object: unknown;
  /** Of an update. */
  readonly old?: unknown;
  /** Stored in the cluster under a name of its own; a service that names a runtime names this one. */
  readonly runtime?: Loose;
}

export interface Case {
  /** Field, filling and pair. */
  readonly name: string;
  readonly phase: Phase;
  /** Does it need a cluster that stores what it is given? */
  readonly stored: boolean;
  readonly make: (bytes: number) => Content;
}

function caseOf(
  { kind, path }: Field,
  { what }: Filling,
  pair: string,
  phase: Phase,
  { make, stored = false }: Pick<Case, 'make'> & Partial<Case>,
): Case {
  return { name: `${kind} ${path}: ${what}${pair}`, phase, stored, make };
}

/** What the field stands in. */
function baseOf({ kind, steps }: Field): Loose {
  if (kind !== 'InferenceService') {
    const runtime = { ...minimalRuntime(), kind };
    if (kind === 'ClusterServingRuntime') delete runtime.metadata.namespace;
    return runtime;
  }
  const service = minimalService();
  const shorthand = SHORTHANDS.find((key) => key === steps[2]);
  if (shorthand !== undefined) {
    const { modelFormat: _, ...model } = service.spec.predictor.model;
    delete service.spec.predictor.model;
    service.spec.predictor[shorthand] = model;
  }
  return service;
}

/** A create. */
export function alone(field: Field, filling: Filling, phase: Phase): Case {
  const make = (bytes: number): Content => ({ object: place(baseOf(field), field, filling.make(bytes)) });
  return caseOf(field, filling, '', phase, { make });
}

/** An update, both objects of half the size, so that the review has the whole. */
export function updated(
  field: Field,
  filling: Filling,
  phase: Phase,
  change: (value: unknown) => unknown,
): Case {
  const before = baseOf(field);
  (before.spec.predictor ?? before.spec).workerSpec.pipelineParallelSize = 4;
  const pair = change === turned ? ', updated from another' : ', updated';
  const make = (bytes: number): Content => {
    const value = filling.make(bytes / 2);
    return { object: place(baseOf(field), field, value), old: place(before, field, change(value)) };
  };
  return caseOf(field, filling, pair, phase, { make });
}

/** @returns the same content in another order, and a little less of it: nothing stands where it stood. */
export function turned(value: unknown): unknown {
  if (typeof value === 'string') return `-${value.slice(0, -1)}`;
  if (Array.isArray(value)) return value.toReversed().slice(1);
  return Object.fromEntries(
    Object.entries(value as object)
      .toReversed()
      .slice(1),
  );
}

/** Resources beside the annotation that lists them. */
export function listed(field: Field, filling: Filling): readonly Case[] {
  if (!/resources\.(requests|limits)$/.test(field.path)) return [];
  const make = (bytes: number): Content => {
    const resources = filling.make(bytes / 2) as object;
    const object = place(baseOf(field), field, { 'nvidia.com/gpu': '8', ...resources }) as Loose;
    object.metadata.annotations[GPU_RESOURCE_TYPES] = JSON.stringify(Object.keys(resources));
    return { object };
  };
  return [caseOf(field, filling, ', listed in the annotation', 'mutate', { make })];
}

/** As many entries as a record may have; the first ones name values that stand in the object. */
const RECORD = JSON.stringify({
  v: 1,
  wrote: [
    ['size', 'tensorParallelSize', 8],
    ['head.requests', 'nvidia.com/gpu', '8'],
    ['worker.limits', 'nvidia.com/gpu', '8'],
    ...Array.from({ length: 37 }, (_, index) => ['head.limits', `rdma/x${index}`, '1']),
  ],
  made: [],
});

/** The field beside last-applied-configuration, which says the same, and our record; owners change on an update. */
export function recorded(field: Field, filling: Filling): readonly Case[] {
  if (field.path.startsWith('metadata.annotations[')) return [];
  const owners = field.path === 'metadata.managedFields';
  const make = (bytes: number): Content => {
    const value = filling.make(bytes / (owners ? 3.3 : 2.2));
    const applied = place(baseOf(field), field, value) as Loose;
    const withRecord = (object: Loose): Loose => {
      object.metadata.annotations = {
        ...object.metadata.annotations,
        [LAST_APPLIED]: JSON.stringify(applied),
        [APPLIED]: RECORD,
      };
      return object;
    };
    const object = withRecord(structuredClone(applied));
    return owners ? { object, old: withRecord(place(baseOf(field), field, turned(value))) } : { object };
  };
  return [caseOf(field, filling, ', applied and recorded', 'mutate', { make })];
}

const OF_METADATA = /^(metadata|status)\./;

/** A small service on a stored runtime that has the field. */
export function beside(field: Field, filling: Filling): readonly Case[] {
  if (field.kind === 'InferenceService' || OF_METADATA.test(field.path)) return [];
  const make = (bytes: number): Content => ({
    object: minimalService(),
    runtime: place(baseOf(field), field, filling.make(bytes)),
  });
  return [caseOf(field, filling, ', service beside', 'mutate', { make, stored: true })];
}

/** A service that has the field, too, where KServe merges the two. */
export function besideTheSame(field: Field, filling: Filling): readonly Case[] {
  const steps = counterpart(field.steps);
  if (steps === null) return [];
  const service: Field = { ...field, steps, root: { type: 'object' } };
  const make = (bytes: number): Content => ({
    object: place(minimalService(), service, filling.make(bytes / 2)),
    runtime: place(baseOf(field), field, filling.make(bytes / 2)),
  });
  return [caseOf(field, filling, ', service with the same', 'mutate', { make, stored: true })];
}

/** A service that names no runtime, and whose format none has: each of them is said not to fit. */
export function unnamed(field: Field, filling: Filling): readonly Case[] {
  if (!/^spec\.(supportedModelFormats|protocolVersions)/.test(field.path)) return [];
  const service = minimalService();
  delete service.spec.predictor.model.runtime;
  service.spec.predictor.model.modelFormat.name = 'unknown';
  const make = (bytes: number): Content => ({
    object: service,
    runtime: place(baseOf(field), field, filling.make(bytes)),
  });
  return [caseOf(field, filling, ', service that names none', 'mutate', { make, stored: true })];
}

/** @returns where KServe merges the field of a runtime with a service's, null where it does not */
function counterpart([, first = '', second, ...rest]: readonly string[]): readonly string[] | null {
  const predictor = ['spec', 'predictor'];
  if (first === 'containers') return second === undefined ? null : [...predictor, 'model', ...rest];
  if (['workerSpec', 'tolerations', 'nodeSelector', 'annotations', 'labels'].includes(first)) {
    return [...predictor, first, ...(second === undefined ? [] : [second, ...rest])];
  }
  return null;
}
