/** Figures with their targets: printed, saved, and compared with saved ones. */
import { readFileSync, writeFileSync } from 'node:fs';

/** A figure with its target; `better` says which way. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly target: number | null;
  readonly better: 'higher' | 'lower';
}

/** The figures that are compared: processor time of a request, as a share of the yardstick's in the same run. */
const COMPARED = /processor time$/;
/**
 * By this factor a share may be worse than the saved one; beyond it counts as a regression. Runs on a machine that does
 * other work as well were up to 17 % above their median.
 */
const TOLERANCE = 0.35;

export function print(figures: readonly Figure[]): void {
  const width = Math.max(...figures.map(({ name }) => name.length));
  console.log(`\n${'figure'.padEnd(width)}    value            target`);
  for (const { name, value, unit, target, better } of figures) {
    const aim = target === null ? '' : `${better === 'higher' ? '>=' : '<='} ${target}`;
    const met =
      target === null ? '' : (better === 'higher' ? value >= target : value <= target) ? 'met' : 'missed';
    console.log(
      `${name.padEnd(width)} ${value.toFixed(2).padStart(8)} ${unit.padEnd(10)} ${aim.padEnd(9)} ${met}`.trimEnd(),
    );
  }
}

/** Only ratios: other figures depend on the machine. */
export function save(figures: readonly Figure[], path: string): void {
  const ratios = figures
    .filter(({ unit }) => unit === 'of bare')
    .map(({ name, value }) => [name, Number(value.toFixed(3))]);
  writeFileSync(path, `${JSON.stringify(Object.fromEntries(ratios), null, 2)}\n`);
}

/** @returns the exit code: 1 where a ratio is worse than the saved one */
export function compare(figures: readonly Figure[], path: string): 0 | 1 {
  const saved = JSON.parse(readFileSync(path, 'utf8')) as Readonly<Record<string, number>>;
  const compared = figures.filter(({ name }) => COMPARED.test(name) && saved[name] !== undefined);
  if (compared.length === 0) throw new Error(`${path} has no figure that was measured`);
  const worse = compared.filter(({ name, value }) => value > (saved[name] ?? 0) * (1 + TOLERANCE));
  for (const { name, value } of compared) {
    const verdict = worse.some((other) => other.name === name) ? 'regression' : 'as saved';
    console.log(`${verdict}: ${name} is ${value.toFixed(2)}, was ${(saved[name] ?? 0).toFixed(2)}`);
  }
  return worse.length === 0 ? 0 : 1;
}
