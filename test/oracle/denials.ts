/**
 * Which rules of the contract deny a pair of a service and a runtime of generate.ts, decided from the
 * documents and KServe's possible deployments, without the product's rules. A rule that nothing in that
 * universe can break is not here.
 */
import type { Loose } from '../rules/cases.ts';
import {
  headResources,
  outcomes,
  sizesOf,
  VENDORS,
  workerResources,
  writtenName,
  type Outcome,
  type Resources,
} from './kserve.ts';

export type Denial = 'gpu-capacity' | 'gpu-resource' | 'gpu-type-mix' | 'parallel-size';

export interface Verdict {
  readonly denied: ReadonlySet<Denial>;
  /** Rules that the documents let go either way here: the sum fails for some of KServe's chances only. */
  readonly open: ReadonlySet<Denial>;
}

/** The contract's cap on TP x PP. */
const MOST_GPUS = 4096;
const NO_CUSTOM_TYPES = { customGpuTypes: [] };

/**
 * @param declared the service as its author wrote it: its own contradictions are judged here
 * @param stored the service as headcount would store it: KServe will count from this
 */
export function denials(declared: Loose, stored: Loose, runtime: Loose): Verdict {
  const possible = outcomes(stored, runtime, NO_CUSTOM_TYPES);
  const failures = possible.filter((outcome) => 'failure' in outcome).length;
  const denied = new Set<Denial>();
  const open = new Set<Denial>();

  const { tensor, pipeline } = sizesOf(stored, runtime);
  if (tensor * pipeline > MOST_GPUS) denied.add('parallel-size');
  if (hasUnequalCounts(declared)) denied.add('gpu-resource');
  if (mixesTypes(stored, runtime, possible)) denied.add('gpu-type-mix');
  if (failures === possible.length) denied.add('gpu-capacity');
  else if (failures > 0) open.add('gpu-capacity');
  return { denied, open };
}

/** Does one container of the service give limits and requests of one GPU type that are not the same? */
function hasUnequalCounts(service: Loose): boolean {
  const { model, workerSpec } = service.spec.predictor;
  return [model, ...(workerSpec.containers ?? [])].some(({ resources }) =>
    VENDORS.some((type) => {
      const request = resources?.requests?.[type];
      const limit = resources?.limits?.[type];
      return request !== undefined && limit !== undefined && amount(request) !== amount(limit);
    }),
  );
}

/** 8, "8" and "8000m" are the same amount. */
function amount(quantity: unknown): number {
  const text = String(quantity);
  return text.endsWith('m') ? Number(text.slice(0, -1)) / 1000 : Number(text);
}

function mixesTypes(service: Loose, runtime: Loose, possible: readonly Outcome[]): boolean {
  const workerPod = possible.some(startsWorkers);
  const containers = [headResources(service, runtime), workerResources(service, runtime)];
  if (containers.some((container) => typesIn(container) > 1)) {
    const headCounts = new Set(possible.map((outcome) => ('head' in outcome ? outcome.head.gpus : null)));
    return workerPod || headCounts.size > 1;
  }
  const [head, worker] = containers.map((container) => writtenName(container, service, NO_CUSTOM_TYPES));
  return workerPod && head !== worker;
}

/** KServe only fails where it would have started workers: on one node the head gets everything. */
function startsWorkers(outcome: Outcome): boolean {
  return 'failure' in outcome || outcome.worker.replicas > 0;
}

/** Zeros count: KServe may take one for the container's count. */
function typesIn({ requests, limits }: Resources): number {
  return VENDORS.filter((type) => type in requests || type in limits).length;
}
