/** The report for people: each finding with the line that it is about, and the way to read more. */
import { visibleLine } from '../../lib/text.ts';
import { RULE_IDS } from '../../rules/index.ts';
import { enforcementText } from '../shared/enforcement-text.ts';
import { count, findingLines, highlight } from '../shared/finding-text.ts';
import { folded } from '../shared/fold.ts';
import type { Style } from '../shared/streams.ts';
import { tallyText } from '../shared/tally.ts';
import { frameOf } from './frame.ts';
import {
  notJudgedCount,
  openFindings,
  suppressedCount,
  unplannedCount,
  unreadableCount,
  type Format,
  type LintFinding,
  type LintReport,
} from './report.ts';
import { SUPPRESS } from './suppress.ts';

export const text: Format = (report, style) => {
  const located = report.objects.flatMap(({ file, findings }) =>
    findings.map((finding) => ({ ...finding, file })),
  );
  const lines = folded(located, placeText, ({ suppressed }) => !suppressed).flatMap(({ finding, also }) =>
    linesOf(finding, also, style),
  );
  const open = openFindings(report);
  const found = RULE_IDS.filter((id) => open.some(({ rule }) => rule === id));
  const more = found.length === 0 ? [] : [`more: headcount explain ${found.join(' ')}`];
  return `${[...lines, ...more, ...whereLines(report), summaryLine(report)].join('\n')}\n`;
};

/** A line for each thing that is to be said of what is enforced, with the number of objects. */
function whereLines({ objects }: LintReport): readonly string[] {
  const said = objects.flatMap(
    ({ enforcement, namespace }) => (enforcement && enforcementText(enforcement, namespace)) ?? [],
  );
  return [...Map.groupBy(said, (line) => line)].map(
    ([line, same]) => `${line} (${count(same.length, 'object')})`,
  );
}

type Located = LintFinding & { readonly file: string };

function placeText({ file, place: { line, column } }: Located): string {
  return `${visibleLine(file)}:${line}:${column}`;
}

function linesOf(finding: Located, also: string, style: Style): readonly string[] {
  const { place, severity, suppressed } = finding;
  const [first = '', ...rest] = findingLines(finding, style);
  const mark = (carets: string): string => highlight(carets, severity, style);
  return [
    `${placeText(finding)} ${first}`,
    ...(suppressed ? [`  suppressed by ${SUPPRESS}`] : [...frameOf(place, mark), ...rest]),
    ...(also === '' ? [] : [`  also: ${also}`]),
  ];
}

function summaryLine(report: LintReport): string {
  const suppressed = suppressedCount(report);
  const notJudged = notJudgedCount(report);
  const unreadable = unreadableCount(report);
  const unplanned = unplannedCount(report);
  return [
    tallyText(openFindings(report), report.services, report.files),
    ...(suppressed === 0 ? [] : [`${suppressed} suppressed`]),
    ...(unplanned === 0 ? [] : [`${unplanned} not planned: lint again once what is denied is corrected`]),
    ...(notJudged === 0 ? [] : [`${notJudged} not judged`]),
    ...(unreadable === 0 ? [] : [`${count(unreadable, 'file')} can't be read`]),
  ].join(', ');
}
