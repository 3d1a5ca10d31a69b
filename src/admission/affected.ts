/**
 * Which multi-node services a change of a runtime breaks, re-plans at once or re-plans at their next edit. KServe
 * reconciles all services on a runtime as soon as the runtime changes. The services are not cached: each review lists
 * them in pages, and only as many as it has time for.
 */
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { Unavailable, type Cluster, type Later } from '../cluster/cluster.ts';
import type { Config } from '../config/config.ts';
import { named, select, type RuntimeOutcome } from '../kserve/selection.ts';
import type { RuntimeView } from '../kserve/runtime.ts';
import type { Release } from '../kserve/releases.ts';
import { isStopped } from '../kserve/pod-annotations.ts';
import { makesSamePods } from '../kserve/same-pods.ts';
import { isMultiNode, readService, type ServiceView } from '../kserve/view.ts';
import type { AffectedService, RuntimeSubject, ServicePlan } from '../rules/subject.ts';
import type { Plan } from '../kserve/plan.ts';
import { findingsOnStored, planAfterEdit } from './assess.ts';
import { kserveFacts, type Facts } from './facts.ts';
import { enforcementOf, type Enforcement } from './enforcement.ts';
import { ratchet } from './ratchet.ts';
import { planFor } from './subject.ts';

/** A claim does not depend on the runtime. */
const NO_CLAIM = { status: 'none' } as const;
/** Planning this many services takes about 200 ms. */
const MOST_SERVICES = 2_000;
/** A review has 3 s in total. */
const MOST_MILLISECONDS = 1_500;
/** Milliseconds of planning before other requests get a turn. */
const TURN = 20;

/**
 * @param previous the stored runtime, null where there was none
 * @returns the services, in the order of the list; complete is false where not all could be looked at
 */
export async function affectedServices(
  runtime: RuntimeView,
  previous: RuntimeView | null,
  cluster: Cluster,
  config: Config,
): Promise<RuntimeSubject['affected']> {
  const services: AffectedService[] = [];
  const kserve = await kserveFacts(cluster, config);
  const runtimes = listedOnce(cluster);
  const enforcementIn = onceEach((namespace) => enforcementOf(namespace, cluster, config));
  const factsOn = (outcome: RuntimeOutcome): Facts => ({ runtime: outcome, claim: NO_CLAIM, kserve });

  const end = performance.now() + MOST_MILLISECONDS;
  let looked = 0;
  let turnEnds = performance.now() + TURN;
  try {
    for await (const page of inTime(cluster.services(runtime.namespace), end)) {
      for (const object of page) {
        if (!isMultiNode(object)) continue;
        looked += 1;
        if (performance.now() > turnEnds) {
          await nextTurn();
          turnEnds = performance.now() + TURN;
        }
        if (looked > MOST_SERVICES || performance.now() > end) return { services, complete: false };
        const service = readService(object);
        const { name } = service.model === null ? { name: null } : { name: service.model.runtimeName };
        if (name !== null && name !== runtime.name) continue;
        const before = factsOn(await lookUp(service, runtimes, previous, kserve.release));
        const after = factsOn(await lookUp(service, runtimes, runtime, kserve.release));
        const enforcement = await enforcementIn(service.namespace);
        const effect = effectOn(service, before, after, previous !== null, enforcement, config);
        if (effect !== null) {
          services.push({ namespace: service.namespace, name: service.name ?? '', ...effect });
        }
      }
    }
  } catch (error) {
    if (!(error instanceof Unavailable)) throw error;
    return { services, complete: false };
  }
  return { services, complete: true };
}

/**
 * A slow API server must not make a review miss its deadline: the API server would then deny the request, although
 * the services can only add a warning.
 * @param end the deadline for all pages, in milliseconds of performance.now()
 * @throws Unavailable when a page does not come before `end`
 */
async function* inTime<T>(pages: AsyncIterable<T>, end: number): AsyncIterable<T> {
  const iterator = pages[Symbol.asyncIterator]();
  const over = new AbortController();
  const late = sleep(Math.max(0, end - performance.now()), null, { ref: false, signal: over.signal });
  // Nobody waits for this timer after the last page, so its rejection must not count as unhandled.
  late.catch(() => {});
  try {
    for (;;) {
      const next = await Promise.race([iterator.next(), late]);
      if (next === null) throw new Unavailable('no answer in time');
      if (next.done === true) return;
      yield next.value;
    }
  } finally {
    over.abort();
  }
}

type RuntimeLookup = Pick<Cluster, 'runtime' | 'runtimes'>;

/** Thousands of services of a namespace may name no runtime, and a list may be read live. */
function listedOnce(cluster: RuntimeLookup): RuntimeLookup {
  return {
    runtime: (namespace, name) => cluster.runtime(namespace, name),
    runtimes: onceEach((namespace) => cluster.runtimes(namespace)),
  };
}

/** @returns the same lookup, which asks once for each namespace */
function onceEach<T>(ask: (namespace: string) => Later<T>): (namespace: string) => Later<T> {
  const answers = new Map<string, Later<T>>();
  return (namespace) => {
    const answer = answers.get(namespace) ?? ask(namespace);
    answers.set(namespace, answer);
    return answer;
  };
}

/** @param over a runtime that replaces the cluster's runtime of the same name; null for none */
async function lookUp(
  { model, namespace }: ServiceView,
  cluster: RuntimeLookup,
  over: RuntimeView | null,
  release: Release,
): Promise<RuntimeOutcome> {
  if (model === null) return { status: 'no-model' };
  const replaced = (list: readonly RuntimeView[], of: string | null): readonly RuntimeView[] =>
    over === null || over.namespace !== of
      ? list
      : [...list.filter((runtime) => runtime.name !== over.name), over];
  if (model.runtimeName === null) {
    const { inNamespace, inCluster } = await cluster.runtimes(namespace);
    return select(model, replaced(inNamespace, namespace), replaced(inCluster, null), release);
  }
  const found = await cluster.runtime(namespace, model.runtimeName);
  const hidden = over === null || (over.namespace === null && found !== null && found.namespace !== null);
  return named(model, model.runtimeName, hidden ? found : over, release);
}

type Effect = Omit<AffectedService, 'namespace' | 'name'>;

/**
 * @param isUpdate is it an update? Then both versions are whole. Of a runtime that another one hides from now on, the cache
 *   has only a part, and the pods can't be compared
 * @returns null when the change does not affect the service, or when the service could not run before either
 */
function effectOn(
  service: ServiceView,
  before: Facts,
  after: Facts,
  isUpdate: boolean,
  enforcement: Enforcement,
  config: Config,
): Effect | null {
  const planBefore = planFor(service, before);
  if (planBefore === null || planBefore.available < planBefore.required) return null;
  const planAfter = planFor(service, after);
  const numbers = { before: servicePlan(planBefore), after: planAfter && servicePlan(planAfter) };
  const findings = findingsOnStored(service, after, enforcement, config);
  const fault = ratchet(findings, [findingsOnStored(service, before, enforcement, config)]).find(
    ({ severity }) => severity === 'deny',
  );
  if (fault !== undefined) return { effect: 'breaks', ...numbers, why: fault.short };
  if (planAfter === null) return { effect: 'breaks', ...numbers, why: null };
  if (numbersOf(planBefore) !== numbersOf(planAfter)) return { effect: 're-plans', ...numbers, why: null };
  const planEdited = planAfterEdit(service.raw, after, enforcement, config);
  if (planEdited === null || numbersOf(planEdited) === numbersOf(planAfter)) {
    return isUpdate && rolls(service, before, after) ? { effect: 'rolls', ...numbers, why: null } : null;
  }
  return { effect: 'keeps', before: numbers.before, after: servicePlan(planEdited), why: null };
}

function rolls(service: ServiceView, { runtime: old }: Facts, { runtime: now }: Facts): boolean {
  return (
    old.status === 'found' &&
    now.status === 'found' &&
    !isStopped(service) &&
    !makesSamePods(service, old.runtime, now.runtime)
  );
}

function servicePlan({ pods, allocated }: Plan): ServicePlan {
  return { pods, gpus: allocated };
}

function numbersOf(plan: Plan): string {
  const { backend, tensorParallelSize, pipelineParallelSize, nodes, head, worker } = plan;
  return [
    backend,
    tensorParallelSize,
    pipelineParallelSize,
    nodes,
    head.gpus,
    head.type,
    worker.gpus,
    worker.type,
  ].join();
}
