/**
 * The images that KServe's head and worker run (docs/kserve.md, Services that run otherwise than meant): it changes the
 * head's, and never the worker's.
 */
import type { ContainerResources } from './gpus.ts';
import { serviceWorkerContainer } from './merge.ts';
import type { ModelView } from './model.ts';
import { has, type Release } from './releases.ts';
import type { RuntimeView } from './runtime.ts';
import type { ServiceView } from './view.ts';

/** The servers of KServe's own runtimes, for a runtime that does not state one, or whose statement is not read. */
const SERVERS: ReadonlyMap<string, string> = new Map([
  ['kserve-huggingfaceserver', 'huggingfaceserver'],
  ['kserve-tensorflow-serving', 'tensorflow-serving'],
  ['kserve-torchserve', 'torchserve'],
  ['kserve-vllmserver', 'vllmserver'],
]);
/** Servers whose GPU build is the same image with `-gpu` behind its tag. */
const GPU_TAGS: readonly string[] = ['huggingfaceserver', 'tensorflow-serving', 'torchserve'];
/** The server whose CPU build has `-cpu` behind the name of its image. */
const CPU_NAME = 'vllmserver';
const TAG = /:[\w.-]*$/;
const DIGEST = '@sha256:';
const GPU = 'nvidia.com/gpu';
const MIG = 'nvidia.com/mig';

export interface HeadImage {
  readonly image: string;
  /** Why it is another than the merged container says. */
  readonly changedBy: 'runtimeVersion' | 'gpus' | 'no-gpus' | null;
}

/** @returns what KServe makes of the head's merged image; null where there is none */
export function headImage(
  model: ModelView,
  runtime: RuntimeView,
  merged: ContainerResources,
  release: Release,
): HeadImage | null {
  const image = model.image || runtime.head?.image;
  if (!image) return null;
  const { runtimeVersion } = model;
  const unchanged: HeadImage = { image, changedBy: null };
  if (image.includes(DIGEST)) return unchanged;
  const name = image.replace(TAG, '');
  if (runtimeVersion !== null) return { image: `${name}:${runtimeVersion}`, changedBy: 'runtimeVersion' };
  const server = serverOf(runtime, release);
  if (server === null || name === image) return unchanged;
  if ([...merged.limits.keys()].some(isGpuOfImages)) {
    return GPU_TAGS.includes(server) && !image.endsWith('-gpu')
      ? { image: `${image}-gpu`, changedBy: 'gpus' }
      : unchanged;
  }
  return server === CPU_NAME && has(release, 'imageByServerType') && !name.endsWith('-cpu')
    ? { image: `${name}-cpu${image.slice(name.length)}`, changedBy: 'no-gpus' }
    : unchanged;
}

/** Does KServe take the head for one with GPUs when its limits name this resource? */
export function isGpuOfImages(resource: string): boolean {
  return resource === GPU || resource.startsWith(MIG);
}

function serverOf({ name, serverType }: RuntimeView, release: Release): string | null {
  const stated = has(release, 'imageByServerType') ? serverType : null;
  return stated ?? SERVERS.get(name) ?? null;
}

/** @returns the worker's image, the service's before the runtime's; null where none is known */
export function workerImage(service: ServiceView, runtime: RuntimeView): string | null {
  return serviceWorkerContainer(service)?.image || runtime.worker?.container?.image || null;
}
