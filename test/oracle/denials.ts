/**
 * Which rules of the contract deny a pair of a service and a runtime of the generated universe (PVC storage,
 * known runtime, KServe's four GPU types, whole counts), decided without the product's rules. Rules that
 * nothing in that universe can break are not here.
 */
import { mergedContainers, outcomes, parallelSizes, type GpuMaps } from './kserve.ts';

export type Denial = 'parallel-size' | 'gpu-resource' | 'gpu-type-mix' | 'gpu-capacity';

/** The contract's cap on TP x PP. */
const MOST_GPUS = 4096;

/**
 * @param stored the service as headcount would store it: counts are taken from here, as KServe will
 * @returns the ids of the rules that deny, in alphabetical order
 */
export function denials(stored: unknown, runtime: unknown): readonly Denial[] {
  const broken: readonly (readonly [Denial, boolean])[] = [
    ['gpu-capacity', tooFewGpus(stored, runtime)],
    ['gpu-resource', leftUnequal(stored, runtime)],
    ['gpu-type-mix', mixedTypes(stored, runtime)],
    ['parallel-size', tooManyGpus(stored, runtime)],
  ];
  return broken.flatMap(([rule, breaks]) => (breaks ? [rule] : []));
}

/**
 * Which rules may deny beside those: where KServe counts one of two GPU types by chance, and the sum fails
 * for one of them only, the contract does not say whose sum is shown.
 */
export function undecided(stored: unknown, runtime: unknown): readonly Denial[] {
  const failures = possible(stored, runtime).filter((outcome) => outcome.failure !== null);
  return failures.length > 0 && !tooFewGpus(stored, runtime) ? ['gpu-capacity'] : [];
}

/** KServe refuses to deploy, whichever type it counts. */
function tooFewGpus(service: unknown, runtime: unknown): boolean {
  return possible(service, runtime).every((outcome) => outcome.failure !== null);
}

function tooManyGpus(service: unknown, runtime: unknown): boolean {
  const { tensor, pipeline } = parallelSizes(service, runtime);
  return tensor * pipeline > MOST_GPUS;
}

/** A type that KServe does not write stays with a request and another limit, or none: the API server refuses that. */
function leftUnequal(service: unknown, runtime: unknown): boolean {
  const [first] = possible(service, runtime);
  if (first === undefined) return false;
  const { head, worker } = mergedContainers(service, runtime);
  const isUnequal = ({ requests, limits }: GpuMaps, written: string): boolean =>
    [...requests].some(
      ([type, count]) =>
        type !== written && limits.get(type) !== count && !(count > 0 && (requests.get(written) ?? 0) > 0),
    );
  const { deployed } = first;
  return isUnequal(head, deployed.head.resource) || isUnequal(worker, deployed.worker.resource);
}

/** More than one GPU type in a container, or in head and worker where a worker pod is planned. */
function mixedTypes(service: unknown, runtime: unknown): boolean {
  const all = possible(service, runtime).map((outcome) => outcome.deployed);
  const { head, worker } = mergedContainers(service, runtime);
  const workerPod = all.some((one) => one.worker.replicas > 0);
  const deployed = (pod: 'head' | 'worker'): readonly string[] => all.map((one) => one[pod].resource);
  if (isMixed(head, deployed('head')) || isMixed(worker, deployed('worker'))) return true;
  return workerPod && all.some((one) => one.head.resource !== one.worker.resource);
}

/** Zeros count: KServe may take one for the container's count, or write another type beside it. */
function isMixed({ requests, limits }: GpuMaps, written: readonly string[]): boolean {
  const named = new Set([...requests.keys(), ...limits.keys()]);
  return named.size > 1 || (named.size === 1 && written.some((type) => !named.has(type)));
}

function possible(service: unknown, runtime: unknown): ReturnType<typeof outcomes> {
  return outcomes(service, runtime, { customGpuTypes: [] });
}
