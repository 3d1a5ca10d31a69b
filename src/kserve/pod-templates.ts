/**
 * The pod templates of head and worker as KServe writes them, as far as nodes and quotas are asked for: the resources of
 * their containers, and where the pods may run (docs/kserve.md, Merge of service and runtime; docs/kserve.md, GPUs that
 * the controller sets).
 */
import { at, property, type JsonObject } from '../lib/json.ts';
import { mergeContainers, type ContainerResources } from './gpus.ts';
import { mergedPairs, podContainers, type PodContainer } from './merge.ts';
import { HEAD_CONTAINER, TRANSFORMER_CONTAINER, WORKER_CONTAINER } from './names.ts';
import type { Plan, PodPlan } from './plan.ts';
import type { RuntimeView } from './runtime.ts';
import type { ServiceView } from './view.ts';
import { mergeScheduling, readScheduling, REQUIRED, type Scheduling } from './worker.ts';

export interface PodTemplate {
  readonly role: PodContainer['role'];
  readonly replicas: number;
  /** Part of a pod spec. */
  readonly spec: JsonObject;
}

/** @returns the templates that have pods, the head's first: the order in which KServe makes them */
export function podTemplates(service: ServiceView, runtime: RuntimeView, plan: Plan): readonly PodTemplate[] {
  const { head, worker } = podContainers(service, runtime);
  const workerSpec = property(service.predictor, 'workerSpec');
  const containers = {
    head: [
      { name: HEAD_CONTAINER, resources: withGpus(head.merged, plan.head) },
      ...sidecars(service, runtime),
    ],
    worker: [{ name: WORKER_CONTAINER, resources: withGpus(worker.merged, plan.worker) }],
  };
  const ofHead = mergeScheduling(runtime.scheduling, service.scheduling);
  const ofWorker = mergeScheduling(runtime.worker?.scheduling, readScheduling(workerSpec, ''));
  const templates: readonly PodTemplate[] = [
    { role: 'head', replicas: plan.head.replicas, spec: specOf(service.predictor, ofHead, containers.head) },
    { role: 'worker', replicas: plan.worker.replicas, spec: specOf(workerSpec, ofWorker, containers.worker) },
  ];
  return templates.filter(({ replicas }) => replicas > 0);
}

/** Fields that KServe takes from the service's pod spec as they stand. */
const TAKEN = ['initContainers', 'resources', 'priorityClassName', 'activeDeadlineSeconds', 'overhead'];

function specOf(own: unknown, scheduling: Scheduling, containers: readonly JsonObject[]): JsonObject {
  const { nodeSelector, tolerations, nodeSelectorTerms } = scheduling;
  const taken = TAKEN.map((key) => [key, property(own, key)] as const);
  const nodeAffinity = nodeSelectorTerms && { [REQUIRED]: { nodeSelectorTerms } };
  return {
    ...Object.fromEntries(taken.filter(([, value]) => value !== undefined)),
    containers,
    nodeSelector,
    tolerations,
    affinity: {
      ...(nodeAffinity && { nodeAffinity }),
      podAffinity: at(own, 'affinity', 'podAffinity'),
      podAntiAffinity: at(own, 'affinity', 'podAntiAffinity'),
    },
  };
}

/** What runs beside the model server in the head's pod. */
function sidecars(service: ServiceView, runtime: RuntimeView): readonly JsonObject[] {
  const transformers = mergedPairs(service, runtime).filter(({ role }) => role === 'transformer');
  const others = [
    ...runtime.containers.filter(({ name }) => name !== HEAD_CONTAINER && name !== TRANSFORMER_CONTAINER),
    ...service.containers.filter(({ name }) => name !== TRANSFORMER_CONTAINER),
  ];
  return [
    ...transformers.map(({ ofRuntime, own }) => ({
      name: TRANSFORMER_CONTAINER,
      resources: written(mergeContainers(ofRuntime, own)),
    })),
    ...others.map((container) => ({ name: container.name, resources: written(container) })),
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
