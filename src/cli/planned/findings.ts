/** The findings of several services on a terminal. */
import type { Assessment } from '../../admission/assess.ts';
import { SEVERITIES } from '../../rules/rule.ts';
import { findingLines } from '../shared/finding-text.ts';
import { folded } from '../shared/fold.ts';
import type { Style } from '../shared/streams.ts';
import { titleOf } from './words.ts';

/** @returns for each service the lines of its findings, the gravest first; a note stands at the first that has it. */
export function findingsByService(
  assessments: readonly Assessment[],
  style: Style,
): readonly (readonly string[])[] {
  const all = assessments.flatMap((assessment, index) =>
    assessment.findings
      .toSorted((a, b) => SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity))
      .map((finding) => ({ ...finding, index, title: titleOf(assessment) })),
  );
  const shown = Map.groupBy(
    folded(all, ({ title }) => title),
    ({ finding }) => finding.index,
  );
  return assessments.map((_assessment, index) =>
    (shown.get(index) ?? []).flatMap(({ finding, also }) => [
      ...findingLines(finding, style),
      ...(also === '' ? [] : [`  also: ${also}`]),
    ]),
  );
}
