/** Figures beside their targets: what the long runs (fuzz, stress, soak) print, and whether they end with 0 or 1. */

interface Figure {
  readonly what: string;
  readonly value: number;
  readonly unit?: string;
  /** The target: so much at most, or at least; neither where the figure is only told. */
  readonly most?: number;
  readonly least?: number;
}

/** @returns the figures as a table, a line each */
export function table(figures: readonly Figure[]): string {
  const rows = figures.map((figure): readonly string[] => {
    const { what, value, unit = '', most, least } = figure;
    const target =
      most === undefined ? (least === undefined ? '' : `>= ${shown(least)}`) : `<= ${shown(most)}`;
    return [
      what,
      `${shown(value)}${unit && ` ${unit}`}`,
      target,
      target === '' ? '' : isMet(figure) ? 'met' : 'MISSED',
    ];
  });
  const all = [['figure', 'value', 'target', ''], ...rows];
  const widths = [0, 1, 2].map((column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  return all
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** @returns the exit code: 1 where a target is missed */
export function exitCodeOf(figures: readonly Figure[]): 0 | 1 {
  return figures.every(isMet) ? 0 : 1;
}

/** What could not be measured (NaN) meets nothing. */
export function isMet({ value, most, least }: Figure): boolean {
  return (most === undefined || value <= most) && (least === undefined || value >= least);
}

/** One decimal below 100: more would be the machine's, not ours. */
function shown(value: number): string {
  return Number.isInteger(value) || Math.abs(value) >= 100 ? String(Math.round(value)) : value.toFixed(1);
}

/** @returns the value that a share (0 to 1) of all does not exceed; NaN of none */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) * share)] ?? Number.NaN;
}

export type { Figure };
