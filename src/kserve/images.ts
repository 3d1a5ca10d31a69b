/**
 * The image that KServe's head runs (docs/kserve.md, Services that run otherwise than meant): it changes the head's tag,
 * and never the worker's.
 */
import type { ContainerResources } from './gpus.ts';
import type { RuntimeView } from './runtime.ts';
import type { ModelView } from './model.ts';

/** Runtimes whose GPU build is the same image with `-gpu` behind its tag. */
const GPU_BUILDS: readonly string[] = [
  'kserve-huggingfaceserver',
  'kserve-tensorflow-serving',
  'kserve-torchserve',
];
const TAG = /:[\w.-]*$/;
const DIGEST = '@sha256:';
const GPU = 'nvidia.com/gpu';
const MIG = 'nvidia.com/mig';

export interface HeadImage {
  readonly image: string;
  /** Why it is another than the merged container says. */
  readonly changedBy: 'runtimeVersion' | 'gpus' | null;
}

/** @returns what KServe makes of the head's merged image; null where there is none */
export function headImage(
  model: ModelView,
  runtime: RuntimeView,
  merged: ContainerResources,
): HeadImage | null {
  const image = model.image || runtime.head?.image;
  if (!image) return null;
  const { runtimeVersion } = model;
  const unchanged: HeadImage = { image, changedBy: null };
  if (image.includes(DIGEST)) return unchanged;
  if (runtimeVersion !== null) {
    return { image: `${image.replace(TAG, '')}:${runtimeVersion}`, changedBy: 'runtimeVersion' };
  }
  if (!GPU_BUILDS.includes(runtime.name) || !TAG.test(image) || image.endsWith('-gpu')) return unchanged;
  const hasGpu = [...merged.limits.keys()].some((name) => name === GPU || name.startsWith(MIG));
  return hasGpu ? { image: `${image}-gpu`, changedBy: 'gpus' } : unchanged;
}
