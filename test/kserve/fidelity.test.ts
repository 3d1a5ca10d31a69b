/**
 * Fidelity, on thousands of random pairs of a runtime and a service: what headcount admits is deployed by
 * KServe's algorithm (as the oracle has it, run on the patched object) exactly as planned, and what it denies
 * is denied by the rules that the contract names. HEADCOUNT_SEED repeats a run, HEADCOUNT_RUNS shortens it.
 */
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { assess } from '../../src/admission/assess-as-enforced.ts';
import type { Assessment } from '../../src/admission/assess.ts';
import { run } from '../../src/cli/program/run.ts';
import { DEFAULTS } from '../../src/config/config.ts';
import { clusterOf } from '../support/helpers.ts';
import { denials, undecided } from '../oracle/denials.ts';
import { pairs, type Pair } from '../oracle/generate.ts';
import { intended } from '../oracle/intent.ts';
import { outcomes, type Deployed, type Outcome } from '../oracle/kserve.ts';
import { minimalRuntime, minimalService, type Loose } from '../rules/cases.ts';

const KNOWN = { customGpuTypes: [] };
const RUNS = Number(process.env['HEADCOUNT_RUNS'] ?? 8000);
const SEED = Number(process.env['HEADCOUNT_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
/** Pairs that go through the command line as well, where each is parsed and printed. */
const COMMAND_LINE_RUNS = Math.min(300, RUNS);

/** One pod whichever KServe counts, but of 4 GPUs or of 8: too rare to be met by chance. */
const TWO_TYPES_ON_ONE_HEAD: Pair = (() => {
  const [runtime, service] = [minimalRuntime(), minimalService()];
  runtime.spec.containers[0].resources = { requests: { 'nvidia.com/gpu': '4' } };
  service.spec.predictor.model.resources = { requests: { 'amd.com/gpu': '8' } };
  service.spec.predictor.workerSpec = { tensorParallelSize: 2, pipelineParallelSize: 1 };
  return { runtime, service };
})();

test(`what is admitted is deployed as planned, what is denied has a reason (seed ${SEED})`, async () => {
  const seen = { admitted: 0, denied: 0 };
  await fc.assert(
    fc.asyncProperty(pairs, async ({ service, runtime }) => {
      const assessment = await assess(service, clusterOf([runtime]), DEFAULTS);
      const stored = assessment.stored as Loose;
      const found = denyingRules(assessment.findings);
      const open: readonly string[] = undecided(stored, runtime);
      expect(found.filter((rule) => !open.includes(rule))).toEqual(denials(stored, runtime));
      if (found.length > 0) seen.denied++;
      else seen.admitted++;

      // A denial shows numbers as well; but only an admitted pair has to be deployed.
      const { failure, deployed } = outcomeOf(assessment, runtime);
      if (found.length === 0) expect(failure).toBeNull();
      expect(planned(assessment)).toEqual(asPlanned(deployed));
      expectAuthorsValues(service, stored);
      expectWiring(service, stored, deployed);
      const meant = intended(service, runtime);
      if (meant !== null) {
        expect(failure === null ? numbersOf(deployed) : { failure }).toEqual(
          'failure' in meant.deployed ? meant.deployed : numbersOf(meant.deployed),
        );
      }
    }),
    { numRuns: RUNS, seed: SEED, examples: [[TWO_TYPES_ON_ONE_HEAD]] },
  );
  console.log(`fidelity: ${seen.admitted} admitted, ${seen.denied} denied, seed ${SEED}`);
  expect(seen.admitted).toBeGreaterThan(RUNS / 8);
  expect(seen.denied).toBeGreaterThan(RUNS / 8);
});

test(`the command line shows the same plan (seed ${SEED})`, async () => {
  await fc.assert(
    fc.asyncProperty(pairs, async ({ service, runtime }) => {
      const assessment = await assess(service, clusterOf([runtime]), DEFAULTS);
      const { code, shown } = await planOnCommandLine(service, runtime);
      const rules = denyingRules(shown.findings);
      expect(rules).toEqual(denyingRules(assessment.findings));
      expect(code).toBe(rules.length > 0 ? 1 : 0);
      const { deployed } = outcomeOf(assessment, runtime);
      expect(shown).toMatchObject({
        backend: runtime.spec.annotations === undefined ? 'ray' : 'mp',
        nodes: deployed.nodes,
        tensorParallelSize: Number(deployed.head.env['TENSOR_PARALLEL_SIZE']),
        pipelineParallelSize: Number(deployed.head.env['PIPELINE_PARALLEL_SIZE']),
        gpu: { resource: deployed.head.resource, ...sumsOf(deployed) },
        head: { replicas: 1, gpus: deployed.head.gpus },
        worker: { replicas: deployed.worker.replicas, gpus: gpusOfWorkerPod(deployed) },
      });
    }),
    { numRuns: COMMAND_LINE_RUNS, seed: SEED },
  );
});

/** What KServe computes; of several chances the one that the plan shows, if any of them is. */
function outcomeOf({ plan, stored }: Assessment, runtime: Loose): Outcome {
  const possible = outcomes(stored, runtime, KNOWN);
  const shown = possible.find(
    ({ deployed: { nodes, head, worker } }) =>
      nodes === plan?.nodes && head.gpus === plan.head.gpus && worker.gpus === plan.workerTemplateGpus,
  );
  const outcome = shown ?? possible[0];
  if (outcome === undefined) throw new Error('KServe deploys nothing and reports nothing');
  return outcome;
}

async function planOnCommandLine(service: Loose, runtime: Loose): Promise<{ code: number; shown: Loose }> {
  let printed = '';
  const code = await run(['plan', '-', '-o', 'json'], {
    stdin: (async function* () {
      yield Buffer.from(`${JSON.stringify(runtime)}\n---\n${JSON.stringify(service)}\n`);
    })(),
    stdout: { write: (text) => (printed += text) },
    stderr: { write: () => true },
    env: {},
  });
  const { services } = JSON.parse(printed);
  expect(services).toHaveLength(1);
  return { code, shown: services[0] };
}

function denyingRules(findings: readonly { readonly rule: string; readonly severity: string }[]): string[] {
  const rules = findings.filter(({ severity }) => severity === 'deny').map(({ rule }) => rule);
  return [...new Set(rules)].sort();
}

function planned({ plan }: Assessment): object {
  if (plan === null) throw new Error('admitted without a plan');
  return {
    nodes: plan.nodes,
    required: plan.required,
    allocated: plan.allocated,
    head: { gpus: plan.head.gpus, type: plan.head.type },
    worker: {
      replicas: plan.worker.replicas,
      gpus: plan.worker.gpus,
      template: plan.workerTemplateGpus,
      type: plan.worker.type,
    },
  };
}

function asPlanned(deployed: Deployed): object {
  const { nodes, head, worker } = deployed;
  return {
    nodes,
    ...sumsOf(deployed),
    head: { gpus: head.gpus, type: head.resource },
    worker: {
      replicas: worker.replicas,
      gpus: gpusOfWorkerPod(deployed),
      template: worker.gpus,
      type: worker.resource,
    },
  };
}

/** What runs: the type of a worker that is never started does not count. */
function numbersOf(deployed: Deployed): object {
  const { nodes, head, worker } = deployed;
  return {
    nodes,
    sizes: [head.env['TENSOR_PARALLEL_SIZE'], head.env['PIPELINE_PARALLEL_SIZE']],
    head: [head.gpus, head.resource],
    worker: worker.replicas === 0 ? null : [worker.replicas, worker.gpus, worker.resource],
  };
}

function sumsOf(deployed: Deployed): { required: number; allocated: number } {
  const { env } = deployed.head;
  return {
    required: Number(env['TENSOR_PARALLEL_SIZE']) * Number(env['PIPELINE_PARALLEL_SIZE']),
    allocated: deployed.head.gpus + deployed.worker.replicas * deployed.worker.gpus,
  };
}

/** The plan speaks of worker pods, of which there may be none. */
function gpusOfWorkerPod({ worker }: Deployed): number {
  return worker.replicas === 0 ? 0 : worker.gpus;
}

/** Sizes never go into env, where KServe refuses them; the rest is what KServe will set, or the author's. */
function expectWiring(service: Loose, stored: Loose, deployed: Deployed): void {
  const before = service.spec.predictor;
  const after = stored.spec.predictor;
  expect(valuesOf(after.model.env)).toEqual(wiring(deployed.head.env, before.model.env));
  expect(valuesOf(after.workerSpec.containers[0].env)).toEqual(
    wiring(deployed.worker.env, before.workerSpec.containers?.[0]?.env),
  );
}

function wiring(set: Readonly<Record<string, string>>, given: Loose): object {
  const { TENSOR_PARALLEL_SIZE: _tensor, PIPELINE_PARALLEL_SIZE: _pipeline, ...rest } = set;
  return { ...rest, ...valuesOf(given) };
}

function valuesOf(env: Loose): Record<string, string> {
  return Object.fromEntries((env ?? []).map(({ name, value }: Loose) => [name, value]));
}

/** Everything that the author wrote stands where it stood, but for the sizes that case 2 rewrites. */
function expectAuthorsValues(service: Loose, stored: Loose): void {
  const text = JSON.stringify(stored);
  expect(text).not.toMatch(/"name":"(TENSOR|PIPELINE)_PARALLEL_SIZE"/);
  const { tensorParallelSize, pipelineParallelSize, ...worker } = service.spec.predictor.workerSpec;
  const rest = { ...service, spec: { predictor: { ...service.spec.predictor, workerSpec: worker } } };
  expect(missingFrom(stored, rest)).toEqual([]);
  if (pipelineParallelSize === undefined) return;
  expect(stored.spec.predictor.workerSpec).toMatchObject({ pipelineParallelSize });
  if (tensorParallelSize !== undefined) {
    expect(stored.spec.predictor.workerSpec).toMatchObject({ tensorParallelSize });
  }
}

/** Paths of `given` whose value is not in `whole` in the same place; lists may only have grown at the end. */
function missingFrom(whole: unknown, given: unknown, path = ''): readonly string[] {
  if (typeof given !== 'object' || given === null) return whole === given ? [] : [path];
  if (typeof whole !== 'object' || whole === null) return [path];
  return Object.entries(given).flatMap(([key, value]) =>
    missingFrom((whole as Record<string, unknown>)[key], value, `${path}/${key}`),
  );
}
