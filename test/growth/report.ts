/** The figures, as lines and as a table for docs/hostile-input.md. */
import type { Figure } from '../support/targets.ts';
import { cpuLimit, excesses, growthOf, LIMITS, type Sample } from './limits.ts';
import type { Measured } from './measure.ts';

const WORST = 10;

/** @returns one line for a case, with its sizes and their costs */
export function lineOf({ one, samples }: Measured): string {
  const { exponent } = growthOf(samples);
  const costs = samples.map(
    ({ bytes, cpu, alive }) => `${shownBytes(bytes)} ${alive ? `${cpu.toFixed(0)} ms` : 'ended'}`,
  );
  const grows = exponent === null ? '' : `, grows with n^${exponent.toFixed(2)}`;
  return `/${one.phase} ${one.name}\n    ${costs.join(', ')}${grows}`;
}

/** @returns what is over for a case, in words; empty when nothing */
export function overOf({ samples }: Measured): readonly string[] {
  const growth = growthOf(samples);
  return [
    ...samples.flatMap((sample) => excesses(sample).map((what) => `${shownBytes(sample.bytes)}: ${what}`)),
    ...(growth.over ? [`grows with n^${growth.exponent?.toFixed(2)}`] : []),
  ];
}

/** @returns the worst by their share of the limit of processor time */
export function worstOf(all: readonly Measured[]): readonly Measured[] {
  const share = ({ samples }: Measured): number =>
    Math.max(...samples.map(({ cpu, bytes }) => cpu / cpuLimit(bytes)));
  return all.toSorted((a, b) => share(b) - share(a)).slice(0, WORST);
}

export function figuresOf(all: readonly Measured[], seconds: number, starts: number): readonly Figure[] {
  const samples = all.flatMap((measured) => measured.samples);
  const most = (of: (sample: Sample) => number): number =>
    samples.reduce((max, sample) => Math.max(max, Number.isNaN(of(sample)) ? 0 : of(sample)), 0);
  const grown = all.map((measured) => growthOf(measured.samples).exponent ?? 0);
  return [
    { what: 'cases', value: all.length, least: 1 },
    { what: 'reviews', value: samples.length },
    { what: 'seconds', value: seconds, unit: 's' },
    { what: 'starts of the server', value: starts },
    {
      what: 'cases over a limit',
      value: all.filter((measured) => overOf(measured).length > 0).length,
      most: 0,
    },
    {
      what: 'the process ended or was given up',
      value: samples.filter(({ alive }) => !alive).length,
      most: 0,
    },
    { what: 'reviews whose judging was stopped in time', value: samples.filter(({ late }) => late).length },
    {
      what: 'processor time, as a share of its limit',
      value: 100 * most(({ cpu, bytes }) => cpu / cpuLimit(bytes)),
      unit: '%',
      most: 100,
    },
    {
      what: 'longest /healthz meanwhile',
      value: most(({ health }) => health),
      unit: 'ms',
      most: LIMITS.health,
    },
    { what: 'longest next small review', value: most(({ next }) => next), unit: 'ms', most: LIMITS.next },
    { what: 'most memory held', value: most(({ peak }) => peak), unit: 'MiB', most: LIMITS.memory },
    { what: 'greatest exponent', value: Math.max(0, ...grown), most: LIMITS.exponent },
  ];
}

function shownBytes(bytes: number): string {
  return bytes < 1e6 ? `${Math.round(bytes / 1e3)} KB` : `${(bytes / 1e6).toFixed(1)} MB`;
}
