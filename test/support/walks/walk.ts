/**
 * Random lives of a service: how it begins, and the edits by any hand that follow, with edits of its runtime between
 * them. A walk is plain data, so that fast-check can print, replay and shrink it.
 */
import fc from 'fast-check';
import { changed, changes, type Change } from './fields.ts';
import type { Loose } from '../../rules/cases.ts';

const EDITS = ['merge patch', 'JSON patch', 'read, change, replace'] as const;
/**
 * The ways in which a service is written. Whole manifests come by client-side apply and replace, or by server-side apply:
 * a client that sends workerSpec.containers, an atomic list to which headcount has added, becomes the owner of the list,
 * so that who mixes both families gets another owner than without headcount (docs/gitops.md).
 */
const FAMILIES = [
  { beginnings: ['apply'], hands: ['apply', 'replace', ...EDITS] },
  {
    beginnings: ['apply --server-side'],
    hands: ['apply --server-side', 'apply --server-side --force-conflicts', 'another manager', ...EDITS],
  },
] as const;
export type Hand = (typeof FAMILIES)[number]['hands'][number];

/** What the runtime says: GPUs of head and worker, and a back end. */
export interface RuntimeSays {
  readonly head: number;
  readonly worker: number;
  readonly type: 'nvidia.com/gpu' | 'amd.com/gpu';
  readonly mp: boolean;
}

export interface Edit {
  readonly hand: Hand;
  readonly change: Change;
  /** Is headcount away meanwhile? */
  readonly away: boolean;
}

export type Step = Edit | { readonly hand: 'runtime'; readonly says: RuntimeSays };

export interface Walk {
  readonly runtime: RuntimeSays;
  readonly beginning: (typeof FAMILIES)[number]['beginnings'][number];
  /** What the first manifest says beside its model. */
  readonly said: readonly Change[];
  readonly steps: readonly Step[];
}

const counts = fc.constantFrom(0, 0, 4, 8);
const runtimes: fc.Arbitrary<RuntimeSays> = fc.record({
  head: counts,
  worker: counts,
  type: fc.constantFrom('nvidia.com/gpu', 'nvidia.com/gpu', 'amd.com/gpu'),
  mp: fc.integer({ min: 0, max: 7 }).map((roll) => roll === 0),
});

const steps = (hands: readonly Hand[]): fc.Arbitrary<Step> =>
  fc.oneof(
    {
      weight: 8,
      arbitrary: fc
        .record({
          hand: fc.constantFrom(...hands),
          change: changes,
          away: fc.integer({ min: 0, max: 15 }).map((roll) => roll === 15),
        })
        // An empty workerSpec that one of two managers applies stays as its fields go; and one that is taken out while
        // headcount is away lives on through what headcount had added, and is nobody's then.
        .filter(
          ({ hand, change, away }) => change.field !== 'workerSpec' || (hand !== 'another manager' && !away),
        ),
    },
    { weight: 1, arbitrary: runtimes.map((says) => ({ hand: 'runtime' as const, says })) },
  );

export const walks = (length: number): fc.Arbitrary<Walk> =>
  fc.oneof(
    ...FAMILIES.map(({ beginnings, hands }) =>
      fc.record({
        runtime: runtimes,
        beginning: fc.constantFrom(...beginnings),
        said: fc.array(changes, { maxLength: 4 }),
        steps: fc.array(steps(hands), { minLength: 1, maxLength: length, size: 'max' }),
      }),
    ),
  );

/** The manifest with which a walk begins. */
export function firstManifest({ said }: Walk, name: string): Loose {
  const base: Loose = {
    apiVersion: 'serving.kserve.io/v1beta1',
    kind: 'InferenceService',
    metadata: { name, namespace: 'team' },
    spec: {
      predictor: {
        model: { modelFormat: { name: 'huggingface' }, runtime: name, storageUri: 'pvc://models/llama' },
        workerSpec: { tensorParallelSize: 8, pipelineParallelSize: 2 },
      },
    },
  };
  return said.reduce(changed, base);
}

/** @returns one line that says what the step does */
export function inWords(step: Step): string {
  if (step.hand === 'runtime') return `runtime: ${JSON.stringify(step.says)}`;
  const { field, value } = step.change;
  return `${step.hand}${step.away ? ', headcount away' : ''}: ${field} ${value === null ? 'taken out' : JSON.stringify(value)}`;
}

/** @returns the runtime under another name, saying this of its counts and its back end */
export function runtimeSaying(runtime: Loose, name: string, { head, worker, type, mp }: RuntimeSays): Loose {
  const object = JSON.parse(JSON.stringify(runtime));
  object.metadata.name = name;
  // KServe takes no two runtimes of one priority for a format.
  object.spec.supportedModelFormats = [{ name: 'huggingface' }];
  const given = (count: number): Loose =>
    count === 0 ? {} : { requests: { [type]: String(count) }, limits: { [type]: String(count) } };
  object.spec.containers[0].resources = given(head);
  object.spec.workerSpec.containers[0].resources = given(worker);
  if (mp) object.spec.annotations = { ...object.spec.annotations, 'multinode/executor-backend': 'mp' };
  return object;
}
