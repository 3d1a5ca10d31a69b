/** The report as data: the shape that schemas/lint.v1.json fixes. */
import { tally } from '../shared/tally.ts';
import {
  notJudgedCount,
  openFindings,
  suppressedCount,
  unplannedCount,
  unreadableCount,
  type Format,
  type LintedObject,
  type LintFinding,
} from './report.ts';

export const json: Format = (report) => {
  const findings = report.objects.flatMap((object) =>
    object.findings.map((finding) => findingJson(object, finding)),
  );
  const { files, services, kserveVersion } = report;
  const notJudged = notJudgedCount(report);
  const summary = {
    files,
    services,
    unplanned: unplannedCount(report),
    ...tally(openFindings(report)),
    suppressed: suppressedCount(report),
    ...(notJudged > 0 && { notJudged }),
    unreadable: unreadableCount(report),
  };
  return `${JSON.stringify({ schemaVersion: 1, kserveVersion, findings, summary }, null, 2)}\n`;
};

function findingJson({ file, namespace, name }: LintedObject, finding: LintFinding): object {
  const { rule, severity, field, message, fix, suppressed, place } = finding;
  const { line, column } = place;
  return { file, line, column, namespace, name, rule, severity, field, message, fix, suppressed };
}
