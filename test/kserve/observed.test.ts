/**
 * KServe's own deployments, recorded from a running controller: what the oracle of the other tests must
 * reproduce without headcount, and what headcount's plan must be, or else be a difference that the contract
 * wants and that is listed here by name.
 */
import { describe, expect, test } from '@jest/globals';
import { assess } from '../../src/admission/assess-as-enforced.ts';
import type { Assessment } from '../../src/admission/assess.ts';
import { DEFAULTS } from '../../src/config/config.ts';
import { clusterOf } from '../support/helpers.ts';
import { outcomes, type Template } from '../oracle/kserve.ts';
import type { Loose } from '../rules/cases.ts';
import { observedDeployments, shippedRuntime, testWithShared } from '../support/shared.ts';

const KNOWN = { customGpuTypes: [] };

/** Admitted, and not planned as KServe deployed it without headcount. */
const DIFFERENT: Readonly<Record<string, string>> = {
  'guide/case2-tp16-w8': 'case 2: TP 16 over workers of 8 becomes TP 8 x PP 2',
  'ray/ppNone-tp4-w2': 'case 2: TP 4 over workers of 2 becomes TP 2 x PP 2',
  'rt-override/hNone-w8-ppNone-tp16': 'case 2: TP 16 over workers of 4 becomes TP 4 x PP 4',
  'vendor/amd.com/gpu-w2': "the head gets the worker's GPU type instead of KServe's default",
  'custom/mig-w1': "the head gets the worker's GPU type instead of KServe's default",
};

/** Deployed by KServe, and denied by a rule of the contract. */
const DENIED: Readonly<Record<string, { rule: string; why: string }>> = {
  'vendor/habana.ai/gaudi-h2': {
    rule: 'gpu-type-mix',
    why: 'only the head names a GPU type, and stating it for the workers would change the number of pods',
  },
};

describe('the oracle', () => {
  testWithShared('gives every recorded deployment and every recorded failure', () => {
    for (const { name, inferenceService, runtime, deployed } of observedDeployments()) {
      const [outcome, ...others] = outcomes(inferenceService, runtime, KNOWN);
      expect([name, others]).toEqual([name, []]);
      if (outcome === undefined) throw new Error(`${name}: nothing is deployed`);
      const { head, worker, nodes } = outcome.deployed;
      const computed =
        outcome.failure === null
          ? {
              nodes,
              head: { replicas: 1, ...asRecorded(head) },
              worker: { replicas: worker.replicas, ...asRecorded(worker) },
            }
          : { failure: numbersIn(outcome.failure) };
      const recorded = deployed.failure === undefined ? deployed : { failure: numbersIn(deployed.failure) };
      expect({ name, ...computed }).toEqual({ name, ...recorded });
    }
  });

  test('counts any of several GPU types, zeros too', () => {
    const worker = {
      name: 'worker-container',
      resources: { requests: { 'nvidia.com/gpu': '4', 'amd.com/gpu': 0 } },
    };
    const service = {
      metadata: { name: 'llm' },
      spec: { predictor: { workerSpec: { tensorParallelSize: 8, containers: [worker] } } },
    };
    expect(outcomes(service, {}, KNOWN).map(({ deployed }) => deployed.nodes)).toEqual([2, 8]);
  });

  test('takes requests from the runtime and ignores limits', () => {
    const runtime = {
      spec: {
        workerSpec: {
          tensorParallelSize: 8,
          containers: [{ name: 'worker-container', resources: { requests: { 'nvidia.com/gpu': '2' } } }],
        },
      },
    };
    const worker = { name: 'worker-container', resources: { limits: { 'nvidia.com/gpu': '4' } } };
    const service = {
      metadata: { name: 'llm' },
      spec: { predictor: { workerSpec: { containers: [worker] } } },
    };
    expect(outcomes(service, runtime, KNOWN).map(({ deployed }) => deployed.nodes)).toEqual([4]);
    expect(outcomes(service, {}, KNOWN).map(({ deployed }) => deployed.nodes)).toEqual([1]);
  });
});

describe('headcount', () => {
  testWithShared('plans what KServe deployed, but for the listed differences and denials', async () => {
    const entries = observedDeployments();
    for (const { name, inferenceService, runtime, deployed } of entries) {
      const assessment = await assess(inferenceService, clusterOf([runtime]), DEFAULTS);
      const expected = deployed.failure === undefined ? DENIED[name]?.rule : 'gpu-capacity';
      expect([name, denialsOf(assessment)]).toEqual([name, expected === undefined ? [] : [expected]]);
      if (expected !== undefined) continue;
      const subject = expect({ name, ...planned(assessment) });
      if (name in DIFFERENT) subject.not.toEqual({ name, ...recordedPlan(deployed) });
      else subject.toEqual({ name, ...recordedPlan(deployed) });
    }
    const names = entries.map((entry) => entry.name);
    expect(
      [...Object.keys(DIFFERENT), ...Object.keys(DENIED)].filter((name) => !names.includes(name)),
    ).toEqual([]);
  });

  testWithShared('plans the listed differences as the contract says', async () => {
    const expected: Record<string, Loose> = {
      'guide/case2-tp16-w8': { tensor: 8, pipeline: 2, nodes: 2, head: [8, 'nvidia.com/gpu'] },
      'ray/ppNone-tp4-w2': { tensor: 2, pipeline: 2, nodes: 2, head: [2, 'nvidia.com/gpu'] },
      'rt-override/hNone-w8-ppNone-tp16': { tensor: 4, pipeline: 4, nodes: 4, head: [4, 'nvidia.com/gpu'] },
      'vendor/amd.com/gpu-w2': { tensor: 4, pipeline: 2, nodes: 4, head: [2, 'amd.com/gpu'] },
      'custom/mig-w1': { tensor: 1, pipeline: 2, nodes: 2, head: [1, 'nvidia.com/mig-3g.40gb'] },
    };
    expect(Object.keys(expected)).toEqual(Object.keys(DIFFERENT));
    for (const { name, inferenceService, runtime } of observedDeployments()) {
      if (!(name in DIFFERENT)) continue;
      const { worker: _worker, ...plan } = planned(
        await assess(inferenceService, clusterOf([runtime]), DEFAULTS),
      );
      expect([name, plan]).toEqual([name, expected[name]]);
    }
  });

  testWithShared("counts limits where KServe's own algorithm ignores them", async () => {
    const entry = observedDeployments().find(({ name }) => name === 'ray/pp2-tp4-w2');
    const [worker] = entry?.inferenceService.spec.predictor.workerSpec.containers ?? [];
    delete worker.resources.requests;
    worker.resources.limits = { 'nvidia.com/gpu': '4' };
    const alone = outcomes(entry?.inferenceService, entry?.runtime, KNOWN);
    expect(alone.map(({ deployed }) => [deployed.nodes, deployed.worker.gpus])).toEqual([[8, 1]]);
    const assessment = await assess(entry?.inferenceService, clusterOf([entry?.runtime]), DEFAULTS);
    expect(denialsOf(assessment)).toEqual([]);
    expect(planned(assessment)).toMatchObject({ nodes: 2, head: [4, 'nvidia.com/gpu'] });
  });
});

describe('the guide, on the runtime that KServe ships', () => {
  testWithShared('its example draws no denial and no warning', async () => {
    const assessment = await onShippedRuntime({ tensorParallelSize: 1, pipelineParallelSize: 2 });
    expect(assessment.findings.filter(({ severity }) => severity !== 'note')).toEqual([]);
    expect(planned(assessment)).toMatchObject({ nodes: 2, head: [1, 'nvidia.com/gpu'] });
  });

  testWithShared('case 1: two pods of eight, no warning', async () => {
    const assessment = await onShippedRuntime({ tensorParallelSize: 8, pipelineParallelSize: 2 }, '8');
    expect(warningsOf(assessment)).toEqual([]);
    expect(planned(assessment)).toEqual({
      tensor: 8,
      pipeline: 2,
      nodes: 2,
      head: [8, 'nvidia.com/gpu'],
      worker: [1, 8, 'nvidia.com/gpu'],
    });
  });

  testWithShared('case 2: rewritten to TP 8 x PP 2, with the warning that says so', async () => {
    const assessment = await onShippedRuntime({ tensorParallelSize: 16 }, '8');
    expect(warningsOf(assessment)).toEqual(['parallel-size']);
    expect(planned(assessment)).toMatchObject({
      tensor: 8,
      pipeline: 2,
      nodes: 2,
      head: [8, 'nvidia.com/gpu'],
    });
  });

  testWithShared('case 3: one pod of eight, with the warning that it is not multi-node', async () => {
    const assessment = await onShippedRuntime({ tensorParallelSize: 8, pipelineParallelSize: 1 }, '8');
    expect(warningsOf(assessment)).toEqual(['gpu-idle']);
    expect(planned(assessment)).toMatchObject({ nodes: 1, head: [8, 'nvidia.com/gpu'] });
  });
});

async function onShippedRuntime(workerSpec: Loose, workerGpus?: string): Promise<Assessment> {
  const containers = [
    { name: 'worker-container', resources: { requests: { 'nvidia.com/gpu': workerGpus } } },
  ];
  const service = {
    apiVersion: 'serving.kserve.io/v1beta1',
    kind: 'InferenceService',
    metadata: {
      name: 'huggingface-llama3',
      annotations: {
        'serving.kserve.io/deploymentMode': 'Standard',
        'serving.kserve.io/autoscalerClass': 'none',
      },
    },
    spec: {
      predictor: {
        model: {
          modelFormat: { name: 'huggingface' },
          runtime: 'kserve-huggingfaceserver-multinode',
          storageUri: 'pvc://llama-3-8b-pvc/hf/8b_instruction_tuned',
        },
        workerSpec: workerGpus === undefined ? workerSpec : { ...workerSpec, containers },
      },
    },
  };
  const assessment = await assess(service, clusterOf([shippedRuntime()]), DEFAULTS);
  expect(denialsOf(assessment)).toEqual([]);
  return assessment;
}

interface Planned {
  readonly tensor: number;
  readonly pipeline: number;
  readonly nodes: number;
  /** GPUs and their type. */
  readonly head: readonly [number, string];
  /** Pods, GPUs of each and their type; null without a worker pod. */
  readonly worker: readonly [number, number, string] | null;
}

function planned({ plan }: Assessment): Planned {
  if (plan === null) throw new Error('there is no plan');
  const { head, worker } = plan;
  return {
    tensor: plan.tensorParallelSize,
    pipeline: plan.pipelineParallelSize,
    nodes: plan.nodes,
    head: [head.gpus, head.type],
    worker: worker.replicas === 0 ? null : [worker.replicas, worker.gpus, worker.type],
  };
}

function recordedPlan({ nodes, head, worker }: Loose): Planned {
  const gpus = ({ resources }: Loose): [number, string] => {
    const [[type, count]] = Object.entries<string>(resources.requests) as [[string, string]];
    return [Number(count), type];
  };
  return {
    tensor: Number(head.env.TENSOR_PARALLEL_SIZE),
    pipeline: Number(head.env.PIPELINE_PARALLEL_SIZE),
    nodes,
    head: gpus(head),
    worker: worker.replicas === 0 ? null : [worker.replicas, ...gpus(worker)],
  };
}

function denialsOf({ findings }: Assessment): readonly string[] {
  return rulesOf(findings.filter(({ severity }) => severity === 'deny'));
}

function warningsOf({ findings }: Assessment): readonly string[] {
  return rulesOf(findings.filter(({ severity }) => severity === 'warn'));
}

function rulesOf(findings: Assessment['findings']): readonly string[] {
  return [...new Set(findings.map(({ rule }) => rule))].sort();
}

function asRecorded({ requests, limits, env }: Template): Loose {
  return { resources: { requests, limits }, env };
}

function numbersIn(text: string): readonly string[] {
  return text.match(/\d+/g) ?? [];
}
