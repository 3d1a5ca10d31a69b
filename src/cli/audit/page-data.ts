/** What the page of an audit is drawn from: the numbers and words of each service, and no picture, for that is long. */
import type { Assessment } from '../../admission/assess.ts';
import type { Fit } from '../../fit/forecast.ts';
import { isStopped } from '../../kserve/pod-annotations.ts';
import type { Severity } from '../../rules/rule.ts';
import { idleGpus, nameOf } from '../planned/figures.ts';
import { fitLines } from '../planned/fit-words.ts';
import type { PlannedService } from '../planned/report.ts';
import {
  runtimeText,
  sizesText,
  splitText,
  storageText,
  totalsText,
  whereText,
  whyNoPlan,
} from '../planned/words.ts';
import type { DrawnPlan } from '../plan/svg/pods.ts';
import { releaseText } from '../shared/release.ts';
import { BEING_DELETED, isGoing, type Audited } from './audited.ts';

export interface AuditPage {
  /** One line. */
  readonly release: string;
  /** In the order of the audit. */
  readonly services: readonly AuditedService[];
}

export interface AuditedService {
  readonly namespace: string;
  readonly name: string;
  /** Sizes, back end and the like, a line each; why there is no plan. */
  readonly words: readonly string[];
  /** null where there is none. */
  readonly plan: DrawnPlan | null;
  /** Of the pods that run. */
  readonly gpus: { readonly allocated: number; readonly idle: number };
  readonly storage: string | null;
  /** null without --fit, and where there is no plan. */
  readonly fit: Fit | null;
  readonly findings: readonly AuditedFinding[];
}

interface AuditedFinding {
  readonly rule: string;
  readonly severity: Severity;
  readonly field: string;
  readonly message: string;
  readonly fix: string;
}

export function pageData({ services, release }: Audited): AuditPage {
  return { release: releaseText(release), services: services.map(serviceData) };
}

function serviceData({ assessment, fit }: Pick<PlannedService, 'assessment' | 'fit'>): AuditedService {
  const { service, plan, findings } = assessment;
  const runs = plan !== null && !isStopped(service);
  return {
    namespace: service.namespace,
    name: nameOf(service),
    words: [...wordsOf(assessment), ...(isGoing(assessment) ? [BEING_DELETED] : []), ...fitLines(fit)],
    plan: plan && drawnPlan(plan),
    gpus: { allocated: runs ? plan.allocated : 0, idle: runs ? idleGpus(plan) : 0 },
    storage: storageText(assessment),
    fit,
    findings: findings.map(({ rule, severity, field, message, fix }) => ({
      rule,
      severity,
      field,
      message,
      fix,
    })),
  };
}

function wordsOf(assessment: Assessment): readonly string[] {
  const { plan } = assessment;
  const words =
    plan === null
      ? [whyNoPlan(assessment)]
      : [sizesText(plan), totalsText(plan, assessment, null), runtimeText(assessment, plan)];
  return [...words, splitText(assessment), whereText(assessment)].filter((text) => text !== null);
}

function drawnPlan(plan: DrawnPlan): DrawnPlan {
  const { tensorParallelSize, pipelineParallelSize, required, available, head, worker } = plan;
  return {
    tensorParallelSize,
    pipelineParallelSize,
    required,
    available,
    head: { replicas: head.replicas, gpus: head.gpus },
    worker: { replicas: worker.replicas, gpus: worker.gpus },
  };
}
