/**
 * Do two versions of a runtime make the same pods of a service? KServe reconciles all services on a runtime as soon as it
 * changes, and a Deployment rolls out when its pod template changes (docs/kserve.md, Roll-out).
 */
import { asList, asObject, equalJson, property, type JsonObject } from '../lib/json.ts';
import type { ResourceEntry } from './container.ts';
import type { ContainerResources } from './gpus.ts';
import { podContainers } from './merge.ts';
import { HEAD_CONTAINER, WORKER_CONTAINER } from './names.ts';
import { namesIn } from './resource-names.ts';
import type { RuntimeView } from './runtime.ts';
import type { ServiceView } from './view.ts';

/**
 * Plans are not compared. What the service lays over a value of the runtime is compared for resources only, since these
 * are what headcount writes into services.
 */
export function makesSamePods(service: ServiceView, one: RuntimeView, other: RuntimeView): boolean {
  const [a, b] = [podContainers(service, one), podContainers(service, other)];
  return (
    equalJson(podPart(one.spec), podPart(other.spec)) &&
    sameResources(a.head.merged, b.head.merged) &&
    sameResources(a.worker.merged, b.worker.merged)
  );
}

/** What of a runtime's spec is copied into pods, without the resources of head and worker. */
function podPart(spec: unknown): JsonObject {
  // These decide which services run on the runtime, and what is no part of a pod.
  const {
    supportedModelFormats: _formats,
    protocolVersions: _protocols,
    disabled: _disabled,
    multiModel: _multiModel,
    ...pod
  } = asObject(spec) ?? {};
  const {
    tensorParallelSize: _tensor,
    pipelineParallelSize: _pipeline,
    ...worker
  } = asObject(property(spec, 'workerSpec')) ?? {};
  return {
    ...pod,
    containers: withoutResources(pod['containers'], HEAD_CONTAINER),
    workerSpec: { ...worker, containers: withoutResources(worker['containers'], WORKER_CONTAINER) },
  };
}

function withoutResources(containers: unknown, name: string): readonly unknown[] {
  return asList(containers).map((container) => {
    if (property(container, 'name') !== name) return container;
    const { resources: _resources, ...others } = asObject(container) ?? {};
    return others;
  });
}

function sameResources(one: ContainerResources, other: ContainerResources): boolean {
  const names = new Set([...namesIn(one), ...namesIn(other)]);
  return [...names].every((name) =>
    (['requests', 'limits'] as const).every((part) =>
      sameQuantity(one[part].get(name), other[part].get(name)),
    ),
  );
}

/** A Deployment compares quantities by value: 1024Mi and 1Gi make the same pods. */
function sameQuantity(one: ResourceEntry | undefined, other: ResourceEntry | undefined): boolean {
  if (one?.given === other?.given) return true;
  const [a, b] = [one?.quantity ?? null, other?.quantity ?? null];
  return a !== null && b !== null && a.nano === b.nano;
}
