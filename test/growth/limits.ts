/** What a review may cost, and cost others; from the contract's rows on growth. */
import { exponentOf } from './fit.ts';

export interface Sample {
  /** Of the review, and of the stored runtime that it is judged by. */
  readonly bytes: number;
  /** Milliseconds of processor time of the server, all threads: to judge, or to hold the runtime if that is more. */
  readonly cpu: number;
  /** The longest that /healthz took meanwhile, in milliseconds. */
  readonly health: number;
  /** Milliseconds of the next small review. */
  readonly next: number;
  /** The most memory that was held, in MiB. */
  readonly peak: number;
  readonly alive: boolean;
  /** Did the server stop judging in time? The answer says so. */
  readonly late: boolean;
  /** What was wrong with the answer; null when nothing. */
  readonly problem: string | null;
}

export const LIMITS = {
  cpuEachMegabyte: 120,
  cpuAnyway: 60,
  health: 250,
  next: 10,
  /** What the chart gives a pod. */
  memory: 256,
  /** n log n between 16 KB and 1.5 MB is an exponent of 1.1. */
  exponent: 1.25,
} as const;

/** Milliseconds of processor time that say nothing of growth. */
const NOISE = 25;

export function cpuLimit(bytes: number): number {
  return LIMITS.cpuAnyway + (LIMITS.cpuEachMegabyte * bytes) / 1e6;
}

/** @returns what a sample is over, as words with figures */
export function excesses({ bytes, cpu, health, next, peak, alive, problem }: Sample): readonly string[] {
  if (!alive) return ['the process ended or was given up'];
  return [
    ...(problem === null ? [] : [problem]),
    ...(cpu > cpuLimit(bytes)
      ? [`${cpu.toFixed(0)} ms of processor time, limit ${cpuLimit(bytes).toFixed(0)}`]
      : []),
    ...(health > LIMITS.health ? [`healthz after ${health.toFixed(0)} ms`] : []),
    ...(next > LIMITS.next ? [`next small review ${next.toFixed(1)} ms`] : []),
    ...(peak > LIMITS.memory ? [`${peak.toFixed(0)} MiB`] : []),
  ];
}

export function isOver(sample: Sample): boolean {
  return excesses(sample).length > 0;
}

export function growthOf(samples: readonly Sample[]): {
  readonly exponent: number | null;
  readonly over: boolean;
} {
  const told = samples.filter(({ cpu }) => Number.isFinite(cpu));
  const exponent = exponentOf(
    told.map(({ bytes, cpu }) => ({ size: bytes, cost: cpu })),
    NOISE,
  );
  return { exponent, over: (exponent ?? 0) > LIMITS.exponent };
}
