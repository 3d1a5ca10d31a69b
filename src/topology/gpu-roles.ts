/**
 * Head and worker side by side, as the GPU rules look at them: whose container is whose, and which count
 * somebody gave.
 */
import type { ContainerView, ResourceEntry } from '../isvc/container.ts';
import type { RuntimeView } from '../isvc/runtime.ts';
import type { ServiceView } from '../isvc/view.ts';
import { mergeContainers, type MergedContainer } from './gpus.ts';
import { serviceWorkerContainer } from './plan.ts';

export interface GpuRole {
  readonly role: 'head' | 'worker';
  /** The service's container; null where the service has none and takes the runtime's. */
  readonly own: ContainerView | null;
  /** The runtime's container; null without a runtime. */
  readonly ofRuntime: ContainerView | null;
  /** Both, as KServe merges them. */
  readonly merged: MergedContainer;
  /** Where the author writes resources of this role. */
  readonly resourcesField: string;
}

/** @returns the head and the worker; null where the service has no model or no workerSpec. */
export function gpuRoles(
  service: ServiceView,
  runtime: RuntimeView | null,
): readonly [GpuRole, GpuRole] | null {
  const { model, worker } = service;
  if (model === null || worker === null) return null;
  const container = serviceWorkerContainer(service);
  return [
    roleOf('head', model, runtime?.head ?? null, model.resourcesField),
    roleOf(
      'worker',
      container,
      runtime?.worker?.container ?? null,
      container?.resourcesField ?? `${worker.containersField}[0].resources`,
    ),
  ];
}

function roleOf(
  role: GpuRole['role'],
  own: ContainerView | null,
  ofRuntime: ContainerView | null,
  resourcesField: string,
): GpuRole {
  return { role, own, ofRuntime, merged: mergeContainers(ofRuntime, own), resourcesField };
}

/** A container's entry of a resource: what it requests or, failing that, its limit. */
export function entryOf(container: MergedContainer | null, type: string): ResourceEntry | undefined {
  return container?.requests.get(type) ?? container?.limits.get(type);
}

/** One count of one GPU type that somebody gave. */
export interface GivenCount {
  readonly type: string;
  /** At least 1. */
  readonly count: number;
  /** The service's own entry or, where the count is the runtime's, the role's resources. */
  readonly field: string;
}

/** @returns the first of the types with a count above 0 after the merge, in requests or limits; else null. */
export function givenCount(role: GpuRole, types: readonly string[]): GivenCount | null {
  for (const type of types) {
    const count = entryOf(role.merged, type)?.count ?? 0;
    if (count > 0) return { type, count, field: entryOf(role.own, type)?.field ?? role.resourcesField };
  }
  return null;
}
