/**
 * What headcount writes into a service: annotations, sizes, GPU requests, Ray wiring, and the record of it
 * all (README.md, What it sets). It starts from the object as its author means it, never from its own earlier
 * output. It first decides on all values, and then writes them at once.
 */
import {
  writeAnnotations,
  writeSpec,
  type Addition,
  type ContainerAdditions,
  type Written,
} from './additions.ts';
import type { RuntimeView } from '../kserve/runtime.ts';
import { annotation, AUTOSCALER_CLASS, DEPLOYMENT_MODE } from '../kserve/annotations.ts';
import type { ServiceView } from '../kserve/view.ts';
import {
  givenCounts,
  missingCounts,
  NO_COUNTS,
  withCounts,
  writableTypes,
  type GpuCounts,
  type WritableTypes,
} from './counts.ts';
import type { KServeFacts } from '../kserve/gpus.ts';
import { withoutNewTag } from './head-limits.ts';
import type { MutationMode } from './mode.ts';
import { splitSizes } from './parallelism.ts';
import { planService, withSizes, type Plan, type Sizes } from '../kserve/plan.ts';
import { podContainers, type PodContainer, type PodContainers } from '../kserve/merge.ts';
import { autoscalerClassOf, keepsOldMode, modesOf, type Release } from '../kserve/releases.ts';
import { headWiring, workerWiring } from '../kserve/wiring.ts';

export interface MutationOptions {
  /** full: all of it; fill: only what is absent, no list of the author's is appended to; off: nothing. */
  readonly mode: MutationMode;
  /** Write autoscalerClass and deploymentMode where they are absent. */
  readonly defaultAnnotations: boolean;
  /** Apply the guide's case 2. */
  readonly normalizeParallelism: boolean;
  /** Resource names (or prefixes, ending in / or -) that are never GPUs. */
  readonly notGpus: readonly string[];
}

/** What is to be known of the stored object. */
export interface Stored {
  /** metadata.generation, which is part of HEAD_SVC, while the spec does not change; 1 on create. */
  readonly generation: number;
  /** status.deploymentMode, which KServe compares the annotation with; null on create. */
  readonly liveMode: string | null;
  /** Does this object's spec differ from the stored one, so that the API server counts up? */
  readonly changes: (object: unknown) => boolean;
}

/**
 * @param service the service as its author means it (intent.ts takeBack)
 * @param runtime null where it is not known
 * @returns the object with our values; only with our annotations if no plan can be made; unchanged if the mode is off
 */
export function applyPlan(
  service: ServiceView,
  runtime: RuntimeView | null,
  kserve: KServeFacts,
  options: MutationOptions,
  stored: Stored,
): unknown {
  if (options.mode === 'off') return service.raw;
  const spec = runtime && writtenSpec(service, runtime, kserve, options, stored);
  return writeAnnotations(
    spec ?? { object: service.raw, entries: [], made: [] },
    annotationsToWrite(service, kserve.release, options, stored),
  );
}

/** @returns null where no plan can be made */
function writtenSpec(
  service: ServiceView,
  runtime: RuntimeView,
  kserve: KServeFacts,
  options: MutationOptions,
  { generation: current, changes }: Stored,
): Written | null {
  const types = writableTypes(service, runtime, kserve, options.notGpus);
  const asGiven = podContainers(service, runtime);
  const { given, pods, plan: planAsGiven } = completed(service, runtime, kserve, types, asGiven);
  if (planAsGiven === null) return null;
  const normalizes = options.mode === 'full' && options.normalizeParallelism;
  const split = normalizes ? splitSizes(service, runtime, planAsGiven) : null;
  const plan = split === null ? planAsGiven : withSizes(planAsGiven, split);
  // The missing counts are KServe's own result, so the plan stays the same when they are written.
  const missing = missingCounts(pods, types, plan);

  const head = {
    resources: withoutNewTag([...given.head, ...missing.head], service, runtime, kserve.release, asGiven),
    env: envToWrite(asGiven.head, headWiring(service, plan), options),
  };
  const ofWorker = [...given.worker, ...missing.worker];
  const written = (generation: number): Written =>
    writeSpec(service.raw, {
      sizes: sizesToWrite(service, plan),
      head,
      worker: {
        resources: ofWorker,
        env: envToWrite(asGiven.worker, workerWiring(service, plan, generation, kserve.release), options),
      },
    });
  const same = written(current);
  return changes(same.object) ? written(current + 1) : same;
}

interface Completed {
  readonly given: GpuCounts;
  readonly pods: PodContainers;
  readonly plan: Plan | null;
}

/**
 * Completes the given counts, unless that leaves KServe with too few GPUs where it had enough before. This can happen
 * because KServe counts only requests: a limit that is copied into the requests can change its result.
 */
function completed(
  service: ServiceView,
  runtime: RuntimeView,
  kserve: KServeFacts,
  types: WritableTypes,
  asGiven: PodContainers,
): Completed {
  const given = givenCounts(asGiven, types);
  const pods = withCounts(asGiven, given);
  const plan = planService(service, runtime, kserve, pods);
  if (plan === null || hasEnough(plan)) return { given, pods, plan };
  const planWithout = planService(service, runtime, kserve, asGiven);
  if (planWithout === null || !hasEnough(planWithout)) return { given, pods, plan };
  return { given: NO_COUNTS, pods: asGiven, plan: planWithout };
}

function hasEnough({ available, required }: Plan): boolean {
  return available >= required;
}

/** The sizes where they are absent, and where case 2 changed them. */
function sizesToWrite({ worker }: ServiceView, plan: Sizes): readonly Addition<number>[] {
  return (['tensorParallelSize', 'pipelineParallelSize'] as const)
    .map((key) => ({ key, value: plan[key], had: worker?.[key].value ?? undefined }))
    .filter(({ value, had }) => value !== had);
}

function annotationsToWrite(
  service: ServiceView,
  release: Release,
  options: MutationOptions,
  { liveMode }: Stored,
): readonly Addition<string>[] {
  const additions: Addition<string>[] = [];
  const { mode, other } = modesOf(release);
  const keepsMode = keepsOldMode(liveMode, release);
  const defaults = {
    [AUTOSCALER_CLASS]: autoscalerClassOf(release),
    ...(!keepsMode && { [DEPLOYMENT_MODE]: mode }),
  };
  for (const [key, value] of options.defaultAnnotations ? Object.entries(defaults) : []) {
    if (service.annotations[key] === undefined) additions.push({ key, value, had: undefined });
  }
  const had = annotation(service, DEPLOYMENT_MODE);
  if (options.mode === 'full' && had === other && !keepsMode) {
    additions.push({ key: DEPLOYMENT_MODE, value: mode, had });
  }
  return additions;
}

/** The env that KServe's controller would set, so that the stored object shows it. The author's env stays. */
function envToWrite(
  { own }: PodContainer,
  wiring: ReadonlyMap<string, string>,
  { mode }: MutationOptions,
): ContainerAdditions['env'] {
  const env = own?.env ?? [];
  if (env.length === 0) return [...wiring];
  const taken = new Set(env.map(({ name }) => name));
  return mode === 'fill' ? [] : [...wiring].filter(([name]) => !taken.has(name));
}
