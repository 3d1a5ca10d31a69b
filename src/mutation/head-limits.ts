/**
 * Which limits headcount leaves out of the head. On some runtimes KServe appends -gpu to the tag of the head's image as
 * soon as its limits name a GPU (docs/kserve.md, Services that run otherwise than meant), and an image with that tag may
 * not exist. KServe counts requests only, and writes the limits into the Deployment itself.
 */
import type { ResourceAddition } from './additions.ts';
import { withCounts } from './counts.ts';
import { headImage, isGpuOfImages, workerImage } from '../kserve/images.ts';
import type { PodContainers } from '../kserve/merge.ts';
import type { Release } from '../kserve/releases.ts';
import type { RuntimeView } from '../kserve/runtime.ts';
import type { ServiceView } from '../kserve/view.ts';

/**
 * @param counts what would be written into the head of `pods`
 * @returns the counts without the limits that alone change the tag; all of them where the worker runs the image with that
 *   tag, so that it exists and both pods run the same
 */
export function withoutNewTag(
  counts: readonly ResourceAddition[],
  service: ServiceView,
  runtime: RuntimeView,
  release: Release,
  pods: PodContainers,
): readonly ResourceAddition[] {
  const { model } = service;
  if (model === null || counts.length === 0) return counts;
  const { head } = withCounts(pods, { head: counts, worker: [] });
  const image = headImage(model, runtime, head.merged, release);
  if (image?.changedBy !== 'gpus' || image.image === workerImage(service, runtime)) return counts;
  if (headImage(model, runtime, pods.head.merged, release)?.changedBy === 'gpus') return counts;
  return counts.map(withoutGpuLimit).filter(({ parts }) => parts.length > 0);
}

function withoutGpuLimit(count: ResourceAddition): ResourceAddition {
  return isGpuOfImages(count.key)
    ? { ...count, parts: count.parts.filter((part) => part !== 'limits') }
    : count;
}
