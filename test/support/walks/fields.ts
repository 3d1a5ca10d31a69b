/**
 * What authors say about a service, one field at a time: where it stands, and the values that it may get. A list is
 * one value, since patches and KServe's CRD replace most lists as a whole.
 */
import fc from 'fast-check';
import { equalJson } from '../../../src/lib/json.ts';
import type { Loose } from '../../rules/cases.ts';

export interface Field {
  readonly path: readonly string[];
  /** null takes the field out. */
  readonly values: readonly Loose[];
}

const PREDICTOR = ['spec', 'predictor'];
const annotation = (key: string, ...values: readonly string[]): Field => ({
  path: ['metadata', 'annotations', key],
  values: [null, ...values],
});

/** GPUs as people write them: requests, limits, both, neither. */
function resources(...counts: readonly number[]): readonly Loose[] {
  const all = counts.flatMap((count) =>
    (['nvidia.com/gpu', 'amd.com/gpu'] as const).flatMap((type) => {
      const gpus = { [type]: String(count) };
      return [{ requests: gpus }, { limits: gpus }, { requests: gpus, limits: { ...gpus } }];
    }),
  );
  // Helm charts leave empty maps behind.
  const empty = [{ requests: {} }, { limits: {} }, { requests: {}, limits: {} }];
  return [...all, ...empty, { requests: { cpu: '6' } }];
}

const workers = (container: Loose): Loose => [{ name: 'worker-container', ...container }];

export const FIELDS = {
  TP: { path: [...PREDICTOR, 'workerSpec', 'tensorParallelSize'], values: [null, 1, 2, 4, 8, 16, 32] },
  PP: { path: [...PREDICTOR, 'workerSpec', 'pipelineParallelSize'], values: [null, 1, 2, 3, 4] },
  workers: {
    path: [...PREDICTOR, 'workerSpec', 'containers'],
    values: [
      null,
      workers({}),
      workers({ env: [{ name: 'NCCL_DEBUG', value: 'INFO' }] }),
      ...resources(1, 4, 8).map((given) => workers({ resources: given })),
    ],
  },
  head: { path: [...PREDICTOR, 'model', 'resources'], values: [null, ...resources(4, 8)] },
  env: {
    path: [...PREDICTOR, 'model', 'env'],
    values: [null, [{ name: 'LOG', value: 'debug' }], [{ name: 'MODEL_NAME', value: 'mine' }]],
  },
  workerSpec: { path: [...PREDICTOR, 'workerSpec'], values: [null, {}] },
  minReplicas: { path: [...PREDICTOR, 'minReplicas'], values: [null, 1] },
  autoscalerClass: annotation('serving.kserve.io/autoscalerClass', 'none'),
  deploymentMode: annotation('serving.kserve.io/deploymentMode', 'Standard', 'RawDeployment'),
  stop: annotation('serving.kserve.io/stop', 'true'),
  parallelism: annotation('headcount.dev/parallelism', 'keep'),
  mutation: annotation('headcount.dev/mutation', 'fill'),
  owner: annotation('example.com/owner', 'ml', 'web'),
  team: { path: ['metadata', 'labels', 'team'], values: [null, 'ml'] },
} as const satisfies Readonly<Record<string, Field>>;

export interface Change {
  readonly field: keyof typeof FIELDS;
  readonly value: Loose;
}

const of = (field: Change['field']): fc.Arbitrary<Change> =>
  fc.constantFrom<Loose>(...FIELDS[field].values).map((value) => ({ field, value }));

/** Sizes and counts change more often than the rest. */
export const changes: fc.Arbitrary<Change> = fc.oneof(
  ...(['TP', 'PP', 'workers', 'head'] as const).map((field) => ({ weight: 4, arbitrary: of(field) })),
  ...(['env', 'minReplicas', 'deploymentMode', 'stop', 'parallelism', 'mutation'] as const).map((field) => ({
    weight: 1,
    arbitrary: of(field),
  })),
  ...(['workerSpec', 'autoscalerClass', 'owner', 'team'] as const).map((field) => ({
    weight: 1,
    arbitrary: of(field),
  })),
);

/** @returns a copy of the object with the change made */
export function changed(object: Loose, { field, value }: Change): Loose {
  return withValue(object, FIELDS[field].path, value);
}

function withValue(object: Loose, [key = '', ...rest]: readonly string[], value: Loose): Loose {
  const child = rest.length === 0 ? value : withValue(object?.[key] ?? {}, rest, value);
  const { [key]: _gone, ...others } = object ?? {};
  const isGone = child === null || (rest.length > 0 && value === null && object?.[key] === undefined);
  return isGone ? others : { ...others, [key]: child };
}

/** @returns the value of the field in an object; undefined where it has none */
export function valueIn(object: Loose, field: Change['field']): Loose {
  return FIELDS[field].path.reduce((parent, key) => parent?.[key], object);
}

/**
 * Does this say a value that stands in the lived object already, but not in the author's? Only headcount can have put
 * it there, so whoever says the same can't be told from it.
 * @param said a part of an object, such as a merge patch or a manifest; a list is one value
 * @param unstated whether it counts where the author has stated nothing there
 */
export function saysWhatStands(said: Loose, lived: Loose, authors: Loose, unstated: boolean): boolean {
  if (said === null || said === undefined) return false;
  if (typeof said === 'object' && !Array.isArray(said)) {
    return Object.keys(said).some((key) => saysWhatStands(said[key], lived?.[key], authors?.[key], unstated));
  }
  return equalJson(lived, said) && !equalJson(authors, said) && (unstated || authors !== undefined);
}
