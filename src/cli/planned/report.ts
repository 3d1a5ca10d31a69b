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
  /** null without --before, and where a file that can't be read keeps it from being compared. */
  readonly change: Change | null;
  /** null without --fit, and where there is no plan. */
  readonly fit: Fit | null;
}

/** What --before says beside the services of the input. */
export interface Comparison {
  /** Services that --before has and the input has not. */
  readonly removed: readonly Assessment[];
  /** Services of either side whose other version, or its runtime, may be in a file that can't be read. */
  readonly notCompared: readonly Assessment[];
  /** Could all files of a side be read? */
  readonly complete: { readonly before: boolean; readonly after: boolean };
}

export interface PlanReport {
  readonly services: readonly PlannedService[];
  /** null without --before. */
  readonly comparison: Comparison | null;
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

/** Are all services of both sides compared? Only then there is a sum. */
export function isWhole({ notCompared, complete }: Comparison): boolean {
  return complete.before && complete.after && notCompared.length === 0;
}

/** What all services together need, should they roll at once. */
export function totalChange(services: PlanReport['services'], comparison: Comparison): GpuChange {
  if (!isWhole(comparison)) return { before: null, after: null, peak: null };
  const changes = services.flatMap(({ change }) => (change === null ? [] : [change.gpus]));
  const all = [...changes, ...comparison.removed.map(goneGpus)];
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
