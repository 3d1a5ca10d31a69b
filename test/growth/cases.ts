/**
 * The cases: a field filled in one way, alone or in one of the pairs that rules and mutation compare. A case makes its
 * objects for any size.
 */
import type { Phase } from '../../src/admission/decision.ts';
import { APPLIED, GPU_RESOURCE_TYPES, LAST_APPLIED, SHORTHANDS } from '../../src/isvc/view.ts';
import { minimalRuntime, minimalService, type Loose } from '../rules/cases.ts';
import { fillingsOf, type Filling } from './content.ts';
import { place } from './place.ts';
import { isRead, isSecond } from './read.ts';
import type { Field, Kind } from './schema.ts';

export interface Content {
  readonly object: unknown;
  /** Of an update. */
  readonly old?: unknown;
  /** Stored in the cluster, and named by the service; it gets a name of its own. */
  readonly runtime?: Loose;
}

export interface Case {
  /** Field, filling and pair. */
  readonly name: string;
  readonly kind: Kind;
  readonly phase: Phase;
  /** Does it need a cluster that stores what it is given? */
  readonly stored: boolean;
  readonly make: (bytes: number) => Content;
}

/**
 * @param short fewer of each field
 * @returns the cases of these fields
 */
export function casesOf(fields: readonly Field[], short: boolean): readonly Case[] {
  return fields.flatMap((field) => {
    const all = fillingsOf(field);
    if (!isRead(field)) return all.flatMap((filling) => unread(field, filling));
    if (!short) return all.flatMap((filling) => read(field, filling));
    const most = isSecond(field) || isWord(field) ? 2 : all.length;
    return all.slice(0, most).flatMap((filling, index) => brief(field, filling, index));
  });
}

/** One word of a command line, or a value: as lists of many they are filled as well. */
function isWord({ path, type }: Field): boolean {
  return type === 'string' && !path.startsWith('metadata.');
}

/** What a field that is read is judged beside: everything. */
function read(field: Field, filling: Filling): readonly Case[] {
  const { kind } = field;
  const phases: readonly Phase[] = kind === 'InferenceService' ? ['mutate', 'validate'] : ['validate'];
  return [
    ...phases.map((phase) => alone(field, filling, phase)),
    updated(field, filling, 'validate', (value) => value),
    updated(field, filling, 'mutate', turned),
    ...(kind === 'InferenceService'
      ? [...listed(field, filling), ...recorded(field, filling)]
      : [...beside(field, filling), ...besideTheSame(field, filling)]),
  ];
}

/** The most telling of them. */
function brief(field: Field, filling: Filling, index: number): readonly Case[] {
  const first = index === 0 && field.type !== 'string' && !isSecond(field);
  const turns = first ? [updated(field, filling, 'validate', turned)] : [];
  if (field.kind === 'InferenceService') {
    return [
      alone(field, filling, 'mutate'),
      ...turns,
      ...(field.path.endsWith('limits') && index < 2 ? listed(field, filling) : []),
      ...(first ? recorded(field, filling) : []),
    ];
  }
  return [...(index < 2 ? [alone(field, filling, 'validate')] : []), ...turns, ...beside(field, filling)];
}

/** A field that nobody reads is compared as a part of the whole, whatever it says; a deep one not differently. */
function unread(field: Field, filling: Filling): readonly Case[] {
  const phase = field.kind === 'InferenceService' ? 'mutate' : 'validate';
  return [
    alone(field, filling, phase),
    ...(field.steps.length < 6 ? [updated(field, filling, phase, turned), ...beside(field, filling)] : []),
  ];
}

type Maker = Pick<Case, 'make'> & Partial<Pick<Case, 'stored'>>;

function caseOf(
  { kind, path }: Field,
  { what }: Filling,
  pair: string,
  phase: Phase,
  { make, stored }: Maker,
): Case {
  return { name: `${kind} ${path}: ${what}${pair}`, kind, phase, stored: stored ?? false, make };
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

function alone(field: Field, filling: Filling, phase: Phase): Case {
  const make = (bytes: number): Content => ({ object: place(baseOf(field), field, filling.make(bytes)) });
  return caseOf(field, filling, '', phase, { make });
}

/** Of half the size each, so that the review has the whole. */
function updated(field: Field, filling: Filling, phase: Phase, change: (value: unknown) => unknown): Case {
  const before = baseOf(field);
  (before.spec.predictor ?? before.spec).workerSpec.pipelineParallelSize = 4;
  const pair = change === turned ? ', updated from another' : ', updated';
  const make = (bytes: number): Content => {
    const value = filling.make(bytes / 2);
    return { object: place(baseOf(field), field, value), old: place(before, field, change(value)) };
  };
  return caseOf(field, filling, pair, phase, { make });
}

/** The same content in another order, and a little less of it: nothing stands where it stood. */
function turned(value: unknown): unknown {
  if (typeof value === 'string') return `-${value.slice(0, -1)}`;
  if (Array.isArray(value)) return value.toReversed().slice(1);
  return Object.fromEntries(
    Object.entries(value as object)
      .toReversed()
      .slice(1),
  );
}

/** Resources beside the annotation that lists them. */
function listed(field: Field, filling: Filling): readonly Case[] {
  if (!/resources\.(requests|limits)$/.test(field.path)) return [];
  const make = (bytes: number): Content => {
    const resources = filling.make(bytes / 2) as object;
    const object = place(baseOf(field), field, { 'nvidia.com/gpu': '8', ...resources }) as Loose;
    object.metadata.annotations[GPU_RESOURCE_TYPES] = JSON.stringify(Object.keys(resources));
    return { object };
  };
  return [caseOf(field, filling, ', listed in the annotation', 'mutate', { make })];
}

const RECORD = JSON.stringify({
  v: 1,
  wrote: [
    ['size', 'tensorParallelSize', 8],
    ['head.requests', 'nvidia.com/gpu', '8'],
    ['worker.env', 'HEAD_SVC', 'x'],
  ],
  made: [],
});

/** Beside last-applied-configuration, which says the same, and our record. */
function recorded(field: Field, filling: Filling): readonly Case[] {
  if (field.path.startsWith('metadata.annotations[')) return [];
  const make = (bytes: number): Content => {
    const applied = place(baseOf(field), field, filling.make(bytes / 2.2)) as Loose;
    const object = structuredClone(applied);
    object.metadata.annotations = {
      ...object.metadata.annotations,
      [LAST_APPLIED]: JSON.stringify(applied),
      [APPLIED]: RECORD,
    };
    return { object };
  };
  return [caseOf(field, filling, ', applied and recorded', 'mutate', { make })];
}

const OF_METADATA = /^(metadata|status)\./;

/** A small service on a stored runtime that has the field. */
function beside(field: Field, filling: Filling): readonly Case[] {
  if (field.kind === 'InferenceService' || OF_METADATA.test(field.path)) return [];
  const make = (bytes: number): Content => ({
    object: minimalService(),
    runtime: place(baseOf(field), field, filling.make(bytes)),
  });
  return [caseOf(field, filling, ', service beside', 'mutate', { make, stored: true })];
}

/** A service that has the field, too, where KServe merges the two. */
function besideTheSame(field: Field, filling: Filling): readonly Case[] {
  const steps = counterpart(field.steps);
  if (steps === null) return [];
  const service: Field = { ...field, steps, root: { type: 'object' } };
  const make = (bytes: number): Content => ({
    object: place(minimalService(), service, filling.make(bytes / 2)),
    runtime: place(baseOf(field), field, filling.make(bytes / 2)),
  });
  return [caseOf(field, filling, ', service with the same', 'mutate', { make, stored: true })];
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
