/** The picture of one service: what the plan says in words, its pods and GPUs, and how they change. */
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
  whereText,
  storageText,
  titleOf,
  totalsText,
  verdictText,
  whyNoPlan,
} from '../../planned/words.ts';
import type { Change, GpuChange, PlannedService } from '../../planned/report.ts';
import { fitLines, isShortage } from '../../planned/fit-words.ts';
import { lines, rect, stacked, text, textWidth, type Block, type TextStyle } from './shapes.ts';
import { GAP, topology } from './topology.ts';

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
          ...fitLines(fit, change).map((words): Line => [isShortage(words) ? 'warn' : 'words', words]),
        ];
  const all = [
    line('title', titleOf(assessment)),
    ...numbers,
    line('quiet', splitText(assessment)),
    line('quiet', whereText(assessment)),
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
