/** What rules are told: everything known about one service or one runtime, and the settings that hold for it. */
import type { ClaimOutcome } from '../kserve/claim.ts';
import type { RuntimeOutcome } from '../kserve/selection.ts';
import type { RuntimeView } from '../kserve/runtime.ts';
import type { ServiceView } from '../kserve/view.ts';
import type { KServeFacts } from '../kserve/gpus.ts';
import type { ModelFacts } from '../vllm/facts.ts';
import type { MutationMode } from '../mutation/mode.ts';
import type { Plan } from '../kserve/plan.ts';
import type { PodContainers } from '../kserve/merge.ts';

/** The part of the configuration that rules read. */
export interface RuleSettings {
  /** Storage protocols that are admitted, without "://". */
  readonly protocols: readonly string[];
  /** Access modes that are admitted for the claim of several pods. */
  readonly accessModes: readonly string[];
  /** Resource names (or prefixes, ending in / or -) that are never GPUs. */
  readonly notGpus: readonly string[];
  /** The highest TP x PP. */
  readonly maxTotal: number;
  /** Only the command line is told of a model; null in the webhook. */
  readonly model: ModelUnderTest | null;
}

/** The model that the services are to serve, and the GPUs that they are to run on. */
export interface ModelUnderTest {
  readonly facts: ModelFacts;
  /** Bytes of one GPU; null where that is not known. */
  readonly gpuMemory: number | null;
}

/** Everything known about one InferenceService. */
export interface ServiceSubject {
  /** The object as it will be stored: in the mutating phase with our changes. */
  readonly service: ServiceView;
  /** The object as its author wrote it: without what we wrote, now or earlier. */
  readonly declared: ServiceView;
  /** The stored object on an update, else null. */
  readonly previous: ServiceView | null;
  /** `previous` as its author wrote it, else null; worked out where it is asked for. */
  readonly previousDeclared: () => ServiceView | null;
  readonly runtime: RuntimeOutcome;
  /** The runtime of `previous`, else null. */
  readonly previousRuntime: RuntimeOutcome | null;
  readonly claim: ClaimOutcome;
  readonly kserve: KServeFacts;
  /** KServe's plan for `service`; null where none can be made, or the service is not multi-node. */
  readonly plan: Plan | null;
  /** The main containers of `service` that are planned; null where there is no plan. */
  readonly pods: PodContainers | null;
  /** The same of `declared`: headcount copies the runtime's counts into the service, and these say who named what. */
  readonly declaredPods: PodContainers | null;
  /** The plan of `previous`, on its own runtime, else null. */
  readonly previousPlan: Plan | null;
  /** What headcount writes into this service; `off` where it leaves the object as it is. */
  readonly mutationMode: MutationMode;
  readonly settings: RuleSettings;
}

/** What KServe deploys for a service. */
export interface ServicePlan {
  /** Head and workers. */
  readonly pods: number;
  /** Of all pods together. */
  readonly gpus: number;
}

/** A multi-node service that a change of a runtime touches. */
export interface AffectedService {
  readonly namespace: string;
  readonly name: string;
  /**
   * breaks: it can no longer run; re-plans: KServe changes its number of pods or GPUs at once; rolls: KServe replaces its
   * pods by others with as many GPUs; keeps: only the next edit changes it.
   */
  readonly effect: 'breaks' | 're-plans' | 'rolls' | 'keeps';
  readonly before: ServicePlan;
  /** null where none can be made. */
  readonly after: ServicePlan | null;
  /** Why it can no longer run, else null; one short line. */
  readonly why: string | null;
}

/** Everything known about one ServingRuntime or ClusterServingRuntime. */
export interface RuntimeSubject {
  readonly runtime: RuntimeView;
  /** The stored runtime on an update, else null. */
  readonly previous: RuntimeView | null;
  /** Services that the change touches; `complete` is false where not all could be looked at. */
  readonly affected: { readonly services: readonly AffectedService[]; readonly complete: boolean };
  readonly kserve: KServeFacts;
  readonly settings: RuleSettings;
}
