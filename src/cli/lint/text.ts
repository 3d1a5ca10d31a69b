/** The report for people: each finding with the line that it is about, and the way to read more. */
import { visibleLine } from '../../lib/text.ts';
import { RULE_IDS } from '../../rules/index.ts';
import { count, findingLines, highlight } from '../shared/finding-text.ts';
import type { Style } from '../shared/streams.ts';
import { tallyText } from '../shared/tally.ts';
import { frameOf } from './frame.ts';
import {
  openFindings,
  suppressedCount,
  unreadableCount,
  type Format,
  type LintFinding,
  type LintReport,
} from './report.ts';
import { SUPPRESS } from './suppress.ts';

export const text: Format = (report, style) => {
  const lines = report.objects.flatMap(({ file, findings }) =>
    findings.flatMap((finding) => linesOf(file, finding, style)),
  );
  const open = openFindings(report);
  const found = RULE_IDS.filter((id) => open.some(({ rule }) => rule === id));
  const more = found.length === 0 ? [] : [`more: headcount explain ${found.join(' ')}`];
  return `${[...lines, ...more, summaryLine(report)].join('\n')}\n`;
};

function linesOf(file: string, finding: LintFinding, style: Style): readonly string[] {
  const { place, severity, suppressed } = finding;
  const [first = '', ...rest] = findingLines(finding, style);
  const mark = (carets: string): string => highlight(carets, severity, style);
  return [
    `${visibleLine(file)}:${place.line}:${place.column} ${first}`,
    ...(suppressed ? [`  suppressed by ${SUPPRESS}`] : [...frameOf(place, mark), ...rest]),
  ];
}

function summaryLine(report: LintReport): string {
  const suppressed = suppressedCount(report);
  const unreadable = unreadableCount(report);
  return [
    tallyText(openFindings(report), report.services, report.files),
    ...(suppressed === 0 ? [] : [`${suppressed} suppressed`]),
    ...(unreadable === 0 ? [] : [`${count(unreadable, 'file')} can't be read`]),
  ].join(', ');
}
