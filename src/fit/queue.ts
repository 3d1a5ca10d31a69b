/** Kueue's queue of a service, from the label that KServe copies into the Deployments. */
import { at, asString } from '../lib/json.ts';
import type { ServiceView } from '../kserve/view.ts';

const QUEUE = 'kueue.x-k8s.io/queue-name';

/** @returns the name of the queue, null for none; predictor.labels are laid over the service's */
export function queueOf({ predictor, raw }: ServiceView): string | null {
  return asString(at(predictor, 'labels', QUEUE) ?? at(raw, 'metadata', 'labels', QUEUE)) || null;
}
