/** The picture of one service: what the plan says in words, its pods and GPUs, and the claim below them. */
import type { Assessment } from '../../../admission/assess.ts';
import type { Fit } from '../../../fit/forecast.ts';
import type { Plan } from '../../../kserve/plan.ts';
import { count } from '../../shared/finding-text.ts';
import { element } from '../../shared/xml.ts';
import {
  changeText,
  gpusText,
  runtimeText,
  sizesText,
  splitText,
  storageText,
  titleOf,
  totalsText,
  verdictText,
  whyNoPlan,
} from '../../planned/words.ts';
import type { Change, GpuChange, PlannedService } from '../../planned/report.ts';
import { fitLines, isShortage } from '../../planned/fit-words.ts';
import { grid, nameOn } from './grid.ts';
import { MOST_GPUS, podsOf, type Pod } from './pods.ts';
import { lines, path, placed, rect, stacked, text, textWidth, type Block, type TextStyle } from './shapes.ts';

const GAP = 14;

export function serviceBlock({ assessment, change, fit }: PlannedService): Block {
  const { plan } = assessment;
  const parts = [
    lines(wordsOf(assessment, change, fit)),
    ...(change === null ? [] : [changeBlock(change, changeText(change, assessment))]),
    ...(plan === null ? [] : topology(plan, storageText(assessment), fit)),
  ];
  const block = stacked(parts, GAP);
  return { ...block, xml: element('g', { class: 'service' }, `\n${block.xml}`) };
}

type Line = readonly [TextStyle, string];

function wordsOf(assessment: Assessment, change: Change | null, fit: Fit | null): readonly Line[] {
  const { plan } = assessment;
  const numbers: readonly (Line | null)[] =
    plan === null
      ? [line('quiet', whyNoPlan(assessment))]
      : [
          line('words', sizesText(plan)),
          line('words', totalsText(plan, assessment, change)),
          line('quiet', podsText(plan)),
          line('quiet', runtimeText(assessment, plan)),
          ...fitLines(fit).map((words): Line => [isShortage(words) ? 'warn' : 'words', words]),
        ];
  const all = [
    line('title', titleOf(assessment)),
    ...numbers,
    line('quiet', splitText(assessment)),
    line('deny', verdictText(assessment, 'deny')),
    line('warn', verdictText(assessment, 'warn')),
  ];
  return all.filter((one) => one !== null);
}

function line(style: TextStyle, words: string | null): Line | null {
  return words === null ? null : [style, words];
}

function podsText({ head, worker }: Plan): string {
  const of = (role: string, replicas: number, gpus: string): string =>
    `${role} ${count(replicas, 'pod')}, ${gpus}`;
  const workers = worker.replicas > 0 ? [of('worker', worker.replicas, gpusText(worker))] : [];
  return [of('head', head.replicas, gpusText(head)), ...workers].join('; ');
}

function topology(plan: Plan, storage: string | null, fit: Fit | null): readonly Block[] {
  const pods = podsOf(plan, fit);
  const missing = plan.nodes - pods.length;
  const isCut = pods.some(({ gpus }) => gpus > MOST_GPUS);
  const notDrawn = [
    ...(missing > 0 ? [`and ${count(missing, 'worker')} more like the last one`] : []),
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

function legend({ pipelineParallelSize, allocated, required }: Plan, pods: readonly Pod[]): string {
  const parts = ['a cell is a GPU with its tensor parallel rank'];
  if (pipelineParallelSize > 1) parts.push('a band is a pipeline stage');
  if (allocated > required) parts.push('an empty cell is idle');
  if (pods.some((pod) => nameOn(pod) !== pod.name)) parts.push('w is a worker');
  if (pods.some(({ place }) => place !== null)) parts.push('a frame is a node');
  return parts.join(', ');
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

const BARS = ['before', 'after', 'peak'] as const;
const LONGEST_BAR = 320;
const BAR = 14;

function changeBlock({ kind, gpus }: Change, words: string): Block {
  const said = lines([['words', words]]);
  return kind === 'changed' && isKnown(gpus) ? stacked([said, bars(gpus)], 6) : said;
}

function isKnown(gpus: GpuChange): gpus is Readonly<Record<keyof GpuChange, number>> {
  return gpus.peak !== null;
}

/** GPUs before, after, and while both stand side by side. */
function bars(gpus: Readonly<Record<keyof GpuChange, number>>): Block {
  const label = textWidth('before ', 'label');
  const most = Math.max(1, gpus.peak);
  const parts = BARS.map((key, index) => {
    const [y, width] = [index * (BAR + 4), Math.max(1, Math.round((gpus[key] / most) * LONGEST_BAR))];
    return (
      text(0, y + 11, 'label', key) +
      rect({ x: label, y, width, height: BAR }, 'bar', '', 2) +
      text(label + width + 6, y + 11, 'label', count(gpus[key], 'GPU'))
    );
  });
  return {
    xml: parts.join(''),
    width: label + LONGEST_BAR + 6 + textWidth(`${most} GPUs`, 'label'),
    height: BARS.length * (BAR + 4),
  };
}
