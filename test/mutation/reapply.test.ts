/**
 * Writing again, for random pairs of runtime and service: mutating twice is mutating once; the author's
 * manifest merged over our output as kubectl merges it, and mutated again, is our output; and changing a
 * number afterwards gives what a fresh create would give. The patch is applied by rfc6902, and touches
 * nothing that its paths do not name.
 */
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { DEFAULTS, type Config } from '../../src/config/config.ts';
import { APPLIED } from '../../src/kserve/annotations.ts';
import { equalJson } from '../../src/lib/json.ts';
import { ApiServer, clientSideApply, clusterOf, configOf } from '../support/helpers.ts';
import { pairs } from '../oracle/generate.ts';
import type { Loose } from '../rules/cases.ts';

const RUNS = Number(process.env['HEADCOUNT_RUNS'] ?? 2_000);
const seed = Number(process.env['HEADCOUNT_SEED'] ?? Date.now() % 2 ** 31);

/** /mutate denies nothing: what is refused must be written and taken back as well as what is not. */
const lenient: Config = configOf({ denyAt: 'validate' });

/** Writes without the validating phase, so that refused pairs are stored too. */
class Lenient extends ApiServer {
  override async ask(phase: 'mutate' | 'validate', object: Loose): ReturnType<ApiServer['ask']> {
    if (phase === 'validate')
      return { outcome: 'allow', notJudged: null, warnings: [], remarks: [], patch: [] };
    return super.ask(phase, object);
  }
}

function server(runtime: Loose, mode: Config['mutation']['mode'] = 'full'): Lenient {
  return new Lenient(clusterOf([runtime]), { ...lenient, mutation: { ...DEFAULTS.mutation, mode } });
}

async function created(runtime: Loose, manifest: Loose): Promise<Loose> {
  const fresh = server(runtime);
  await fresh.apply(manifest);
  return fresh.stored;
}

const edits: readonly ((manifest: Loose, value: number) => void)[] = [
  (manifest, value) => (manifest.spec.predictor.workerSpec.tensorParallelSize = value),
  (manifest, value) => (manifest.spec.predictor.workerSpec.pipelineParallelSize = value),
  (manifest) => delete manifest.spec.predictor.workerSpec.tensorParallelSize,
  (manifest) => delete manifest.spec.predictor.workerSpec.pipelineParallelSize,
  (manifest, value) =>
    (manifest.spec.predictor.model.resources = { requests: { 'nvidia.com/gpu': String(value) } }),
  (manifest) => delete manifest.spec.predictor.model.resources,
  (manifest, value) =>
    (manifest.spec.predictor.workerSpec.containers = [
      { name: 'worker-container', resources: { requests: { 'nvidia.com/gpu': String(value) } } },
    ]),
  (manifest) => delete manifest.spec.predictor.workerSpec.containers,
  (manifest, value) => (manifest.spec.predictor.model.env = [{ name: 'A', value: String(value) }]),
  (manifest) => delete manifest.spec.predictor.model.env,
  (manifest) => delete manifest.metadata.annotations?.['serving.kserve.io/autoscalerClass'],
];

/** HEAD_SVC and WORKER_SVC carry the generation, which a fresh object has not counted up to. */
function atGeneration(object: Loose, generation: number): Loose {
  const text = JSON.stringify(object).replaceAll(/-(head|workers)-\d+/g, `-$1-${generation}`);
  const copy = JSON.parse(text);
  copy.metadata.generation = generation;
  return copy;
}

function withoutRecord(object: Loose): Loose {
  const { [APPLIED]: _record, ...annotations } = object.metadata.annotations;
  return { ...object, metadata: { ...object.metadata, annotations } };
}

test(`${RUNS} pairs, seed ${seed}: twice is once, re-applied is unchanged, edited is fresh`, async () => {
  const edit = fc.tuple(fc.constantFrom(...edits), fc.integer({ min: 1, max: 16 }));
  let changed = 0;
  await fc.assert(
    fc.asyncProperty(
      pairs,
      fc.array(edit, { minLength: 1, maxLength: 3 }),
      async ({ service, runtime }, sequence) => {
        const manifest = structuredClone(service);
        const api = server(runtime);
        await api.apply(manifest);
        const first = api.stored;
        if (APPLIED in first.metadata.annotations) changed++;
        expect(await api.ask('mutate', first)).toMatchObject({ outcome: 'allow', patch: [] });

        await api.apply(manifest);
        expect(JSON.stringify(api.stored.spec)).toBe(JSON.stringify(first.spec));
        expect(api.stored).toEqual(first);

        for (const [change, value] of sequence) {
          change(manifest, value);
          const before = api.stored;
          await api.apply(manifest);
          const fresh = atGeneration(await created(runtime, manifest), api.stored.metadata.generation);
          // While the spec stays, the record may stay as well (mutation/settled.ts).
          const stays = equalJson(before.spec, api.stored.spec);
          expect(stays ? withoutRecord(api.stored) : api.stored).toEqual(
            stays ? withoutRecord(fresh) : fresh,
          );
        }
      },
    ),
    { numRuns: RUNS, seed },
  );
  expect(changed).toBeGreaterThan(RUNS / 2);
});

test(`${RUNS} pairs, seed ${seed}: what mode off leaves is the manifest itself`, async () => {
  await fc.assert(
    fc.asyncProperty(pairs, async ({ service, runtime }) => {
      const manifest = structuredClone(service);
      const api = server(runtime);
      await api.apply(manifest);
      manifest.metadata.annotations = { ...manifest.metadata.annotations, 'headcount.dev/mutation': 'off' };
      await api.apply(manifest);
      const { generation: _generation, ...metadata } = api.stored.metadata;
      expect({ ...api.stored, metadata }).toEqual(clientSideApply(null, manifest));
    }),
    { numRuns: RUNS, seed },
  );
});

test(`${RUNS} pairs, seed ${seed}: the patch touches nothing of the author's but the sizes of case 2`, async () => {
  await fc.assert(
    fc.asyncProperty(pairs, async ({ service, runtime }) => {
      const stored = await created(runtime, service);
      expect(without(stored, service)).toEqual([]);
    }),
    { numRuns: RUNS, seed },
  );
});

const REWRITTEN = ['spec.predictor.workerSpec.tensorParallelSize'];

/** @returns the paths of the author's values that do not stand in the stored object as they were. */
function without(stored: Loose, authors: Loose, path = ''): string[] {
  if (typeof authors !== 'object' || authors === null) {
    return stored === authors || REWRITTEN.includes(path) ? [] : [path];
  }
  if (typeof stored !== 'object' || stored === null) return [path];
  return Object.keys(authors).flatMap((key) =>
    without(stored[key], authors[key], path === '' ? key : `${path}.${key}`),
  );
}
