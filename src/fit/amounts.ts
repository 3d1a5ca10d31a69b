/**
 * Amounts of resources by name, in units of 10^-9 as Quantity has them: exact, so that sums of "100m" and "1.5Gi" are
 * what Kubernetes makes of them.
 */
import { asObject } from '../lib/json.ts';
import { parseQuantity } from '../lib/quantity.ts';

export type Amounts = ReadonlyMap<string, bigint>;

const ONE = 1_000_000_000n;
const MILLI = 1_000_000n;
export const NOTHING: Amounts = new Map();

/** Pods of a node are counted as a resource. */
export const PODS = 'pods';
export const ONE_POD: Amounts = new Map([[PODS, ONE]]);

/** @param raw requests, limits, allocatable or the like; what is no quantity counts as absent */
export function readAmounts(raw: unknown): Amounts {
  const amounts = new Map<string, bigint>();
  for (const [name, given] of Object.entries(asObject(raw) ?? {})) {
    const quantity = parseQuantity(given);
    if (quantity !== null) amounts.set(name, quantity.nano);
  }
  return amounts;
}

/** The sum of each resource. */
export function plus(...all: readonly Amounts[]): Amounts {
  return combined(all, (one, other) => one + other);
}

/** The larger amount of each resource. */
export function greatest(...all: readonly Amounts[]): Amounts {
  return combined(all, (one, other) => (one > other ? one : other));
}

function combined(all: readonly Amounts[], combine: (one: bigint, other: bigint) => bigint): Amounts {
  const result = new Map<string, bigint>();
  for (const amounts of all) {
    for (const [name, amount] of amounts) {
      const known = result.get(name);
      result.set(name, known === undefined ? amount : combine(known, amount));
    }
  }
  return result;
}

/** As much as so many pods take together. */
export function times(amounts: Amounts, count: number): Amounts {
  return new Map([...amounts].map(([name, amount]) => [name, amount * BigInt(count)]));
}

/** The amounts of these names, and no others. */
export function only(amounts: Amounts, wanted: (name: string) => boolean): Amounts {
  return new Map([...amounts].filter(([name]) => wanted(name)));
}

/** Rounded up as kube-scheduler counts: cpu in thousandths, everything else in whole units. */
export function rounded(amounts: Amounts): Amounts {
  return new Map(
    [...amounts].map(([name, amount]) => {
      const unit = name === 'cpu' ? MILLI : ONE;
      return [name, ((amount + unit - 1n) / unit) * unit];
    }),
  );
}

const BYTES = /^(?:memory|storage|ephemeral-storage|hugepages-.*)$/;
const BINARY = [
  ['Ti', 40n],
  ['Gi', 30n],
  ['Mi', 20n],
  ['Ki', 10n],
] as const;

/**
 * @param name of a resource, or of one that a quota limits (`requests.memory`)
 * @returns the amount as people write it, rounded down: `8`, `500m`, `63.9Gi`
 */
export function shown(name: string, amount: bigint): string {
  const resource = name.replace(/^(?:requests|limits)\./, '');
  if (BYTES.test(resource)) return bytes(amount / ONE);
  return amount % ONE === 0n ? `${amount / ONE}` : `${amount / MILLI}m`;
}

function bytes(amount: bigint): string {
  for (const [suffix, power] of BINARY) {
    const tenths = (amount * 10n) >> power;
    if (tenths >= 10n) return `${tenths / 10n}${tenths % 10n === 0n ? '' : `.${tenths % 10n}`}${suffix}`;
  }
  return `${amount}`;
}
