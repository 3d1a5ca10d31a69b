/** A plan as a tree for the terminal: one line a role, one cell a GPU. */
import type { Assessment } from '../admission/assess.ts';
import { visibleLine } from '../plain.ts';
import type { Plan, PodPlan } from '../topology/plan.ts';
import { count } from './finding-text.ts';
import { idleGpus, nameOf, rolloutPeak } from './plan-json.ts';
import type { Style } from './streams.ts';

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
export function pictureOf(assessment: Assessment, style: Style): readonly string[] {
  const { service, runtime, plan } = assessment;
  const title = visibleLine(`${service.namespace}/${nameOf(service) || '(no name)'}`);
  if (service.worker === null) return [`${title}   single node: no workerSpec, so nothing to plan`];
  if (plan === null) return [`${title}   no plan possible`];
  const on = runtime.status === 'found' ? `, ${assumed(runtime.how)}runtime ${runtime.runtime.name}` : '';
  const { tensorParallelSize: tp, pipelineParallelSize: pp, required, nodes, backend } = plan;
  return [
    `${title}   TP ${tp} x PP ${pp} = ${count(required, 'GPU')} on ${count(nodes, 'pod')} ` +
      visibleLine(`(${backend}${on})`),
    ...podLines(plan, style.unicode ? BOX : ASCII),
    totals(plan, rolloutPeak(plan, service)),
  ];
}

function assumed(how: 'named' | 'auto' | 'assumed'): string {
  return how === 'assumed' ? 'assumed ' : '';
}

function podLines({ head, worker }: Plan, glyphs: Glyphs): readonly string[] {
  const rows = [
    { role: 'head  ', pods: head },
    ...(worker.replicas > 0 ? [{ role: 'worker', pods: worker }] : []),
  ];
  const podWidth = Math.max(...rows.map(({ pods }) => count(pods.replicas, 'pod').length));
  const gpuWidth = Math.max(...rows.map(({ pods }) => gpusOf(pods).length));
  return rows.map(({ role, pods }, index) =>
    [
      `${index === rows.length - 1 ? glyphs.last : glyphs.branch} ${role}`,
      count(pods.replicas, 'pod').padEnd(podWidth),
      gpusOf(pods).padEnd(gpuWidth),
      cells(pods, glyphs.gpu),
    ].join('  '),
  );
}

function gpusOf({ gpus, type }: PodPlan): string {
  return visibleLine(`${gpus} x ${type}`);
}

/** The cells of one pod, and how often where there are more. */
function cells({ gpus, replicas }: PodPlan, gpu: string): string {
  const shown = gpus > MOST_CELLS ? `${gpu.repeat(MOST_CELLS)}...` : gpu.repeat(gpus);
  return replicas > 1 ? `[${shown}] x ${replicas}` : `[${shown}]`;
}

function totals(plan: Plan, peak: number): string {
  const { allocated, required } = plan;
  const use = allocated < required ? `${required - allocated} too few` : `${idleGpus(plan)} idle`;
  return `${allocated} allocated, ${use}, ${peak} at the peak of a roll-out`;
}
