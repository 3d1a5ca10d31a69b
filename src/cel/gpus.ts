/** What a resource name is to KServe, and what a quantity counts: src/kserve/resource-names.ts and src/lib/quantity.ts, in CEL. */
import { variable, type Side } from './cel.ts';

const LARGEST = Number.MAX_SAFE_INTEGER;

/** A name, or the beginning of one where the entry ends in / or -. */
export function isNever(name: string): string {
  return `${variable('notGpus')}.exists(e, e.endsWith('/') || e.endsWith('-') ? ${name}.startsWith(e) : ${name} == e)`;
}

/** Does the service's annotation name it? */
export function isListed(name: string, side: Side): string {
  return `${variable('list', side)}.contains('"' + ${name} + '"')`;
}

/** Does KServe count it in requests? */
export function isCounted(name: string): string {
  return `(${name} in ${variable('knownGpus')} || ${name} in ${variable('gpuTypes')})`;
}

export function isGpu(name: string, side: Side): string {
  return (
    `(${name} in ${variable('knownGpus')} || !(${name} in ${variable('standardResources')}) && ` +
    `!${isNever(name)} && (${name} in ${variable('gpuTypes')} || ${isListed(name, side)}))`
  );
}

/** As KServe's validator sees it, which knows nothing of networks. */
export function isUnknown(name: string, side: Side): string {
  return (
    `(${variable('listKnown', side)} && !(${name} in ${variable('standardResources')}) && ` +
    `!${isCounted(name)} && !${isListed(name, side)})`
  );
}

/**
 * Is the value a whole number >= 0? "8000m" is. isInteger() of Kubernetes says no to that one, so the nearest whole
 * number is compared.
 * @param value an identifier
 */
export function isCount(value: string): string {
  const whole = `q.compareTo(quantity(string(int(q.asApproximateFloat() + 0.5)))) == 0`;
  return (
    `(type(${value}) == int ? ${value} >= 0 && ${value} <= ${LARGEST} : ` +
    `type(${value}) == double ? ${value} >= 0.0 && ${value} <= ${LARGEST}.0 && double(int(${value})) == ${value} : ` +
    `type(${value}) == string && isQuantity(${value}) && [quantity(${value})].exists(q, ` +
    `q.asApproximateFloat() >= 0.0 && q.asApproximateFloat() <= ${LARGEST}.0 && ${whole}))`
  );
}

/** @returns the number of a value that isCount() */
export function count(value: string): string {
  return `(type(${value}) == string ? int(quantity(${value}).asApproximateFloat() + 0.5) : int(${value}))`;
}
