/** The annotations that KServe or headcount reads: their names, where they stand, and what a service says in one. */
import { asString, property } from '../lib/json.ts';
import type { ServiceView } from './view.ts';

export const AUTOSCALER_CLASS = 'serving.kserve.io/autoscalerClass';
export const DEPLOYMENT_MODE = 'serving.kserve.io/deploymentMode';
export const GPU_RESOURCE_TYPES = 'serving.kserve.io/gpu-resource-types';
export const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';
/** Our own annotations. The service's author may set the first two; the third is our record. */
export const MUTATION_MODE = 'headcount.dev/mutation';
export const PARALLELISM = 'headcount.dev/parallelism';
export const APPLIED = 'headcount.dev/applied';
/** Annotations that KServe or headcount reads. */
export const OUR_PREFIXES: readonly string[] = ['serving.kserve.io/', 'headcount.dev/'];

/** @returns the string value of an annotation, null when absent or not a string. */
export function annotation(view: ServiceView, key: string): string | null {
  return asString(property(view.annotations, key));
}

/** The field path of an annotation. */
export function annotationField(key: string): string {
  return `metadata.annotations[${key}]`;
}
