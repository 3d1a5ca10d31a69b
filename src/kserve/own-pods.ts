/** Which pods are those of a service's head and workers (docs/kserve.md, Derived names). */
import type { PodContainer } from './merge.ts';
import { headLabel, workerLabel } from './names.ts';

const SERVICE = 'serving.kserve.io/inferenceservice';
const COMPONENT = 'component';
const PREDICTOR = 'predictor';

/**
 * @param labels of a pod in the service's namespace
 * @returns the pod's role, null for a pod of something else; its Deployment's label decides, and where that has
 *   another name (predictor.name, from 0.20 on) the labels that KServe gives to all pods of a predictor
 */
export function roleOfPod(labels: ReadonlyMap<string, string>, service: string): PodContainer['role'] | null {
  const app = labels.get('app') ?? '';
  if (app === workerLabel(service)) return 'worker';
  if (app === headLabel(service)) return 'head';
  if (labels.get(SERVICE) !== service || labels.get(COMPONENT) !== PREDICTOR) return null;
  return app.endsWith(workerLabel('').slice('isvc.'.length)) ? 'worker' : 'head';
}
