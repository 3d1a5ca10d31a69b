/** The course of a soak as a small SVG: a line for each figure on its own scale, a mark for each disturbance. */

export interface Sample {
  /** Seconds since the beginning. */
  readonly at: number;
  /** MiB. */
  readonly memory: number;
  readonly handles: number;
  /** Seconds since the API server last said anything. */
  readonly age: number;
  /** Answers that were wrong, so far. */
  readonly wrong: number;
  /** Nothing was disturbed just then. */
  readonly resting: boolean;
}

export interface Mark {
  readonly at: number;
  readonly what: string;
}

const WIDTH = 800;
const LANE = 90;
const LEFT = 130;
const LANES: readonly (readonly [Exclude<keyof Sample, 'resting'>, string])[] = [
  ['memory', 'resident, MiB'],
  ['handles', 'handles'],
  ['age', 'silence of the API server, s'],
  ['wrong', 'wrong answers'],
];

export function picture(samples: readonly Sample[], marks: readonly Mark[]): string {
  const end = samples.at(-1)?.at ?? 1;
  const x = (at: number): number => LEFT + (at / end) * (WIDTH - LEFT - 20);
  const height = LANES.length * LANE + 50;
  const lanes = LANES.map(([key, name], lane) => {
    const top = 10 + lane * LANE;
    const most = Math.max(...samples.map((sample) => sample[key]), 1);
    const y = (value: number): number => top + 70 - (value / most) * 65;
    const points = samples
      .map((sample) => `${x(sample.at).toFixed(1)},${y(sample[key]).toFixed(1)}`)
      .join(' ');
    return `<text x="5" y="${top + 40}">${name}</text><text x="${LEFT - 8}" y="${top + 12}" text-anchor="end">${Math.round(most)}</text><line x1="${LEFT}" x2="${WIDTH - 20}" y1="${top + 70}" y2="${top + 70}" stroke="#bbb"/><polyline points="${points}" fill="none" stroke="#06c" stroke-width="1.5"/>`;
  });
  const bottom = LANES.length * LANE + 10;
  const lines = marks.map(
    ({ at, what }) =>
      `<line x1="${x(at).toFixed(1)}" x2="${x(at).toFixed(1)}" y1="10" y2="${bottom}" stroke="#c60" stroke-dasharray="2 3"><title>${what} at ${Math.round(at)} s</title></line>`,
  );
  const time = `<text x="${LEFT}" y="${bottom + 20}">0 s</text><text x="${WIDTH - 20}" y="${bottom + 20}" text-anchor="end">${Math.round(end)} s; dashed: ${[...new Set(marks.map(({ what }) => what))].join(', ')}</text>`;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" font-family="sans-serif" font-size="11"><rect width="100%" height="100%" fill="#fff"/>${[...lines, ...lanes].join('')}${time}</svg>\n`;
}
