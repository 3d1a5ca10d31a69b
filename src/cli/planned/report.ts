/** What plan has to show: the one value from which every format is written, so that they can't disagree. */
import type { Assessment } from '../../admission/assess.ts';
import type { ReleaseInForce } from '../../kserve/installed.ts';
import type { Fit } from '../../fit/forecast.ts';
import type { Ground } from '../../fit/stock.ts';
import type { Style } from '../shared/streams.ts';
import type { UnreadableFile } from '../shared/unreadable.ts';
import { runningOf } from './figures.ts';

/** GPUs of one or more services; null where there is no plan to count them by. */
export interface GpuChange {
  readonly before: number | null;
  readonly after: number | null;
  /** While old and new pods stand side by side. */
  readonly peak: number | null;
}

export interface Change {
  readonly kind: 'added' | 'changed' | 'unchanged';
  /** null for an added service. */
  readonly before: Assessment | null;
  readonly gpus: GpuChange;
}

/** Is there a roll-out, now or later? A new service and an unchanged one have none. */
export function rolls(change: Change | null): boolean {
  return change === null || change.kind === 'changed';
}

export interface PlannedService {
  readonly assessment: Assessment;
  /** null without --before. */
  readonly change: Change | null;
  /** null without --fit, and where there is no plan. */
  readonly fit: Fit | null;
}

export interface PlanReport {
  readonly services: readonly PlannedService[];
  /** Services that --before has and the input has not; null without --before. */
  readonly removed: readonly Assessment[] | null;
  /** What the pods were placed on; null without --fit. */
  readonly ground: Ground | null;
  /** Objects of other kinds in the input. */
  readonly skipped: number;
  /** The release of KServe that is planned for. */
  readonly release: ReleaseInForce;
  /** Files that can't be read: what they hold is not in here. */
  readonly unreadable: readonly UnreadableFile[];
  /** Show the arithmetic too. */
  readonly explained: boolean;
}

/** Writes the report as one document, with its last line end. */
export type Format = (report: PlanReport, style: Style) => string;

/** @returns what all services together need, should they roll at once; null without --before. */
export function totalChange({ services, removed }: PlanReport): GpuChange | null {
  if (removed === null) return null;
  const changes = services.flatMap(({ change }) => (change === null ? [] : [change.gpus]));
  const all = [...changes, ...removed.map(goneGpus)];
  const sum = (key: keyof GpuChange): number | null =>
    all.reduce<number | null>(
      (total, { [key]: gpus }) => (total === null || gpus === null ? null : total + gpus),
      0,
    );
  return { before: sum('before'), after: sum('after'), peak: sum('peak') };
}

/** The GPUs of a removed service: its pods go only after the other services' new pods have come. */
export function goneGpus(assessment: Assessment): GpuChange {
  const gpus = runningOf(assessment)?.allocated ?? null;
  return { before: gpus, after: 0, peak: gpus };
}
