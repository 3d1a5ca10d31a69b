/**
 * Which multi-node services a change of a runtime breaks or re-plans at their next edit. The services are not
 * held in memory: they are listed for the occasion, in pages, and no more of them than a review has time for.
 */
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { Unavailable, type Cluster } from '../cluster/cluster.ts';
import type { Config } from '../config.ts';
import { named, select, type RuntimeOutcome } from '../isvc/runtime-selection.ts';
import type { RuntimeView } from '../isvc/runtime.ts';
import { isMultiNode, readService, type ServiceView } from '../isvc/view.ts';
import type { AffectedService, RuntimeSubject } from '../rules/rule.ts';
import type { Plan } from '../topology/plan.ts';
import { planAfterEdit } from './assess.ts';
import { kserveFacts } from './facts.ts';
import type { Policy } from './policy.ts';

/** Some 200 ms of planning. */
const MOST_SERVICES = 2_000;
/** A review has 3 s. */
const MOST_MILLISECONDS = 1_500;
/** Milliseconds of planning after which others get a turn. */
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
  const policy: Policy = { enforce: 'deny', mutationMode: config.mutation.mode };
  const planOn = (object: unknown, outcome: RuntimeOutcome): Plan | null =>
    planAfterEdit(object, { runtime: outcome, claim: { status: 'none' }, kserve }, policy, config);

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
        const before = planOn(object, await lookUp(service, cluster, previous));
        const after = planOn(object, await lookUp(service, cluster, runtime));
        const effect = effectOn(before, after);
        if (effect !== null) {
          services.push({ namespace: service.namespace, name: service.name ?? '', effect });
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
 * An API server that does not answer must not cost a review its deadline: that would be a denial, where only a
 * warning is at stake.
 * @param end in performance.now()'s milliseconds
 * @throws Unavailable when a page is not there by then
 */
async function* inTime<T>(pages: AsyncIterable<T>, end: number): AsyncIterable<T> {
  const iterator = pages[Symbol.asyncIterator]();
  const over = new AbortController();
  const late = sleep(Math.max(0, end - performance.now()), null, { ref: false, signal: over.signal });
  // Not waited for once the pages are there.
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

/** @param over a runtime that takes the place of the cluster's own of its name, null for none */
async function lookUp(
  { model, namespace }: ServiceView,
  cluster: Cluster,
  over: RuntimeView | null,
): Promise<RuntimeOutcome> {
  if (model === null) return { status: 'no-model' };
  const replaced = (list: readonly RuntimeView[], of: string | null): readonly RuntimeView[] =>
    over === null || over.namespace !== of
      ? list
      : [...list.filter((runtime) => runtime.name !== over.name), over];
  if (model.runtimeName === null) {
    const { inNamespace, inCluster } = await cluster.runtimes(namespace);
    return select(model, replaced(inNamespace, namespace), replaced(inCluster, null));
  }
  const found = await cluster.runtime(namespace, model.runtimeName);
  const hidden = over === null || (over.namespace === null && found !== null && found.namespace !== null);
  return named(model, model.runtimeName, hidden ? found : over);
}

function effectOn(before: Plan | null, after: Plan | null): AffectedService['effect'] | null {
  if (before === null || before.allocated < before.required) return null;
  if (after === null || after.allocated < after.required) return 'breaks';
  return numbersOf(before) === numbersOf(after) ? null : 're-plans';
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
