/**
 * The environment by which KServe's controller wires head and workers together, and its values for a plan
 * (docs/kserve.md, Environment that the controller sets).
 * The mutation writes these values, and the rule reserved-env compares the author's with them. The two
 * sizes are not here: KServe denies them as env.
 */
import type { ServiceView } from './view.ts';
import { headService, LONGEST_SUBDOMAIN, nameWith, workerService } from './names.ts';
import type { Plan } from './plan.ts';
import { has, type Release } from './releases.ts';

const HEAD_WIRED = ['RAY_NODE_COUNT', 'REQUEST_GPU_COUNT', 'MODEL_NAME', 'MODEL_DIR'];

const WORKERS_SERVICE = 'WORKER_SVC';

/** Set in every container of the head: kserve-container and sidecars. */
export const SERVICE_NAME = 'INFERENCE_SERVICE_NAME';
const SIDECAR_RESERVED: readonly string[] = [SERVICE_NAME];

/** Env names that the newest controller sets in kserve-container, the sizes left aside. */
const HEAD_RESERVED: readonly string[] = [...HEAD_WIRED, SERVICE_NAME];

/** Env names that the newest controller sets in worker-container, the sizes left aside. */
const WORKER_RESERVED: readonly string[] = [
  'RAY_NODE_COUNT',
  'REQUEST_GPU_COUNT',
  'ISVC_NAME',
  'HEAD_SVC',
  WORKERS_SERVICE,
];

/** HEAD_RESERVED of one release. */
export function headReserved(release: Release): readonly string[] {
  return has(release, 'serviceNameEnv') ? HEAD_RESERVED : HEAD_WIRED;
}

/** Env names that one release sets in the sidecars of the head. */
export function sidecarReserved(release: Release): readonly string[] {
  return has(release, 'serviceNameEnv') ? SIDECAR_RESERVED : NO_NAMES;
}

const NO_NAMES: readonly string[] = [];

/** WORKER_RESERVED of one release. */
export function workerReserved(release: Release): readonly string[] {
  if (has(release, 'workersService')) return WORKER_RESERVED;
  return WORKER_RESERVED.filter((name) => name !== WORKERS_SERVICE);
}

/** Env names that headWiring and workerWiring give values for: all that headcount ever writes. */
export const WIRING: readonly string[] = [...new Set([...HEAD_WIRED, ...WORKER_RESERVED])];

/** Where KServe mounts the model of a claim or an image. */
const MODEL_DIR = '/mnt/models';
const MOUNTED = ['pvc://', 'oci://'];

/**
 * @param plan null where none can be made: the counts are not known then
 * @returns name and value of each env of the head that can be known; INFERENCE_SERVICE_NAME is KServe's own
 */
export function headWiring({ name, model }: ServiceView, plan: Plan | null): Map<string, string> {
  const env = plan === null ? new Map<string, string>() : counts(plan, plan.head.gpus);
  const storageUri = model?.storageUri;
  if (isPossible(name)) env.set('MODEL_NAME', name);
  if (typeof storageUri === 'string' && MOUNTED.some((prefix) => storageUri.startsWith(prefix))) {
    env.set('MODEL_DIR', MODEL_DIR);
  }
  return env;
}

/**
 * @param plan null where none can be made: the counts are not known then
 * @param generation metadata.generation that the object will have; with '', values that end in it are only prefixes
 * @returns name and value of each env of the worker that can be known
 */
export function workerWiring(
  { name, predictorName }: ServiceView,
  plan: Plan | null,
  generation: number | '',
  release: Release,
): Map<string, string> {
  const env = plan === null ? new Map<string, string>() : counts(plan, plan.workerTemplateGpus);
  if (!isPossible(name)) return env;
  env.set('ISVC_NAME', name).set('HEAD_SVC', headService(name, generation));
  if (has(release, 'workersService')) {
    const renamed = predictorName !== null && has(release, 'predictorNameInNames');
    const stem = renamed ? nameWith(name, predictorName) : name;
    if (isPossible(stem)) env.set(WORKERS_SERVICE, workerService(stem, generation));
  }
  return env;
}

/** Is it short enough for a name? A longer one is refused, and nothing is written with megabytes of it. */
function isPossible(name: string | null): name is string {
  return name !== null && name.length <= LONGEST_SUBDOMAIN;
}

function counts({ nodes }: Plan, gpus: number): Map<string, string> {
  const env = new Map<string, string>();
  return env.set('RAY_NODE_COUNT', String(nodes)).set('REQUEST_GPU_COUNT', String(gpus));
}
