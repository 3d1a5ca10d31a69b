/** How a cost grows with a size: the exponent of a power law, by least squares on the logarithms. */

export interface Point {
  readonly size: number;
  readonly cost: number;
}

/** Between sizes that are closer than this factor, what a cost grows by is mostly noise. */
const LEAST_SPAN = 4;

/**
 * @param noise a cost that says nothing: what is below counts as this much, so that the exponent is rather too small
 * @returns 1 for a cost in proportion, 2 for its square; null where no sizes far enough apart have something to say
 */
export function exponentOf(points: readonly Point[], noise: number): number | null {
  const sorted = points.toSorted((a, b) => a.size - b.size);
  const first = sorted.findIndex(({ cost }) => cost > noise);
  if (first < 0) return null;
  const told = sorted.slice(Math.max(0, first - 1)).map(({ size, cost }) => ({
    x: Math.log(size),
    y: Math.log(Math.max(cost, noise)),
  }));
  if (Math.exp((told.at(-1)?.x ?? 0) - (told[0]?.x ?? 0)) < LEAST_SPAN) return null;
  const mean = (of: (one: { x: number; y: number }) => number): number =>
    told.reduce((sum, one) => sum + of(one), 0) / told.length;
  const [x, y] = [mean((one) => one.x), mean((one) => one.y)];
  const spread = mean((one) => (one.x - x) ** 2);
  return mean((one) => (one.x - x) * (one.y - y)) / spread;
}
