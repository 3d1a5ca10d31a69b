/**
 * Annotations as the Deployments get them: KServe lays those of the predictor over the service's
 * (docs/kserve.md, Merge of service and runtime).
 */
import { asString, property } from '../lib/json.ts';
import { PREDICTOR, type ServiceView } from './view.ts';

const STOP = 'serving.kserve.io/stop';

/** The field path of an annotation of the predictor. */
export function podAnnotationField(key: string): string {
  return `${PREDICTOR}.annotations[${key}]`;
}

/** @returns what the predictor says of an annotation; undefined when absent or null */
export function podAnnotation({ podAnnotations }: ServiceView, key: string): unknown {
  return property(podAnnotations, key) ?? undefined;
}

/** Is the service stopped? KServe then keeps no pods of it. It reads the value in any letters (GetForceStopRuntime). */
export function isStopped(service: ServiceView): boolean {
  const given = podAnnotation(service, STOP) ?? property(service.annotations, STOP);
  return asString(given)?.toLowerCase() === 'true';
}
