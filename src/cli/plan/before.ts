/** The effect of a change: each service compared with its previous version, and the services that are gone. */
import { assess, assessService, type Assessment } from '../../admission/assess.ts';
import type { Cluster } from '../../cluster/cluster.ts';
import type { Config } from '../../config/config.ts';
import { APPLIED, LAST_APPLIED } from '../../kserve/annotations.ts';
import { makesSamePods } from '../../kserve/same-pods.ts';
import { peakGpus, strategyOf } from '../../kserve/strategy.ts';
import { asObject, at, equalJson, property, type JsonObject } from '../../lib/json.ts';
import { applied } from './merge.ts';
import { runningOf } from '../planned/figures.ts';
import type { Change, GpuChange, PlannedService } from '../planned/report.ts';

/** The cluster of each version, because runtimes and claims may have changed as well. */
export interface Sides {
  readonly before: Cluster;
  readonly after: Cluster;
}

export interface Compared {
  readonly services: readonly PlannedService[];
  readonly removed: readonly Assessment[];
}

/**
 * @param before the old services: manifests, which are mutated first, or objects from a cluster (they have a uid),
 *   which are taken as they are
 * @param after the new manifests, each applied to the old service of the same namespace and name
 */
export async function compare(
  before: readonly unknown[],
  after: readonly unknown[],
  clusters: Sides,
  config: Config,
): Promise<Compared> {
  const old = new Map<string, Assessment>();
  for (const object of before) {
    const assessment = await assessedAsStored(object, clusters.before, config);
    const key = keyOf(assessment);
    if (key !== null) old.set(key, assessment);
  }
  const services: PlannedService[] = [];
  for (const object of after) {
    const assessment = await assess(object, clusters.after, config);
    const key = keyOf(assessment);
    const previous = key === null ? undefined : old.get(key);
    if (key !== null) old.delete(key);
    services.push(
      previous === undefined
        ? { assessment, change: { kind: 'added', before: null, gpus: addedGpus(assessment) }, fit: null }
        : await changed(object, previous, clusters.after, config),
    );
  }
  return { services, removed: [...old.values()] };
}

/** @returns null where the API server has yet to make the name: such a service is always a new one. */
function keyOf({ service: { namespace, name } }: Assessment): string | null {
  return name === null ? null : `${namespace}/${name}`;
}

async function assessedAsStored(object: unknown, cluster: Cluster, config: Config): Promise<Assessment> {
  return isLive(object)
    ? assessService(
        { ...SUBJECT, object, oldObject: null },
        'validate',
        enforcementOf(config),
        cluster,
        config,
      )
    : assess(object, cluster, config);
}

const SUBJECT = { name: '', namespace: '' };

function enforcementOf({ mutation }: Config): Parameters<typeof assessService>[2] {
  return { enforce: 'deny', mutationMode: mutation.mode };
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
    ...SUBJECT,
    object: live ? applied(before.stored, manifest) : manifest,
    oldObject: live ? before.stored : firstGeneration(before.stored),
    oldFacts: before,
  };
  const assessment = await assessService(subject, 'mutate', enforcementOf(config), cluster, config);
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

function addedGpus(assessment: Assessment): GpuChange {
  const gpus = runningOf(assessment)?.allocated ?? null;
  return { before: 0, after: gpus, peak: gpus };
}

function gpusOf(kind: Change['kind'], old: Assessment, now: Assessment): GpuChange {
  const [planBefore, plan] = [runningOf(old), runningOf(now)];
  const [before, after] = [planBefore?.allocated ?? null, plan?.allocated ?? null];
  if (planBefore === null || plan === null) return { before, after, peak: null };
  if (kind === 'unchanged') return { before, after, peak: after };
  return { before, after, peak: peakGpus(planBefore, plan, strategyOf(now.service)) };
}
