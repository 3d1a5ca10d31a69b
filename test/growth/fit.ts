/** How a cost grows with a size: the exponent of a power law, by least squares on the logarithms. */

export interface Point {
  readonly size: number;
  readonly cost: number;
}

/**
 * @param noise a cost that says nothing: what is below counts as this much, so that the exponent is rather too small
 * @returns 1 for a cost in proportion, 2 for its square; null where fewer than two sizes have something to say
 */
export function exponentOf(points: readonly Point[], noise: number): number | null {
  const sorted = points.toSorted((a, b) => a.size - b.size);
  const first = sorted.findIndex(({ cost }) => cost > noise);
  if (first < 0) return null;
  const told = sorted.slice(Math.max(0, first - 1)).map(({ size, cost }) => ({
    x: Math.log(size),
    y: Math.log(Math.max(cost, noise)),
  }));
  const mean = (of: (one: { x: number; y: number }) => number): number =>
    told.reduce((sum, one) => sum + of(one), 0) / told.length;
  const [x, y] = [mean((one) => one.x), mean((one) => one.y)];
  const spread = mean((one) => (one.x - x) ** 2);
  return spread === 0 ? null : mean((one) => (one.x - x) * (one.y - y)) / spread;
}
