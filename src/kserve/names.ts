/**
 * The names of the containers that KServe looks for, the names that it derives from a service's name (docs/kserve.md,
 * Derived names), and how long these allow the service's name to be.
 */

/** The model server: of a predictor, and so of the head. */
export const HEAD_CONTAINER = 'kserve-container';
/** A sidecar of the head that KServe merges and executes as a template, as it does with the head's container. */
export const TRANSFORMER_CONTAINER = 'transformer-container';
/** The one of a worker that KServe configures. */
export const WORKER_CONTAINER = 'worker-container';

/** Characters of a label value, and of a Service's name. */
export const LONGEST_LABEL = 63;
/** Characters of a DNS subdomain: no object's name is longer. */
export const LONGEST_SUBDOMAIN = 253;
/** Room in the Services' names for a service that is edited for years. */
export const MOST_GENERATIONS = '999999';

/** The value of the label by which KServe selects the workers. */
export function workerLabel(name: string): string {
  return `isvc.${workerDeployment(name)}`;
}

/** The value of the label by which KServe selects the head. */
export function headLabel(name: string): string {
  return `isvc.${name}-predictor`;
}

/** The Deployment of the workers. */
export function workerDeployment(name: string): string {
  return `${name}-predictor-worker`;
}

/** The headless Service of the head. A new generation makes a new one. */
export function headService(name: string, generation: number | string): string {
  return `${name}-head-${generation}`;
}

/** The service's name in derived names, for releases that add `predictor.name` to it. */
export function nameWith(name: string, predictorName: string): string {
  return `${name}-${predictorName}`;
}

/** The headless Service of the workers. */
export function workerService(name: string, generation: number | string): string {
  return `${name}-workers-${generation}`;
}

/** What KServe's webhook takes for a name (docs/kserve.md, What KServe's webhooks check), without anchors. */
export const NAME_PATTERN = '[a-z]([-a-z0-9]*[a-z0-9])?';
/** KServe cuts it off a name where it tells the workers the address of the head (docs/kserve.md, Derived names). */
export const CUT_SUFFIX = '-predictor';
/** A DNS label (Kubernetes, "Object Names and IDs"), without anchors. */
export const LABEL_PATTERN = '[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?';

/** Characters that a service's name may have. */
export const ROOM =
  LONGEST_LABEL -
  Math.max(
    ...[workerLabel(''), workerService('', MOST_GENERATIONS), headService('', MOST_GENERATIONS)].map(
      ({ length }) => length,
    ),
  );
