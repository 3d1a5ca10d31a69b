/** The pods of a plan with their GPUs, the claim below them, and the legend. */
import type { Fit } from '../../../fit/forecast.ts';
import { count } from '../../shared/finding-text.ts';
import { documentOf, type Caption } from './document.ts';
import { grid, nameOn } from './grid.ts';
import { MOST_GPUS, podsOf, type DrawnPlan, type Pod } from './pods.ts';
import { lines, path, placed, stacked, type Block } from './shapes.ts';

/** Pixels between two parts of a picture. */
export const GAP = 14;
/** Pixels that a line may reach beyond its shape. */
const STROKE = 1;

/** @returns the topology alone, as an SVG document, for those who have the words elsewhere. */
export function topologySvg(
  plan: DrawnPlan,
  storage: string | null,
  fit: Fit | null,
  caption: Caption,
): string {
  return documentOf(stacked(topology(plan, storage, fit), GAP), caption, STROKE);
}

/**
 * @param storage where the model is; null where the service does not say
 * @param fit the nodes of the pods, which are drawn around them; null where nobody asked for them
 * @returns the parts, to be stacked
 */
export function topology(plan: DrawnPlan, storage: string | null, fit: Fit | null): readonly Block[] {
  const pods = podsOf(plan, fit);
  const missing = (['worker', 'head'] as const).flatMap((role) => {
    const more = plan[role].replicas - pods.filter((pod) => pod.role === role).length;
    return more > 0 ? [count(more, role)] : [];
  });
  const isCut = pods.some(({ gpus }) => gpus > MOST_GPUS);
  const notDrawn = [
    ...(missing.length > 0 ? [`and ${missing.join(' and ')} more like the last one`] : []),
    ...(isCut ? [`of a pod with more GPUs the first ${MOST_GPUS} are drawn`] : []),
  ];
  const drawn = grid(plan, pods);
  return [
    drawn,
    ...(notDrawn.length > 0 ? [lines(notDrawn.map((words) => ['quiet', words] as const))] : []),
    ...(storage === null ? [] : [cylinder(storage, drawn.width)]),
    lines([['quiet', legend(plan, pods)]]),
  ];
}

function legend({ pipelineParallelSize }: DrawnPlan, pods: readonly Pod[]): string {
  const parts = ['a cell is a GPU with its tensor parallel rank'];
  if (pipelineParallelSize > 1) parts.push('a band is a pipeline stage');
  if (pods.some(hasIdleGpu)) parts.push('an empty cell is idle');
  if (pods.some((pod) => nameOn(pod) !== pod.name)) parts.push('w is a worker');
  if (pods.some(({ place }) => place !== null)) parts.push('a frame is a node');
  return parts.join(', ');
}

function hasIdleGpu({ lines: ofPod }: Pod): boolean {
  return ofPod.flat().some(({ stage }) => stage === null);
}

/**
 * The model's claim, which every pod mounts.
 * @param least as wide as the pods that stand on it
 */
function cylinder(storage: string, least: number): Block {
  const words = lines([['words', storage]]);
  const [width, height, lip] = [Math.max(words.width + 32, least), words.height + 32, 8];
  const radius = Math.floor(width / 2);
  const body =
    `M 0 ${lip} A ${radius} ${lip} 0 0 1 ${width} ${lip} V ${height - lip}` +
    ` A ${radius} ${lip} 0 0 1 0 ${height - lip} Z`;
  const rim = `M 0 ${lip} A ${radius} ${lip} 0 0 0 ${width} ${lip}`;
  return { xml: path(body, 'model') + path(rim, 'model') + placed(words, 16, 18), width, height };
}
