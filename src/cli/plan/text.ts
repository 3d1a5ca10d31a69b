/** The report for people: the tree of each service, its arithmetic and its findings. */
import { arithmetic } from './arithmetic.ts';
import { findingsByService } from '../planned/findings.ts';
import { groundLines } from '../planned/fit-words.ts';
import { pictureOf } from '../planned/tree.ts';
import { releaseText } from '../shared/release.ts';
import type { Style } from '../shared/streams.ts';
import { changeLines, changeText } from '../planned/words.ts';
import type { Format, PlannedService, PlanReport } from '../planned/report.ts';

export const text: Format = (report, style) => {
  const findings = findingsByService(
    report.services.map(({ assessment }) => assessment),
    style,
  );
  const blocks = [
    ...report.services.map((service, index) =>
      [...headOf(service, report, style), ...(findings[index] ?? [])].join('\n'),
    ),
    ...changeLines(report),
    ...(report.ground === null ? [] : [groundLines(report.ground).join('\n')]),
    ...(report.services.length === 0 ? [] : [releaseText(report.release)]),
  ];
  return blocks.length === 0 ? '' : `${blocks.join('\n\n')}\n`;
};

function headOf(
  { assessment, change, fit }: PlannedService,
  { explained }: PlanReport,
  style: Style,
): readonly string[] {
  return [
    ...pictureOf(assessment, style, change, fit),
    ...(change === null ? [] : [changeText(change, assessment)]),
    ...(explained ? arithmetic(assessment, change) : []),
  ];
}
