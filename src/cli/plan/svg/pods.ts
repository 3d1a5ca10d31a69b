/**
 * Pods and their GPUs in the order in which vLLM hands out ranks (the head's GPUs first, then pod by pod), and
 * in rows: the pods of one tensor parallel group side by side, the pipeline stages one below the other.
 */
import type { Fit } from '../../../fit/forecast.ts';
import type { Plan, PodPlan } from '../../../kserve/plan.ts';
import { placeOf } from '../../planned/fit-words.ts';
import { stagesText } from '../../planned/words.ts';

/** What of a plan is drawn: only numbers, so that a page may hold many. */
export type DrawnPlan = Pick<
  Plan,
  'tensorParallelSize' | 'pipelineParallelSize' | 'required' | 'available'
> & { readonly head: DrawnPods; readonly worker: DrawnPods };

type DrawnPods = Pick<PodPlan, 'replicas' | 'gpus'>;

export interface Gpu {
  /** The pipeline stage that it works for; null where it is idle. */
  readonly stage: number | null;
  /** Its tensor parallel rank in there. */
  readonly rank: number;
}

export interface Pod {
  readonly role: 'head' | 'worker';
  readonly name: string;
  /** For a pod too narrow for its name. */
  readonly shortName: string;
  readonly gpus: number;
  /** Its GPUs line by line; of a very large pod the first ones. */
  readonly lines: readonly (readonly Gpu[])[];
  readonly stages: string;
  /** The name of its node, or that it waits; null where nothing is known. */
  readonly place: string | null;
}

export type Row = readonly Pod[];

/** More pods or GPUs than these are not drawn one by one: their number says more. */
const MOST_PODS = 64;
export const MOST_GPUS = 64;
/** Cells on one line. */
const WIDEST = 16;

/** @returns the pods that are drawn: the first head, its workers, and further heads, each of which waits for workers. */
export function podsOf(plan: DrawnPlan, fit: Fit | null): readonly Pod[] {
  const { head, worker, available } = plan;
  const first = Math.min(head.replicas, 1);
  return Array.from({ length: Math.min(head.replicas + worker.replicas, MOST_PODS) }, (_, index): Pod => {
    if (index < first) return podOf(plan, 'head', 0, 0, fit);
    const number = index - first;
    if (number < worker.replicas) {
      return podOf(plan, 'worker', number, head.gpus + number * worker.gpus, fit);
    }
    const further = number - worker.replicas;
    // Without workers to wait for, each head serves.
    const start = worker.replicas === 0 ? 0 : available + further * head.gpus;
    return podOf(plan, 'head', first + further, start, fit);
  });
}

/**
 * @param index among the pods of its role
 * @param first the position of its first GPU among all GPUs
 */
function podOf(plan: DrawnPlan, role: Pod['role'], index: number, first: number, fit: Fit | null): Pod {
  const { replicas, gpus } = plan[role];
  const number = role === 'head' && replicas === 1 ? '' : `${index + 1}`;
  return {
    role,
    name: `${role} ${number}`.trimEnd(),
    shortName: `${role === 'head' ? 'head' : 'w'}${number}`,
    gpus,
    lines: linesOf(plan, first, gpus),
    stages: stagesText(plan, first, gpus),
    place: placeOf(fit, role, index),
  };
}

function linesOf({ tensorParallelSize: tp, required }: DrawnPlan, first: number, gpus: number): Pod['lines'] {
  const wholeStages = gpus > tp && gpus % tp === 0 && first % tp === 0;
  const width = Math.min(wholeStages ? tp : gpus, WIDEST);
  const cells = Array.from({ length: Math.min(gpus, MOST_GPUS) }, (_, index): Gpu => {
    const number = first + index;
    return { stage: number < required ? Math.floor(number / tp) : null, rank: number % tp };
  });
  return Array.from({ length: Math.ceil(cells.length / width) }, (_, line) =>
    cells.slice(line * width, (line + 1) * width),
  );
}

/**
 * A row ends with a stage, or where it would get too wide.
 * @param widthOf a row of these pods
 */
export function rowsOf(
  pods: readonly Pod[],
  { tensorParallelSize: tp }: DrawnPlan,
  widthOf: (row: Row) => number,
  widest: number,
): readonly Row[] {
  const rows: Pod[][] = [];
  let row: Pod[] = [];
  let gpus = 0;
  const end = (): void => {
    if (row.length > 0) rows.push(row);
    row = [];
  };
  for (const pod of pods) {
    if (widthOf([...row, pod]) > widest) end();
    row.push(pod);
    gpus += pod.gpus;
    if (gpus % tp === 0) end();
  }
  end();
  return rows;
}
