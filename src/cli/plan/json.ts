/** The report as data: the shape that schemas/plan.v1.json fixes. */
import type { Assessment } from '../../admission/assess.ts';
import { findingJson } from '../shared/finding-json.ts';
import type { UnreadableFile } from '../shared/unreadable.ts';
import { nameOf } from '../planned/figures.ts';
import { fitJson, numbersJson, serviceJson } from '../planned/service-json.ts';
import {
  goneGpus,
  totalChange,
  type Change,
  type Comparison,
  type Format,
  type PlannedService,
  type PlanReport,
} from '../planned/report.ts';

export const json: Format = (report) => `${JSON.stringify(planData(report), null, 2)}\n`;

export function planData(report: PlanReport): object {
  const { services, comparison, ground, skipped, unreadable, release } = report;
  return {
    schemaVersion: 1,
    kserveVersion: release.release.name,
    services: services.map(serviceData),
    ...(comparison && { change: comparisonData(services, comparison) }),
    ...(ground && { fit: fitJson(ground) }),
    skipped,
    ...(unreadable.length > 0 && { unreadable: unreadable.map(unreadableData) }),
  };
}

function unreadableData({ file, place: { line, column }, problem, fix }: UnreadableFile): object {
  return { file, line, column, message: problem, fix };
}

function comparisonData(services: PlanReport['services'], comparison: Comparison): object {
  const { removed, notCompared } = comparison;
  return {
    gpus: totalChange(services, comparison),
    removed: removed.map(goneData),
    ...(notCompared.length > 0 && { notCompared: notCompared.map(namesOf) }),
  };
}

function namesOf({ service }: Assessment): object {
  return { namespace: service.namespace, name: nameOf(service) };
}

function goneData(assessment: Assessment): object {
  return {
    ...namesOf(assessment),
    before: numbersJson(assessment),
    gpus: goneGpus(assessment),
  };
}

function serviceData({ assessment, change, fit }: PlannedService): object {
  return {
    ...serviceJson({ assessment, change, fit }),
    ...(change && { change: changeData(change) }),
    findings: assessment.findings.map(findingJson),
  };
}

function changeData({ kind, before, gpus }: Change): object {
  return { kind, before: before && numbersJson(before), gpus };
}
