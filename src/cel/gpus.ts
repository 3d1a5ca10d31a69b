/** How KServe reads resource names and quantities, in CEL: see src/kserve/resource-names.ts and src/lib/quantity.ts. */
import { variable, type Side } from './cel.ts';

const LARGEST = Number.MAX_SAFE_INTEGER;

/** Does an entry of notGpus match? An entry is a name, or a prefix when it ends in / or -. */
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

/** Does KServe's validator not know the name? The validator knows no network devices. */
export function isUnknown(name: string, side: Side): string {
  return (
    `(${variable('listKnown', side)} && !(${name} in ${variable('standardResources')}) && ` +
    `!${isCounted(name)} && !${isListed(name, side)})`
  );
}

/**
 * Is the value a whole number >= 0? "8000m" is one, but isInteger() of Kubernetes returns false for it, so this
 * compares the value with the nearest whole number.
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
