/** The report as a Mermaid flowchart, which pull requests and Markdown pages draw: a box for each service. */
import type { Assessment } from '../../admission/assess.ts';
import type { Plan } from '../../kserve/plan.ts';
import type { Fit } from '../../fit/forecast.ts';
import { fitLines, groundLines, placeOf, placesText } from '../planned/fit-words.ts';
import { count } from '../shared/finding-text.ts';
import {
  changeLines,
  changeText,
  gpusText,
  headStagesText,
  runtimeText,
  sizesText,
  splitText,
  whereText,
  stagesText,
  storageText,
  titleOf,
  totalsText,
  verdictText,
  whyNoPlan,
} from '../planned/words.ts';
import type { Format, PlannedService } from '../planned/report.ts';

/** More workers than this are one node: side by side they would be too small to read. */
const MOST_WORKERS = 4;
const MOST_CELLS = 16;

export const mermaid: Format = (report) => {
  const parts: readonly Part[] = [
    ...report.services.map((service, index) => boxOf(service, `s${index + 1}`)),
    ...changeLines(report).map((line, index) => words(`change${index + 1}`, line)),
    ...(report.ground === null ? [] : [words('ground', ...groundLines(report.ground))]),
  ];
  const lines = [
    // Lines as they are, and not folded at 200 pixels.
    '%%{init: {"flowchart": {"wrappingWidth": 600}}}%%',
    'flowchart TB',
    '  classDef words fill:none,stroke:none,text-align:left',
    ...parts.flatMap((part) => part.lines),
    // One below the other: side by side they would be too small to read.
    ...parts.slice(1).map(({ id }, index) => `  ${parts[index]?.id} ~~~ ${id}`),
  ];
  return `${lines.join('\n')}\n`;
};

interface Part {
  readonly id: string;
  readonly lines: readonly string[];
}

function words(id: string, ...lines: readonly string[]): Part {
  return { id, lines: [`  ${node(id, lines, WORDS)}`] };
}

const WORDS = ':::words';

function boxOf({ assessment, change, fit }: PlannedService, id: string): Part {
  const { plan } = assessment;
  const verdicts = (['deny', 'warn'] as const).map((severity) => verdictText(assessment, severity));
  const told = [
    ...(plan === null
      ? [whyNoPlan(assessment)]
      : [
          sizesText(plan),
          splitText(assessment),
          runtimeText(assessment, plan),
          totalsText(plan, assessment, change),
          ...fitLines(fit, change),
        ]),
    change && changeText(change, assessment),
    whereText(assessment),
    ...verdicts,
  ].filter((text) => text !== null);
  const lines = [
    `subgraph ${id} ["${label(titleOf(assessment))}"]`,
    '  direction TB',
    `  ${node(`${id}_plan`, told, WORDS)}`,
    ...(plan === null ? [] : podsOf(assessment, plan, fit, id).map((line) => `  ${line}`)),
    'end',
  ];
  return { id, lines: lines.map((line) => `  ${line}`) };
}

function podsOf(assessment: Assessment, plan: Plan, fit: Fit | null, id: string): readonly string[] {
  const { head, worker } = plan;
  const workers = Array.from({ length: worker.replicas > MOST_WORKERS ? 1 : worker.replicas }, (_, index) => {
    const many = worker.replicas > MOST_WORKERS;
    const first = head.gpus + index * worker.gpus;
    const gpus = many ? worker.replicas * worker.gpus : worker.gpus;
    const name = many ? `workers 1 to ${worker.replicas}` : `worker ${index + 1}`;
    const each = many ? [`${count(worker.replicas, 'pod')}, each`] : [];
    const places = many ? [placesText(fit, 'worker')] : [];
    return {
      id: `${id}_worker${index + 1}`,
      lines: [name, ...each, gpusText(worker), cells(worker.gpus), stagesText(plan, first, gpus), ...places],
      place: many ? null : placeOf(fit, 'worker', index),
    };
  });
  const pods = [headOf(plan, fit, id), ...workers];
  const storage = storageText(assessment);
  return [
    ...inPlaces(pods, id),
    `${id}_plan ~~~ ${id}_head`,
    ...workers.map((pod) => `${id}_head --- ${pod.id}`),
    ...(storage === null
      ? []
      : [`${id}_model[("${label(storage)}")]`, `${pods.map((pod) => pod.id).join(' & ')} --> ${id}_model`]),
  ];
}

function headOf(plan: Plan, fit: Fit | null, id: string): PodNode {
  const { head } = plan;
  const lines = [gpusText(head), cells(head.gpus), headStagesText(plan)];
  if (head.replicas === 1) {
    return { id: `${id}_head`, lines: ['head', ...lines], place: placeOf(fit, 'head', 0) };
  }
  const pods = count(head.replicas, 'pod');
  const several = [`${pods}, each`, ...lines, placesText(fit, 'head')];
  return { id: `${id}_head`, lines: ['head', ...(head.replicas === 0 ? [pods] : several)], place: null };
}

interface PodNode {
  readonly id: string;
  readonly lines: readonly string[];
  /** The node that it is on, or that it waits; null where nothing is known, and for pods that are drawn as one. */
  readonly place: string | null;
}

/** The pods that share a place in one box. */
function inPlaces(pods: readonly PodNode[], id: string): readonly string[] {
  return [...Map.groupBy(pods, ({ place }) => place)].flatMap(([place, those], index) => {
    const nodes = those.map((pod) => node(pod.id, pod.lines));
    return place === null
      ? nodes
      : [`subgraph ${id}_place${index + 1} ["${label(place)}"]`, ...nodes.map((line) => `  ${line}`), 'end'];
  });
}

function cells(gpus: number): string {
  return gpus > MOST_CELLS ? `${'■'.repeat(MOST_CELLS)}…` : '■'.repeat(gpus);
}

function node(id: string, lines: readonly string[], style = ''): string {
  const text = lines.filter((line) => line !== '').map(label);
  return `${id}["${text.join('<br/>')}"]${style}`;
}

/** Writes characters that are syntax in Mermaid, Markdown or HTML as Mermaid entities. */
function label(text: string): string {
  return text.replaceAll(/[#"<>&`*_~\\]/g, (character) => `#${character.charCodeAt(0)};`);
}
