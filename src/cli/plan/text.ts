/** The report for people: the tree of each service, its arithmetic and its findings. */
import { arithmetic } from './arithmetic.ts';
import { findingLines } from '../shared/finding-text.ts';
import { pictureOf } from '../planned/tree.ts';
import type { Style } from '../shared/streams.ts';
import { changeLines, changeText } from '../planned/words.ts';
import type { Format, PlannedService, PlanReport } from '../planned/report.ts';

export const text: Format = (report, style) => {
  const blocks = [
    ...report.services.map((service) => blockOf(service, report, style)),
    ...changeLines(report),
  ];
  return blocks.length === 0 ? '' : `${blocks.join('\n\n')}\n`;
};

function blockOf({ assessment, change }: PlannedService, { explained }: PlanReport, style: Style): string {
  return [
    ...pictureOf(assessment, style),
    ...(change === null ? [] : [changeText(change, assessment)]),
    ...(explained ? arithmetic(assessment) : []),
    ...assessment.findings.flatMap((finding) => findingLines(finding, style)),
  ].join('\n');
}
