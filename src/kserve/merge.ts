/**
 * The main container of the head and of the worker: as the service has it, as the runtime has it, and as KServe merges
 * the two. The rules about GPUs read it.
 */
import type { ContainerView, ResourceEntry } from './container.ts';
import type { RuntimeView } from './runtime.ts';
import type { ServiceView } from './view.ts';
import { TRANSFORMER_CONTAINER, WORKER_CONTAINER } from './names.ts';
import { mergeContainers, type ContainerResources } from './gpus.ts';

export interface PodContainer {
  readonly role: 'head' | 'worker';
  /** null where the service says nothing about it. */
  readonly own: ContainerView | null;
  readonly merged: ContainerResources;
  /** Where its resources stand in the service, or would be written. */
  readonly resourcesField: string;
}

export interface PodContainers {
  readonly head: PodContainer;
  readonly worker: PodContainer;
}

/** The service's container that KServe merges over the runtime's worker-container: the first, whatever its name. */
export function serviceWorkerContainer(service: ServiceView): ContainerView | null {
  return service.worker?.containers[0] ?? null;
}

/** One container as runtime and service have it; null where one of them does not. */
export interface MergedPair {
  readonly role: 'head' | 'worker' | 'transformer';
  readonly ofRuntime: ContainerView | null;
  readonly own: ContainerView | null;
}

/** The pairs of containers that KServe merges for a service; the transformer's is there where either side has one. */
export function mergedPairs(service: ServiceView, runtime: RuntimeView | null): readonly MergedPair[] {
  const transformer: MergedPair = {
    role: 'transformer',
    ofRuntime: transformerIn(runtime?.containers ?? []),
    own: transformerIn(service.containers),
  };
  return [
    { role: 'head', ofRuntime: runtime?.head ?? null, own: service.model },
    ...(transformer.ofRuntime === null && transformer.own === null ? [] : [transformer]),
    {
      role: 'worker',
      ofRuntime: runtime?.worker?.container ?? null,
      own: serviceWorkerContainer(service),
    },
  ];
}

/** @returns the container that KServe takes for the transformer beside a model, null for none */
export function transformerIn(containers: readonly ContainerView[]): ContainerView | null {
  return containers.find(({ name }) => name === TRANSFORMER_CONTAINER) ?? null;
}

/** Does KServe merge the container over the runtime's worker-container? One without a name takes the runtime's. */
export function isWorkerName(name: string | null): boolean {
  return name === null || name === '' || name === WORKER_CONTAINER;
}

/** @param runtime null where none was found; then the service's containers stand alone. */
export function podContainers(service: ServiceView, runtime: RuntimeView | null): PodContainers {
  const { model, predictorField } = service;
  const worker = serviceWorkerContainer(service);
  return {
    head: {
      role: 'head',
      own: model,
      merged: mergeContainers(runtime?.head ?? null, model),
      resourcesField: model?.resourcesField ?? `${predictorField}.model.resources`,
    },
    worker: {
      role: 'worker',
      own: worker,
      merged: mergeContainers(runtime?.worker?.container ?? null, worker),
      resourcesField: worker?.resourcesField ?? `${predictorField}.workerSpec.containers[0].resources`,
    },
  };
}

/** The two containers of a runtime by themselves, as a service that says nothing would have them. */
export function runtimeContainers({ head, worker }: RuntimeView): PodContainers {
  const container = worker?.container ?? null;
  return {
    head: {
      role: 'head',
      own: head,
      merged: mergeContainers(null, head),
      resourcesField: head?.resourcesField ?? 'spec.containers',
    },
    worker: {
      role: 'worker',
      own: container,
      merged: mergeContainers(null, container),
      resourcesField: container?.resourcesField ?? 'spec.workerSpec.containers',
    },
  };
}

/** @returns what a container says of a resource: its request, else its limit, else undefined. */
export function entryOf(container: ContainerResources | null, name: string): ResourceEntry | undefined {
  return container?.requests.get(name) ?? container?.limits.get(name);
}
