/** GPUs under names that KServe does not know: gpu-resource speaks of them, and a plan without them misleads. */
import type { ContainerView } from '../../kserve/container.ts';
import type { GpuTypes } from '../../kserve/gpu-types.ts';
import { namesIn } from '../../kserve/resource-names.ts';

export function namesUnknownGpu(container: ContainerView | null, { written }: GpuTypes): boolean {
  return (
    container !== null &&
    [...namesIn(container)].some((name) => /gpu|gaudi|\/mig-/i.test(name) && !written.includes(name))
  );
}
