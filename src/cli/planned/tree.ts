/** A plan as a tree for the terminal: one line a role, one cell a GPU. */
import type { Assessment } from '../../admission/assess.ts';
import type { Plan, PodPlan } from '../../kserve/plan.ts';
import { count, highlight } from '../shared/finding-text.ts';
import {
  gpusText,
  headStagesText,
  runtimeText,
  sizesText,
  stagesText,
  storageText,
  titleOf,
  totalsText,
  whereText,
  whyNoPlan,
} from './words.ts';
import type { Fit } from '../../fit/forecast.ts';
import { fitLines, isShortage, placesText } from './fit-words.ts';
import type { Change } from './report.ts';
import type { Style } from '../shared/streams.ts';

interface Glyphs {
  readonly branch: string;
  readonly last: string;
  readonly gpu: string;
}

const BOX: Glyphs = { branch: '├─', last: '└─', gpu: '■' };
const ASCII: Glyphs = { branch: '|-', last: '`-', gpu: '#' };
/** More cells say less than the number. */
const MOST_CELLS = 16;

/** @returns the lines of one service. */
export function pictureOf(
  assessment: Assessment,
  style: Style,
  change: Change | null = null,
  fit: Fit | null = null,
): readonly string[] {
  const { plan } = assessment;
  const title = titleOf(assessment);
  const where = whereText(assessment) ?? [];
  if (plan === null || assessment.service.worker === null) {
    return [`${title}   ${whyNoPlan(assessment)}`].concat(where);
  }
  return [
    `${title}   ${sizesText(plan)} (${runtimeText(assessment, plan)})`,
    ...branches(assessment, plan, style.unicode ? BOX : ASCII, fit),
    totalsText(plan, assessment, change),
    ...fitLines(fit, change).map((line) => (isShortage(line) ? highlight(line, 'warn', style) : line)),
  ].concat(where);
}

function branches(assessment: Assessment, plan: Plan, glyphs: Glyphs, fit: Fit | null): readonly string[] {
  const { head, worker } = plan;
  const pods = [
    {
      role: 'head',
      pods: head,
      stages: headStagesText(plan),
      places: placesText(fit, 'head'),
    } as const,
    ...(worker.replicas > 0
      ? [
          {
            role: 'worker',
            pods: worker,
            stages: stagesText(plan, head.gpus, worker.replicas * worker.gpus),
            places: placesText(fit, 'worker'),
          } as const,
        ]
      : []),
  ];
  const podWidth = Math.max(...pods.map(({ pods: { replicas } }) => count(replicas, 'pod').length));
  const gpuWidth = Math.max(...pods.map((row) => gpusText(row.pods).length));
  const cellWidth = Math.max(...pods.map((row) => cells(row.pods, glyphs.gpu).length));
  const stageWidth = Math.max(...pods.map(({ stages }) => stages.length));
  const storage = storageText(assessment);
  const lines = [
    ...pods.map(({ role, pods: of, stages, places }) =>
      [
        role.padEnd('worker'.length),
        count(of.replicas, 'pod').padEnd(podWidth),
        gpusText(of).padEnd(gpuWidth),
        cells(of, glyphs.gpu).padEnd(cellWidth),
        stages.padEnd(stageWidth),
        places,
      ]
        .join('  ')
        .trimEnd(),
    ),
    ...(storage === null ? [] : [`model   ${storage}`]),
  ];
  return lines.map((line, index) => `${index === lines.length - 1 ? glyphs.last : glyphs.branch} ${line}`);
}

/** The cells of one pod, and how often where there are more. */
function cells({ gpus, replicas }: PodPlan, gpu: string): string {
  const shown = gpus > MOST_CELLS ? `${gpu.repeat(MOST_CELLS)}...` : gpu.repeat(gpus);
  return replicas > 1 ? `[${shown}] x ${replicas}` : `[${shown}]`;
}
