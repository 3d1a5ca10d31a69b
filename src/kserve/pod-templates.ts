/**
 * The pod templates of head and worker as KServe writes them, as far as nodes and quotas are asked for: the resources of
 * their containers, and where the pods may run (docs/kserve.md, Merge of service and runtime; docs/kserve.md, GPUs that
 * the controller sets).
 */
import { property, type JsonObject } from '../lib/json.ts';
import type { ContainerView } from './container.ts';

import { mergedPairs, podContainers, type PodContainer } from './merge.ts';
import { mergeContainers, type ContainerResources } from './gpus.ts';
import { HEAD_CONTAINER, TRANSFORMER_CONTAINER, WORKER_CONTAINER } from './names.ts';
import type { Plan, PodPlan } from './plan.ts';
import type { RuntimeView } from './runtime.ts';
import type { ServiceView } from './view.ts';
import { mergeScheduling, REQUIRED, type Scheduling } from './worker.ts';

export interface PodTemplate {
  readonly role: PodContainer['role'];
  readonly replicas: number;
  /** Part of a pod spec. */
  readonly spec: JsonObject;
}

/** @returns the head's template and, where the plan has workers, theirs: in the order in which KServe makes them */
export function podTemplates(service: ServiceView, runtime: RuntimeView, plan: Plan): readonly PodTemplate[] {
  const { head, worker } = podContainers(service, runtime);
  const workerSpec = property(service.predictor, 'workerSpec');
  const ofHead = [
    { name: HEAD_CONTAINER, resources: withGpus(head.merged, plan.head) },
    ...sidecars(service, runtime),
  ];
  const ofWorker = [{ name: WORKER_CONTAINER, resources: withGpus(worker.merged, plan.worker) }];
  const templates: readonly PodTemplate[] = [
    {
      role: 'head',
      replicas: plan.head.replicas,
      spec: specOf(service.predictor, mergeScheduling(runtime.scheduling, service.scheduling), ofHead),
    },
    ...(service.worker === null
      ? []
      : [
          {
            role: 'worker' as const,
            replicas: plan.worker.replicas,
            spec: specOf(
              workerSpec,
              mergeScheduling(runtime.worker?.scheduling, service.worker.scheduling),
              ofWorker,
            ),
          },
        ]),
  ];
  return templates.filter(({ replicas }) => replicas > 0);
}

/** Fields that KServe takes from the service's pod spec as they stand. */
const TAKEN = ['initContainers', 'resources', 'priorityClassName', 'activeDeadlineSeconds', 'overhead'];

function specOf(own: unknown, scheduling: Scheduling, containers: readonly JsonObject[]): JsonObject {
  const { nodeSelector, tolerations, nodeSelectorTerms } = scheduling;
  const taken = TAKEN.map((key) => [key, property(own, key)] as const).filter(
    ([, value]) => value !== undefined,
  );
  return {
    ...Object.fromEntries(taken),
    containers,
    nodeSelector,
    tolerations,
    affinity: {
      podAffinity: property(property(own, 'affinity'), 'podAffinity'),
      podAntiAffinity: property(property(own, 'affinity'), 'podAntiAffinity'),
      ...(nodeSelectorTerms !== null && {
        nodeAffinity: { [REQUIRED]: { nodeSelectorTerms } },
      }),
    },
  };
}

/** What runs beside the model server in the head's pod. */
function sidecars(service: ServiceView, runtime: RuntimeView): readonly JsonObject[] {
  const transformer = mergedPairs(service, runtime).find(({ role }) => role === 'transformer');
  const others = [
    ...runtime.containers.filter(({ name }) => name !== HEAD_CONTAINER && name !== TRANSFORMER_CONTAINER),
    ...service.containers.filter(({ name }) => name !== TRANSFORMER_CONTAINER),
  ];
  return [
    ...(transformer === undefined
      ? []
      : [
          {
            name: TRANSFORMER_CONTAINER,
            resources: written(mergeContainers(transformer.ofRuntime, transformer.own)),
          },
        ]),
    ...others.map((container: ContainerView) => ({ name: container.name, resources: written(container) })),
  ];
}

function written({ requests, limits }: ContainerResources): { requests: JsonObject; limits: JsonObject } {
  const of = (entries: ContainerResources['requests']): JsonObject =>
    Object.fromEntries([...entries.keys()].map((name) => [name, entries.get(name)?.given]));
  return { requests: of(requests), limits: of(limits) };
}

/** KServe writes the count into requests and limits; another type that is there stays. */
function withGpus(merged: ContainerResources, { type, gpus }: PodPlan): JsonObject {
  const { requests, limits } = written(merged);
  return { requests: { ...requests, [type]: gpus }, limits: { ...limits, [type]: gpus } };
}
