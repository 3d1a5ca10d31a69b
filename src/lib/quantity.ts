/**
 * Kubernetes quantities ("8", "8000m", "1.5Gi", 8), read exactly. The grammar is that of
 * k8s.io/apimachinery/pkg/api/resource: a signed decimal with a binary, a decimal or an exponent suffix;
 * digits below 1n are rounded away from zero, as there. BigInt, because "16Ei" does not fit a double.
 */
export interface Quantity {
  /** The value times 10^9. */
  readonly nano: bigint;
}

const GRAMMAR = /^([+-]?)(\d+(?:\.\d*)?|\.\d+)(?:([KMGTPE]i)|([numkMGTPE])|[eE]([+-]?\d+))?$/;
const BINARY: Readonly<Record<string, bigint>> = { Ki: 10n, Mi: 20n, Gi: 30n, Ti: 40n, Pi: 50n, Ei: 60n };
const DECIMAL: Readonly<Record<string, number>> = {
  n: -9,
  u: -6,
  m: -3,
  k: 3,
  M: 6,
  G: 9,
  T: 12,
  P: 15,
  E: 18,
};
/** Past this many digits no quantity means anything, and BigInt arithmetic would start to cost time. */
const LONGEST = 64;

/**
 * @param given what stands in the manifest: a string, or a JSON number
 * @returns the quantity, or null where Kubernetes would refuse it
 */
export function parseQuantity(given: unknown): Quantity | null {
  const text = typeof given === 'number' && Number.isFinite(given) ? String(given) : asText(given);
  if (text === null || text.length > LONGEST) return null;
  const match = GRAMMAR.exec(text);
  if (match === null) return null;
  const [, sign, digits = '', binary, decimal, exponent] = match;
  const point = digits.indexOf('.');
  const mantissa = BigInt(digits.replace('.', '') || '0');
  const fraction = point === -1 ? 0 : digits.length - point - 1;
  const power =
    exponent === undefined ? (decimal === undefined ? 0 : (DECIMAL[decimal] ?? 0)) : Number(exponent);
  if (Math.abs(power) > LONGEST) return null;
  const shifted = binary === undefined ? mantissa : mantissa << (BINARY[binary] ?? 0n);
  const scale = 9 + power - fraction;
  const nano = scale >= 0 ? shifted * 10n ** BigInt(scale) : divideUp(shifted, 10n ** BigInt(-scale));
  return { nano: sign === '-' ? -nano : nano };
}

function asText(given: unknown): string | null {
  return typeof given === 'string' ? given : null;
}

function divideUp(value: bigint, by: bigint): bigint {
  return (value + by - 1n) / by;
}

/** @returns the quantity as a whole number >= 0, or null when it is fractional, negative or beyond 2^53. */
export function wholeNumber(quantity: Quantity | null): number | null {
  if (quantity === null || quantity.nano < 0n || quantity.nano % 1_000_000_000n !== 0n) return null;
  const value = quantity.nano / 1_000_000_000n;
  return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : null;
}
