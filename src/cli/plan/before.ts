/** The effect of a change: each service compared with its previous version, and the services that are gone. */
import { assess, assessVersion } from '../../admission/assess-as-enforced.ts';
import type { Assessment } from '../../admission/assess.ts';
import type { Cluster } from '../../cluster/cluster.ts';
import type { Config } from '../../config/config.ts';
import { APPLIED, LAST_APPLIED } from '../../kserve/annotations.ts';
import { makesSamePods } from '../../kserve/same-pods.ts';
import { peakGpus, strategyOf } from '../../kserve/strategy.ts';
import { asObject, at, equalJson, property, type JsonObject } from '../../lib/json.ts';
import { applied } from './merge.ts';
import { runningOf } from '../planned/figures.ts';
import type { Change, Comparison, GpuChange, PlannedService, PlanReport } from '../planned/report.ts';

/** One of the two versions. */
export interface Side {
  readonly objects: readonly unknown[];
  /** Each version has its own, because runtimes and claims may have changed as well. */
  readonly cluster: Cluster;
  /** Could all its files be read? If not, a service that is missing here may be in one of them. */
  readonly complete: boolean;
}

export interface Sides {
  /**
   * The old services: manifests, which are mutated first, or objects from a cluster (they have a uid), which are taken
   * as they are.
   */
  readonly before: Side;
  /** The new manifests, each applied to the old service of the same namespace and name. */
  readonly after: Side;
  /** Can a file not be read that may hold a runtime? */
  readonly lacksRuntimes: boolean;
}

/** What can't be compared for sure is planned all the same, and is called neither new nor removed. */
export async function compare(
  { before, after, lacksRuntimes }: Sides,
  config: Config,
): Promise<Pick<PlanReport, 'services'> & { readonly comparison: Comparison }> {
  const old = new Map<string, Assessment>();
  for (const object of before.objects) {
    const assessment = await assessedAsStored(object, before.cluster, config);
    const key = keyOf(assessment);
    if (key !== null) old.set(key, assessment);
  }
  const services: PlannedService[] = [];
  const notCompared: Assessment[] = [];
  for (const object of after.objects) {
    const assessment = await assess(object, after.cluster, config);
    const key = keyOf(assessment);
    const previous = key === null ? undefined : old.get(key);
    if (key !== null) old.delete(key);
    if (previous === undefined && (key === null || before.complete)) {
      services.push(added(assessment));
    } else if (previous !== undefined && !(lacksRuntimes && isAssumedOnce(previous, assessment))) {
      services.push(await changed(object, previous, after.cluster, config));
    } else {
      services.push({ assessment, change: null, fit: null });
      notCompared.push(assessment);
    }
  }
  const left = [...old.values()];
  const [removed, unknown] = after.complete ? [left, []] : [[], left];
  return {
    services,
    comparison: {
      removed,
      notCompared: [...notCompared, ...unknown],
      complete: { before: before.complete, after: after.complete },
    },
  };
}

/** Is one version planned on its runtime, and the other one on a runtime that headcount assumes? */
function isAssumedOnce({ runtime: one }: Assessment, { runtime: other }: Assessment): boolean {
  const isAssumed = (runtime: Assessment['runtime']): boolean =>
    runtime.status === 'found' && runtime.how === 'assumed';
  return isAssumed(one) !== isAssumed(other);
}

/** @returns null where the API server has yet to make the name: such a service is always a new one. */
function keyOf({ service: { namespace, name } }: Assessment): string | null {
  return name === null ? null : `${namespace}/${name}`;
}

async function assessedAsStored(object: unknown, cluster: Cluster, config: Config): Promise<Assessment> {
  return assess(object, cluster, config, isLive(object) ? 'validate' : 'mutate');
}

function isLive(object: unknown): boolean {
  return at(object, 'metadata', 'uid') !== undefined;
}

async function changed(
  manifest: unknown,
  before: Assessment,
  cluster: Cluster,
  config: Config,
): Promise<PlannedService> {
  const live = isLive(before.stored);
  const subject = {
    name: '',
    namespace: '',
    object: live ? applied(before.stored, manifest) : manifest,
    oldObject: live ? before.stored : firstGeneration(before.stored),
    oldFacts: before,
  };
  const assessment = await assessVersion(subject, cluster, config, 'mutate');
  const same =
    !isRolled(before.stored, assessment.stored) &&
    before.plan?.allocated === assessment.plan?.allocated &&
    hasSameRuntime(before, assessment);
  const kind = same ? 'unchanged' : 'changed';
  return { assessment, change: { kind, before, gpus: gpusOf(kind, before, assessment) }, fit: null };
}

function firstGeneration(object: unknown): unknown {
  const metadata = asObject(property(object, 'metadata'));
  return metadata === null ? object : { ...asObject(object), metadata: { ...metadata, generation: 1 } };
}

function hasSameRuntime({ runtime: old }: Assessment, { service, runtime: now }: Assessment): boolean {
  if (old.status !== 'found' || now.status !== 'found') return true;
  return makesSamePods(service, old.runtime, now.runtime);
}

/** KServe copies labels and annotations into the pods: they start a roll-out as the spec does. */
function isRolled(before: unknown, after: unknown): boolean {
  return (
    !equalJson(property(before, 'spec'), property(after, 'spec')) ||
    !equalJson(at(before, 'metadata', 'labels') ?? {}, at(after, 'metadata', 'labels') ?? {}) ||
    !equalJson(annotationsOf(before), annotationsOf(after))
  );
}

function annotationsOf(object: unknown): JsonObject {
  const {
    [APPLIED]: _record,
    [LAST_APPLIED]: _manifest,
    ...others
  } = asObject(at(object, 'metadata', 'annotations')) ?? {};
  return others;
}

function added(assessment: Assessment): PlannedService {
  const gpus = runningOf(assessment)?.allocated ?? null;
  const change: Change = { kind: 'added', before: null, gpus: { before: 0, after: gpus, peak: gpus } };
  return { assessment, change, fit: null };
}

function gpusOf(kind: Change['kind'], old: Assessment, now: Assessment): GpuChange {
  const [planBefore, plan] = [runningOf(old), runningOf(now)];
  const [before, after] = [planBefore?.allocated ?? null, plan?.allocated ?? null];
  if (planBefore === null || plan === null) return { before, after, peak: null };
  if (kind === 'unchanged') return { before, after, peak: after };
  return { before, after, peak: peakGpus(planBefore, plan, strategyOf(now.service)) };
}
