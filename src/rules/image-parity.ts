/**
 * Head and worker run the same image.
 *
 * Reads: image, runtimeVersion and the GPU limits of the head, image of the worker, each merged with the runtime's.
 * Denied: an empty runtimeVersion, which leaves the head's image without a valid name.
 * Warned: an image or a runtimeVersion on the head only; a head whose tag gets `-gpu` because its limits name GPUs, or, from
 * 0.20 on, whose image's name gets `-cpu` because they don't, where the worker's has none. Two images that the service states both are left alone, and those that a runtime has by itself
 * are noted where the runtime is judged.
 * Why: Ray refuses workers of another version, and vLLM fails where head and worker differ; the tag with `-gpu` may
 * not exist in a private registry.
 * Source: docs/kserve.md, Services that run otherwise than meant.
 */
import { headImage, workerImage, type HeadImage } from '../kserve/images.ts';
import { podContainers, serviceWorkerContainer, type PodContainers } from '../kserve/merge.ts';
import type { RuntimeView } from '../kserve/runtime.ts';
import type { ModelView } from '../kserve/model.ts';
import type { Release } from '../kserve/releases.ts';
import type { ServiceView } from '../kserve/view.ts';
import { quote } from '../lib/text.ts';
import type { Report, Rule } from './rule.ts';

export const rule: Rule = {
  id: 'image-parity',
  summary: 'Head and worker run the same image',
  needsPlan: true,
  checkService({ service, runtime, plan, pods, kserve }) {
    if (service.worker === null || service.model === null || runtime.status !== 'found') return [];
    const empty = emptyTag(service, service.model, runtime.runtime, kserve.release);
    if (empty !== null) return [empty];
    // The images of an assumed runtime are not known.
    if (plan === null || pods === null || plan.worker.replicas === 0 || runtime.how === 'assumed') return [];
    return differing(service, service.model, runtime.runtime, pods, kserve.release);
  },
  checkRuntime({ runtime }) {
    const [head, worker] = [runtime.head?.image, runtime.worker?.container?.image];
    return head && worker && head !== worker ? [ofRuntime(runtime, head, worker)] : [];
  },
};

function emptyTag(
  service: ServiceView,
  model: ModelView,
  runtime: RuntimeView,
  release: Release,
): Report | null {
  if (model.runtimeVersion !== '') return null;
  const head = headImage(model, runtime, podContainers(service, runtime).head.merged, release);
  if (head?.changedBy !== 'runtimeVersion') return null;
  const field = model.runtimeVersionField;
  const found = `the empty runtimeVersion makes the head's image ${quote(head.image)}`;
  return {
    severity: 'deny',
    field,
    message: `${found}, which is no valid name of an image: the head does not start`,
    fix: `remove ${field}`,
    short: `${found}, which is no valid name: remove runtimeVersion`,
  };
}

/** Only a note, since the two may be made for each other. */
function ofRuntime({ worker: of }: RuntimeView, head: string, worker: string): Report {
  const found = `the head runs ${quote(head)}, the worker ${quote(worker)}`;
  return {
    severity: 'note',
    field: `${of?.container?.field}.image`,
    message: `${found}, and Ray and vLLM want the same version in both`,
    fix: 'write the same image for both, if the two are not made for each other',
    short: `${found}: write the same image for both`,
  };
}

function differing(
  service: ServiceView,
  model: ModelView,
  runtime: RuntimeView,
  pods: PodContainers,
  release: Release,
): readonly Report[] {
  const own = serviceWorkerContainer(service);
  const worker = workerImage(service, runtime);
  const head = headImage(model, runtime, pods.head.merged, release);
  const field = own?.field ?? `${service.predictorField}.workerSpec.containers[0]`;
  const isKnown = Boolean(runtime.head?.image || runtime.worker?.container?.image);
  if (!isKnown && !(model.image && own?.image)) {
    return besideUnknown(model, own?.image || null, runtime, field);
  }
  if (!worker || head === null || head.image === worker) return [];
  if (head.changedBy === 'runtimeVersion') return [byVersion(model, head, worker, field)];
  if (head.changedBy === 'gpus') return [byGpus(model, head, worker, field)];
  if (head.changedBy === 'no-gpus') return [withoutGpus(model, head, worker)];
  if (Boolean(model.image) === Boolean(own?.image)) return [];
  return [onOneSide(model, head, worker, own?.image ? `${own.field}.image` : null, field)];
}

/** The images of the runtime are not known, as those of the built-in one, and the service does not state both. */
function besideUnknown(
  { image, runtimeVersion, runtimeVersionField, field: head }: ModelView,
  ofWorker: string | null,
  { kind, name }: RuntimeView,
  worker: string,
): readonly Report[] {
  const its = `the one of the ${kind} ${quote(name)}`;
  const report = (field: string, found: string, fix: string): Report => ({
    severity: 'warn',
    field,
    message: `${found}; Ray and vLLM want the same in both`,
    fix,
    short: `${found}: ${fix}`,
  });
  if (image) {
    const found = `the head runs ${quote(image)}, the worker ${its}`;
    return [report(`${head}.image`, found, `write ${worker}.image: ${quote(image)}`)];
  }
  if (ofWorker !== null) {
    const found = `the worker runs ${quote(ofWorker)}, the head ${its}`;
    return [report(`${worker}.image`, found, `write ${head}.image: ${quote(ofWorker)}`)];
  }
  if (runtimeVersion === null) return [];
  const found = `runtimeVersion changes the tag of the head's image, and the worker runs ${its}`;
  return [report(runtimeVersionField, found, 'write the image of both in place of runtimeVersion')];
}

function byVersion(model: ModelView, { image }: HeadImage, worker: string, field: string): Report {
  const found = `runtimeVersion makes the head run ${quote(image)}, while the worker runs ${quote(worker)}`;
  return {
    severity: 'warn',
    field: model.runtimeVersionField,
    message: `${found}; Ray and vLLM want the same in both`,
    fix: `write ${field}.image: ${quote(image)}, or remove runtimeVersion`,
    short: `${found}: write the image in both, or remove it`,
  };
}

function byGpus(model: ModelView, { image }: HeadImage, worker: string, field: string): Report {
  const found = `KServe appends -gpu to the head's tag, so that it runs ${quote(image)} and the worker ${quote(worker)}`;
  return {
    severity: 'warn',
    field: `${model.field}.image`,
    message: `${found}; the head's limits name GPUs, and the runtime is one whose tags KServe changes`,
    fix: `write ${field}.image: ${quote(image)} if there is such an image, else name an image by its digest in both`,
    short: `${found}: write that image for the worker too, or use a digest`,
  };
}

function withoutGpus(model: ModelView, { image }: HeadImage, worker: string): Report {
  const found = `KServe appends -cpu to the name of the head's image, so that it runs ${quote(image)} and the worker ${quote(worker)}`;
  return {
    severity: 'warn',
    field: `${model.field}.image`,
    message: `${found}; the head's limits name no GPU of NVIDIA, and the runtime is one of vLLM's server`,
    fix: 'name an image by its digest in both',
    short: `${found}: use a digest in both`,
  };
}

function onOneSide(
  model: ModelView,
  { image }: HeadImage,
  worker: string,
  ofWorker: string | null,
  field: string,
): Report {
  const found = `the head runs ${quote(image)}, the worker ${quote(worker)}`;
  const missing =
    ofWorker === null ? `${field}.image: ${quote(image)}` : `${model.field}.image: ${quote(worker)}`;
  return {
    severity: 'warn',
    field: ofWorker ?? `${model.field}.image`,
    message: `${found}: the service states the image of one of them only, and Ray and vLLM want the same in both`,
    fix: `write ${missing}`,
    short: `${found}: write the same image for both`,
  };
}
