/** JSON text of a value of any size. It finds out early that a text is too long, before it is written. */

/** The API server refuses deeper JSON in a review, and a YAML file that is deeper is refused as well. */
const DEEPEST = 100;

/** @returns the value's JSON text; null where it has more than `most` characters or is nested too deeply */
export function boundedText(value: unknown, most: number): string | null {
  if (left(value, most, 0) < 0) return null;
  const text = JSON.stringify(value);
  return text.length <= most ? text : null;
}

/** @returns `most` less the shortest length that the value's text can have; negative if the text is too long */
function left(value: unknown, most: number, depth: number): number {
  if (typeof value === 'string') return most - value.length - 2;
  if (typeof value !== 'object' || value === null) return most - 1;
  if (depth >= DEEPEST) return -1;
  let rest = most - 1;
  if (Array.isArray(value)) {
    for (const item of value as readonly unknown[]) {
      if (rest < 0) break;
      rest = left(item, rest - 1, depth + 1);
    }
    return rest;
  }
  for (const [key, item] of Object.entries(value)) {
    if (rest < 0) break;
    rest = left(item, rest - key.length - 4, depth + 1);
  }
  return rest;
}
