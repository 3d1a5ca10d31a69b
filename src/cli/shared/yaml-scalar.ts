/**
 * What a plain YAML scalar means to kubectl. It reads YAML neither as 1.1 nor as 1.2, but as go-yaml v2
 * does (sigs.k8s.io/yaml): booleans by many names, C octals, underscores in numbers, dates as strings.
 * test/fixtures/yaml-scalars.json is what kubectl 1.32 itself made of each of these, and sigs.k8s.io/yaml
 * (test/tools/go/yamlvalues).
 */

const WORDS = new Map<string, boolean | null>([
  ...['y', 'Y', 'yes', 'Yes', 'YES', 'true', 'True', 'TRUE', 'on', 'On', 'ON'].map((w) => [w, true] as const),
  ...['n', 'N', 'no', 'No', 'NO', 'false', 'False', 'FALSE', 'off', 'Off', 'OFF'].map(
    (w) => [w, false] as const,
  ),
  ...['', '~', 'null', 'Null', 'NULL'].map((w) => [w, null] as const),
]);

const FLOAT = /^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$/;
const NO_NUMBER = /^([-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN))$/;
const INTEGERS: readonly (readonly [RegExp, number])[] = [
  [/^0[xX]([0-9a-fA-F]+)$/, 16],
  [/^0[oO]?([0-7]+)$/, 8],
  [/^0[bB]([01]+)$/, 2],
  [/^(0|[1-9][0-9]*)$/, 10],
];
/** Beyond 64 bits Go reads a decimal number as a float, and any other as a string. */
const ABOVE_64_BITS = 2 ** 64;

/** @returns the value; NaN for `.nan` and `.inf`, for which JSON has no number: kubectl refuses both. */
export function resolvePlain(text: string): string | number | boolean | null {
  const word = WORDS.get(text);
  if (word !== undefined) return word;
  if (!/^[-+.0-9]/.test(text)) return text;
  if (NO_NUMBER.test(text)) return Number.NaN;
  const plain = text.replaceAll('_', '');
  const integer = readInteger(plain);
  if (integer !== null) return integer;
  const float = FLOAT.test(plain) ? Number(plain) : Number.NaN;
  return Number.isFinite(float) ? float + 0 : text;
}

function readInteger(plain: string): number | null {
  const [, sign = '', digits = ''] = /^([-+]?)(.*)$/s.exec(plain) ?? [];
  for (const [form, base] of INTEGERS) {
    const found = form.exec(digits)?.[1];
    if (found === undefined) continue;
    const value = base === 10 ? Number(found) : Number.parseInt(found, base);
    if (value >= ABOVE_64_BITS) return null;
    return sign === '-' ? 0 - value : value;
  }
  return null;
}
