/** What every picture of a plan says in words: the tree of the terminal, Mermaid and SVG. */
import type { Assessment } from '../../admission/assess.ts';
import { visibleLine } from '../../lib/text.ts';
import type { Severity } from '../../rules/rule.ts';
import { isStopped } from '../../kserve/pod-annotations.ts';
import type { Plan, PodPlan } from '../../kserve/plan.ts';
import { enforcementText } from '../shared/enforcement-text.ts';
import { count } from '../shared/finding-text.ts';
import { idleGpus, lackingGpus, nameOf, rolloutPeak } from './figures.ts';
import { isWhole, totalChange, type Change, type GpuChange, type PlanReport } from './report.ts';

/** @returns such as `team/llm`. */
export function titleOf({ service }: Assessment): string {
  return visibleLine(`${service.namespace}/${nameOf(service) || '(no name)'}`);
}

/** @returns why there is no picture; null where there is a plan. */
export function whyNoPlan({ service, plan }: Assessment): string | null {
  if (service.worker === null) return 'single node: no workerSpec, so nothing to plan';
  return plan === null ? 'no plan possible' : null;
}

export function sizesText({
  tensorParallelSize: tp,
  pipelineParallelSize: pp,
  required,
  pods,
}: Plan): string {
  return `TP ${tp} x PP ${pp} = ${count(required, 'GPU')} on ${count(pods, 'pod')}`;
}

/** @returns the back end and the runtime. */
export function runtimeText({ runtime }: Assessment, { backend }: Plan): string {
  if (runtime.status !== 'found') return backend;
  const assumed = runtime.how === 'assumed' ? 'assumed ' : '';
  return visibleLine(`${backend}, ${assumed}runtime ${runtime.runtime.name}`);
}

/** @returns the GPUs of one pod. */
export function gpusText({ gpus, type }: PodPlan): string {
  return visibleLine(`${gpus} x ${type}`);
}

/** @param change the next roll-out, if it is known: then changeText shows its peak, and this text does not */
export function totalsText(plan: Plan, { service }: Assessment, change: Change | null): string {
  const { allocated, pods } = plan;
  if (isStopped(service)) {
    return `stopped: no pods now, ${count(pods, 'pod')} with ${count(allocated, 'GPU')} when it is started again`;
  }
  const lacking = lackingGpus(plan);
  const use = lacking > 0 ? `${lacking} too few` : `${idleGpus(plan)} idle`;
  const now = `${allocated} allocated, ${use}`;
  return change === null ? `${now}, ${rolloutPeak(plan, service)} at the peak of a roll-out` : now;
}

/** @returns the stages of the head's GPUs, and how many further heads have no workers; '' where there is no head */
export function headStagesText(plan: Plan): string {
  const { head, nodes } = plan;
  if (head.replicas === 0) return '';
  const alone = nodes === 1 ? 0 : head.replicas - 1;
  const stages = stagesText(plan, 0, head.gpus);
  return [stages, ...(alone > 0 ? [`${count(alone, 'head')} idle`] : [])]
    .filter((text) => text !== '')
    .join(', ');
}

/** @returns where the model is, with what is known of the claim; null where the service does not say. */
export function storageText({ service, claim }: Assessment): string | null {
  const uri = service.model?.storageUri;
  if (typeof uri !== 'string') return null;
  const modes =
    claim.status === 'found' ? claim.accessModes.join(', ') : claim.status === 'missing' ? 'missing' : '';
  return visibleLine(modes === '' ? uri : `${uri} (${modes})`);
}

/** @returns what the author had written where the guide's case 2 applies, else null. */
export function splitText({ declared, normalized }: Assessment): string | null {
  if (!normalized) return null;
  const { tensorParallelSize: tp, pipelineParallelSize: pp } = declared.worker ?? {};
  const given = [`TP ${tp?.value ?? 'unset'}`, `PP ${pp?.value ?? 'unset'}`].join(', ');
  return `written as ${given}; split so that a tensor parallel group fits one pod`;
}

/** @returns why nothing is judged in the service's namespace, or what is not known of it; null where there is nothing to say. */
export function whereText({ enforcement, service }: Assessment): string | null {
  return enforcementText(enforcement, service.namespace);
}

/** @returns the rules that have found something of this severity; null where none has. */
export function verdictText({ findings }: Assessment, severity: Severity): string | null {
  const rules = new Set(findings.filter((finding) => finding.severity === severity).map(({ rule }) => rule));
  const verb = { deny: 'denied', warn: 'warned', note: 'noted' }[severity];
  return rules.size === 0 ? null : `${verb}: ${[...rules].join(', ')}`;
}

/** @returns what --before adds. */
export function changeText(change: Change, assessment: Assessment): string {
  const denied = change.before && verdictText(change.before, 'deny');
  const text = kindText(change, assessment);
  return denied === null ? text : `${text}; the version before would be ${denied}`;
}

function kindText({ kind, before, gpus }: Change, assessment: Assessment): string {
  if (kind === 'added') return gpus.after === null ? 'new' : `new: ${known(gpus.after)} more`;
  if (kind === 'unchanged') {
    return gpus.after === null ? 'unchanged' : `unchanged: ${known(gpus.after)}, no roll-out`;
  }
  const peak =
    gpus.peak === null
      ? 'no number for the peak of the roll-out'
      : `${known(gpus.peak)} at the peak of the roll-out`;
  return `changed: ${sideText(before, gpus.before)} before, ${sideText(assessment, gpus.after)} after, ${peak}`;
}

/** GPUs and pods of one side of a change. */
function sideText(assessment: Assessment | null, gpus: number | null): string {
  if (assessment?.service.worker === null) return 'a single node (not planned)';
  if (assessment?.plan && isStopped(assessment.service)) return 'no pods (stopped)';
  return `${known(gpus)}${assessment?.plan ? ` on ${count(assessment.plan.pods, 'pod')}` : ''}`;
}

/** @returns what --before adds to the services: those that are gone or not compared, and the sum where there are several. */
export function changeLines(report: PlanReport): readonly string[] {
  const { services, comparison } = report;
  if (comparison === null) return [];
  const { removed, notCompared } = comparison;
  const gone = removed.map((assessment) => `${titleOf(assessment)} ${goneText(assessment)}`);
  const hasTotal = isWhole(comparison) && services.length + gone.length > 1;
  return [
    ...gone,
    ...(notCompared.length === 0 ? [] : [notComparedText(notCompared)]),
    ...(hasTotal ? [totalText(totalChange(services, comparison))] : []),
  ];
}

function notComparedText(services: readonly Assessment[]): string {
  const why = "a file that can't be read may hold the other version or its runtime";
  return `not compared, because ${why}: ${services.map(titleOf).join(', ')}`;
}

function goneText({ service, plan }: Assessment): string {
  if (plan === null) return 'removed';
  return isStopped(service)
    ? 'removed: it was stopped and had no pods'
    : `removed: ${count(plan.allocated, 'GPU')} on ${count(plan.pods, 'pod')} less`;
}

function totalText({ before, after, peak }: GpuChange): string {
  return (
    `all together: ${known(before)} before, ${known(after)} after, ` +
    `${known(peak)} at the peak if all roll at once`
  );
}

function known(gpus: number | null): string {
  return gpus === null ? 'unknown GPUs' : count(gpus, 'GPU');
}

/**
 * Which pipeline stages some GPUs work for. vLLM counts its ranks from the head's GPUs on, pod by pod. Each stage has
 * as many GPUs as the tensor parallel size.
 * @param first the position of the first GPU among all GPUs of the plan
 * @returns such as `stage 0`, `stages 1 to 3, 2 idle`; '' when there is only one stage and no idle GPU
 */
export function stagesText(
  {
    tensorParallelSize,
    pipelineParallelSize,
    required,
  }: Pick<Plan, 'tensorParallelSize' | 'pipelineParallelSize' | 'required'>,
  first: number,
  gpus: number,
): string {
  const idle = Math.max(0, Math.min(gpus, first + gpus - required));
  const parts: string[] = [];
  if (pipelineParallelSize > 1 && gpus > idle) {
    const from = Math.floor(first / tensorParallelSize);
    const to = Math.floor((first + gpus - idle - 1) / tensorParallelSize);
    parts.push(from === to ? `stage ${from}` : `stages ${from} to ${to}`);
  }
  if (idle > 0) parts.push(`${idle} idle`);
  return parts.join(', ');
}
