/**
 * What headcount makes of one object: what its author means, what would be stored, the plan, and every
 * finding. The webhook (admit.ts) and the command line (assess-as-enforced.ts) call the same functions.
 */
import type { Cluster } from '../cluster/cluster.ts';
import type { Config } from '../config/config.ts';
import { equalJson, at } from '../lib/json.ts';
import { takeBack, type Declared } from '../mutation/intent.ts';
import { unchanged, withSettledRecord } from '../mutation/settled.ts';
import type { RuntimeOutcome } from '../kserve/selection.ts';
import { readService, type ServiceView } from '../kserve/view.ts';
import { evaluateService } from '../rules/index.ts';
import type { ClaimOutcome } from '../kserve/claim.ts';
import type { Finding } from '../rules/rule.ts';
import { applyPlan } from '../mutation/apply.ts';
import type { KServeFacts } from '../kserve/gpus.ts';
import type { Plan } from '../kserve/plan.ts';
import { excepted } from './exceptions.ts';
import { gatherFacts, previousFacts, type Facts } from './facts.ts';
import { mutationModeOf, notJudgedUnder, type Enforcement } from './enforcement.ts';
import { ratchet } from './ratchet.ts';
import { planFor, subjectOf } from './subject.ts';

/** One version of a service in review. */
export interface Subject {
  readonly object: unknown;
  /** The stored object on an update, else null. */
  readonly oldObject: unknown;
  /** What the stored object ran on, where that is known; else today's cluster counts for it as well. */
  readonly oldFacts?: Facts;
  readonly name: string;
  readonly namespace: string;
}

export interface Assessment {
  /** The service as its author means it. */
  readonly declared: ServiceView;
  /** The service as it would be stored. */
  readonly service: ServiceView;
  /** The object that would be stored. It may have any shape. */
  readonly stored: unknown;
  readonly runtime: RuntimeOutcome;
  readonly claim: ClaimOutcome;
  readonly kserve: KServeFacts;
  readonly plan: Plan | null;
  /** Did the guide's case 2 change the sizes? */
  readonly normalized: boolean;
  /** Did someone just apply a value equal to one that we had derived? */
  readonly ambiguous: boolean;
  readonly findings: readonly Finding[];
  /** What is enforced in its namespace. */
  readonly enforcement: Enforcement;
}

/**
 * Runs the part of an assessment that only computes, after everything that it needs has been read. The server stops
 * a computation that takes too long; all other callers run it directly.
 */
export type Compute = <T>(work: () => T) => T | Promise<T>;
export const atOnce: Compute = (work) => work();

/** @param phase mutate: judge the object with our changes; validate: judge it as it comes */
export async function assessService(
  subject: Subject,
  phase: 'mutate' | 'validate',
  enforcement: Enforcement,
  cluster: Cluster,
  config: Config,
  compute: Compute = atOnce,
): Promise<Assessment> {
  const { object, oldObject } = subject;
  const taken = takeBack(object, oldObject);
  const declared = readService(taken.object, subject);
  const previous = oldObject === null ? null : readService(oldObject, subject);
  const facts = await gatherFacts(declared, cluster, config);
  const before =
    previous && (subject.oldFacts ?? (await previousFacts(previous, declared, facts, cluster, config)));
  const versions = { taken, declared, previous, facts, before };
  return compute(() => assessOn(versions, subject, phase, enforcement, config));
}

/** A service in its versions, and what they depend on. */
interface Versions {
  readonly taken: Declared;
  readonly declared: ServiceView;
  readonly previous: ServiceView | null;
  readonly facts: Facts;
  /** The facts of `previous`. */
  readonly before: Facts | null;
}

function assessOn(
  { taken, declared, previous, facts, before }: Versions,
  subject: Subject,
  phase: 'mutate' | 'validate',
  enforcement: Enforcement,
  config: Config,
): Assessment {
  const stored =
    phase === 'mutate'
      ? mutated(taken.object, previous, declared, facts, enforcement, config)
      : subject.object;
  const service = stored === taken.object ? declared : readService(stored, subject);
  const created = subjectOf(service, declared, facts, enforcement, config);
  const all = evaluateService(
    previous && before
      ? {
          ...created,
          previous,
          previousDeclared: () => authored(previous),
          previousRuntime: before.runtime,
          previousPlan: planFor(previous, before),
        }
      : created,
    config.rules,
  );
  const findings = excepted(all, service, config.exceptions);
  return {
    declared,
    service,
    stored,
    runtime: facts.runtime,
    claim: facts.claim,
    kserve: facts.kserve,
    plan: created.plan,
    normalized:
      declared.worker?.tensorParallelSize.given !== undefined &&
      declared.worker.tensorParallelSize.given !== service.worker?.tensorParallelSize.given,
    ambiguous: taken.ambiguous,
    findings:
      previous && before
        ? ratchet(findings, findingsBefore(previous, before, phase, enforcement, config))
        : findings,
    enforcement,
  };
}

/** The stored object as its author wrote it. */
function authored(previous: ServiceView): ServiceView {
  const known = AUTHORED.get(previous);
  if (known !== undefined) return known;
  const { object } = takeBack(previous.raw, previous.raw);
  if (object === previous.raw) return previous;
  const declared = readService(object);
  AUTHORED.set(previous, declared);
  return declared;
}

/** Those that have values of ours: the mutation, the rules and the ratchet all need them. */
const AUTHORED = new WeakMap<ServiceView, ServiceView>();

/** @returns the findings about a stored service as it stands, on these facts. */
export function findingsOnStored(
  previous: ServiceView,
  facts: Facts,
  enforcement: Enforcement,
  config: Config,
): readonly Finding[] {
  return findingsOn(previous, authored(previous), facts, enforcement, config);
}

/**
 * A service that was created before headcount was installed gets our values at its next update. Findings that these
 * values cause must not block an update that has nothing to do with them.
 */
function* findingsBefore(
  previous: ServiceView,
  facts: Facts,
  phase: 'mutate' | 'validate',
  enforcement: Enforcement,
  config: Config,
): Iterable<readonly Finding[]> {
  yield findingsOnStored(previous, facts, enforcement, config);
  if (phase === 'validate') return;
  const declared = authored(previous);
  const stored = readService(mutated(declared.raw, null, declared, facts, enforcement, config));
  yield findingsOn(stored, declared, facts, enforcement, config);
}

function findingsOn(
  service: ServiceView,
  declared: ServiceView,
  facts: Facts,
  enforcement: Enforcement,
  config: Config,
): readonly Finding[] {
  return evaluateService(subjectOf(service, declared, facts, enforcement, config), config.rules);
}

/** @returns the plan that a stored service will have on these facts once it has been edited, and so mutated where anything is judged. */
export function planAfterEdit(
  object: unknown,
  facts: Facts,
  enforcement: Enforcement,
  config: Config,
): Plan | null {
  if (notJudgedUnder(enforcement) !== null) return planFor(readService(object), facts);
  const taken = takeBack(object, null).object;
  const declared = readService(taken);
  const stored = mutated(taken, null, declared, facts, enforcement, config);
  return planFor(readService(stored), facts);
}

/**
 * Our changes to the object. In a mutating review, metadata.generation is what the client sent, so the stored
 * generation counts. Only the computed result shows whether this update changes the spec, and so the generation.
 */
function mutated(
  taken: unknown,
  previous: ServiceView | null,
  declared: ServiceView,
  facts: Facts,
  enforcement: Enforcement,
  config: Config,
): unknown {
  if (facts.runtime.status === 'unavailable' || declared.worker === null) return taken;
  const kept = previous && unchanged(taken, previous.raw, authored(previous).raw);
  if (kept !== null) return kept;
  const runtime = facts.runtime.status === 'found' ? facts.runtime.runtime : null;
  const options = {
    ...config.mutation,
    mode: mutationModeOf(declared, enforcement),
    notGpus: config.gpus.notGpus,
  };
  const written = applyPlan(declared, runtime, facts.kserve, options, {
    generation: previous?.generation ?? 1,
    liveMode: previous?.liveDeploymentMode ?? null,
    changes: (object) => previous !== null && !equalJson(at(object, 'spec'), at(previous.raw, 'spec')),
  });
  return previous === null ? written : withSettledRecord(written, previous.raw);
}
