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
  type Format,
  type PlannedService,
  type PlanReport,
} from '../planned/report.ts';

export const json: Format = (report) => `${JSON.stringify(planData(report), null, 2)}\n`;

export function planData(report: PlanReport): object {
  const { services, removed, ground, skipped, unreadable, release } = report;
  const change = removed && { gpus: totalChange(report), removed: removed.map(goneData) };
  return {
    schemaVersion: 1,
    kserveVersion: release.release.name,
    services: services.map(serviceData),
    ...(change && { change }),
    ...(ground && { fit: fitJson(ground) }),
    skipped,
    ...(unreadable.length > 0 && { unreadable: unreadable.map(unreadableData) }),
  };
}

function unreadableData({ file, place: { line, column }, problem, fix }: UnreadableFile): object {
  return { file, line, column, message: problem, fix };
}

function goneData(assessment: Assessment): object {
  return {
    namespace: assessment.service.namespace,
    name: nameOf(assessment.service),
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
