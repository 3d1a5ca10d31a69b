/** The GPU types that head and worker name. For gpu-type-mix. */
import { STANDARD_RESOURCES } from '../../kserve/container.ts';
import { annotatedGpuTypes, countedTypes } from '../../kserve/gpu-types.ts';
import { isNeverGpu, type KServeConfig } from '../../kserve/gpus.ts';
import { entryOf, type PodContainer } from '../../kserve/merge.ts';
import type { PodPlan } from '../../kserve/plan.ts';
import type { ServiceView } from '../../kserve/view.ts';

/**
 * @returns the listed and the known types that the container names, zeros included. What the runtime alone lists may be no
 *   GPU, since KServe's webhook wants its network cards listed too: it counts where KServe writes its number under it.
 *   Beside another such name, a listed cpu or memory is no second GPU type.
 */
export function namedTypes(
  { merged }: PodContainer,
  { request, type: written }: PodPlan,
  service: ServiceView,
  kserve: KServeConfig,
): readonly string[] {
  const lists = [service.annotations, service.podAnnotations];
  const listed = lists.flatMap((annotations) => annotatedGpuTypes(annotations) ?? []);
  const own = new Set([...countedTypes(kserve), ...listed]);
  const found = [
    ...request.types.filter((type) => type === written || own.has(type)),
    ...listed.filter((type) => entryOf(merged, type) !== undefined),
  ];
  const isSecond = (type: string): boolean =>
    STANDARD_RESOURCES.includes(written) || !STANDARD_RESOURCES.includes(type);
  return [...new Set(found)].filter(isSecond);
}

/**
 * A name of the configuration's list is no GPU type, even where the annotation lists it to get it past KServe's
 * validator. Where KServe's own ConfigMap lists it, KServe does count it.
 */
export function gpuTest(kserve: KServeConfig, notGpus: readonly string[]): (type: string) => boolean {
  const counted = countedTypes(kserve);
  return (type) => counted.includes(type) || !isNeverGpu(type, notGpus);
}
