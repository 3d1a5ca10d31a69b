/**
 * How a rule's table is written. A row is a sentence and one change to the smallest valid object; it
 * expects one finding of the rule (severity and field) or none. test/rules/catalogue.test.ts runs every table.
 */
import type { ClaimOutcome } from '../../src/kserve/claim.ts';
import type { RuleSettings, RuntimeSubject, ServiceSubject } from '../../src/rules/subject.ts';
import type { Severity } from '../../src/rules/rule.ts';
import type { KServeFacts } from '../../src/kserve/gpus.ts';
import { DEFAULT_RELEASE, releaseNamed, type ReleaseName } from '../../src/kserve/releases.ts';
import { podContainers } from '../../src/kserve/merge.ts';
import { planService } from '../../src/kserve/plan.ts';
import { readRuntime } from '../../src/kserve/runtime.ts';
import { readService } from '../../src/kserve/view.ts';
import { named, select, type RuntimeOutcome } from '../../src/kserve/selection.ts';

// Fixtures are edited freely by the rows; nothing but a row's change touches them.
// oxlint-disable-next-line typescript/no-explicit-any -- a row may give any field any type
export type Loose = any;

/** The world of one row: a service on a runtime, and what the cluster says. */
export interface World {
  service: Loose;
  /** The service without our values; the service itself where a row does not set it. */
  declared: Loose;
  /** The stored object; null on a create. */
  previous: Loose;
  /** The stored object without our values; itself where a row does not set it. */
  previousDeclared: Loose;
  runtime: Loose;
  /** The runtime as it was: null on a create, and in rows about services where it is still the same. */
  previousRuntime: Loose;
  /** Overrides what the runtime lookup gave. */
  outcome: RuntimeOutcome | null;
  claim: ClaimOutcome;
  kserve: { -readonly [K in keyof KServeFacts]: KServeFacts[K] };
  settings: { -readonly [K in keyof RuleSettings]: RuleSettings[K] };
  affected: RuntimeSubject['affected'];
  mutationMode: ServiceSubject['mutationMode'];
}

export interface Row {
  /** A sentence in the reader's words. */
  readonly name: string;
  readonly change: (world: World) => void;
  /** What the rule reports, in order (alone or as a list), or null: a near miss that passes. */
  readonly expect: Expected | readonly Expected[] | null;
}

interface Expected {
  readonly severity: Severity;
  readonly field: string;
  readonly says?: RegExp;
  readonly fix?: RegExp;
}

export interface RuleCases {
  readonly rule: string;
  readonly service?: readonly Row[];
  readonly runtime?: readonly Row[];
}

/** The smallest service that draws no finding from any rule: case 1 of the guide, on `minimalRuntime`. */
export function minimalService(): Loose {
  const gpus = { requests: { 'nvidia.com/gpu': '8' }, limits: { 'nvidia.com/gpu': '8' } };
  return {
    apiVersion: 'serving.kserve.io/v1beta1',
    kind: 'InferenceService',
    metadata: {
      name: 'llm',
      namespace: 'team',
      annotations: {
        'serving.kserve.io/deploymentMode': 'Standard',
        'serving.kserve.io/autoscalerClass': 'none',
      },
    },
    spec: {
      predictor: {
        model: {
          modelFormat: { name: 'huggingface' },
          runtime: 'rt',
          storageUri: 'pvc://models/llama',
          args: ['--distributed-executor-backend=ray'],
          resources: structuredClone(gpus),
        },
        workerSpec: {
          tensorParallelSize: 8,
          pipelineParallelSize: 2,
          containers: [{ name: 'worker-container', resources: structuredClone(gpus) }],
        },
      },
    },
  };
}

/** A multi-node runtime that draws no finding from any rule. */
export function minimalRuntime(): Loose {
  const probes = {
    livenessProbe: { exec: { command: ['true'] }, initialDelaySeconds: 60 },
    startupProbe: {
      exec: { command: ['true'] },
      initialDelaySeconds: 60,
      periodSeconds: 30,
      failureThreshold: 40,
    },
  };
  const readinessProbe = { exec: { command: ['true'] }, initialDelaySeconds: 60 };
  return {
    apiVersion: 'serving.kserve.io/v1alpha1',
    kind: 'ServingRuntime',
    metadata: { name: 'rt', namespace: 'team' },
    spec: {
      supportedModelFormats: [{ name: 'huggingface', version: '1', autoSelect: true, priority: 2 }],
      protocolVersions: ['v2', 'v1'],
      containers: [{ name: 'kserve-container', image: 'x', ...structuredClone(probes), readinessProbe }],
      workerSpec: {
        tensorParallelSize: 1,
        pipelineParallelSize: 1,
        containers: [{ name: 'worker-container', image: 'x', ...structuredClone(probes) }],
      },
    },
  };
}

export function minimalWorld(): World {
  return {
    service: minimalService(),
    declared: null,
    previous: null,
    previousDeclared: null,
    runtime: minimalRuntime(),
    previousRuntime: null,
    outcome: null,
    claim: { status: 'found', name: 'models', accessModes: ['ReadWriteMany'], phase: 'Bound' },
    kserve: { customGpuTypes: [], defaultDeploymentMode: null, release: DEFAULT_RELEASE },
    settings: {
      protocols: ['pvc'],
      accessModes: ['ReadWriteMany', 'ReadOnlyMany'],
      notGpus: ['rdma/', 'vpc.amazonaws.com/efa', 'hugepages-'],
      maxTotal: 4096,
      model: null,
    },
    affected: { services: [], complete: true },
    mutationMode: 'full',
  };
}

function outcomeOf(service: Loose, world: World): RuntimeOutcome {
  if (world.outcome !== null) return world.outcome;
  const view = readService(service);
  const runtime = readRuntime(world.runtime);
  if (view.model === null) return { status: 'no-model' };
  const name = view.model.runtimeName;
  if (name === null) return select(view.model, [runtime], [], world.kserve.release);
  return named(view.model, name, runtime.name === name ? runtime : null, world.kserve.release);
}

/** Of a row without an earlier runtime, the runtime is still the same. */
function previousOutcome(world: World): RuntimeOutcome | null {
  if (world.previous === null) return null;
  const now = outcomeOf(world.service, world);
  if (world.previousRuntime === null || now.status !== 'found') return now;
  return { ...now, runtime: readRuntime(world.previousRuntime) };
}

/** A change of a row: the release of KServe that is planned for. */
export function on(name: ReleaseName): (world: World) => void {
  return (world) => (world.kserve.release = releaseNamed(name));
}

function planOf(service: Loose, world: World, kserve: KServeFacts): ServiceSubject['plan'] {
  const outcome = outcomeOf(service, world);
  return outcome.status === 'found' ? planService(readService(service), outcome.runtime, kserve) : null;
}

export function serviceSubject(world: World): ServiceSubject {
  const [service, declared] = [readService(world.service), readService(world.declared ?? world.service)];
  const outcome = outcomeOf(world.service, world);
  const plan = planOf(world.service, world, world.kserve);
  const runtime = plan !== null && outcome.status === 'found' ? outcome.runtime : null;
  return {
    service,
    declared,
    previous: world.previous === null ? null : readService(world.previous),
    previousDeclared: () =>
      world.previous === null ? null : readService(world.previousDeclared ?? world.previous),
    runtime: outcome,
    previousRuntime: previousOutcome(world),
    claim: world.claim,
    kserve: world.kserve,
    plan,
    pods: runtime && podContainers(service, runtime),
    declaredPods: runtime && podContainers(declared, runtime),
    previousPlan: world.previous === null ? null : planOf(world.previous, world, world.kserve),
    mutationMode: world.mutationMode,
    settings: world.settings,
  };
}

export function runtimeSubject(world: World): RuntimeSubject {
  return {
    runtime: readRuntime(world.runtime),
    previous: world.previousRuntime === null ? null : readRuntime(world.previousRuntime),
    affected: world.affected,
    kserve: world.kserve,
    settings: world.settings,
  };
}
