/** The findings, the gravest first and otherwise in reading order, each with the way to its line and what to do. */
import type { JSX } from 'preact';
import { pageOf } from '../../config/docs-url.ts';
import { visibleLine } from '../../lib/text.ts';
import { RULE_IDS } from '../../rules/index.ts';
import { SEVERITIES } from '../../rules/rule.ts';
import { labelOf, type LintedObject, type LintFinding, type LintReport } from '../../cli/lint/report.ts';
import { STDIN_NAME } from '../../cli/shared/items.ts';
import { FindingText } from './finding-text.tsx';
import { SIGNS } from './signs.ts';
import type { GoTo } from './props.ts';

interface Props {
  readonly report: LintReport;
  readonly goTo: GoTo;
}

export function Findings({ report, goTo }: Props): JSX.Element {
  const found = report.objects
    .flatMap((object) => object.findings.map((finding) => ({ object, finding })))
    .sort((a, b) => SEVERITIES.indexOf(a.finding.severity) - SEVERITIES.indexOf(b.finding.severity));
  return (
    <section class="findings" aria-labelledby="findings">
      <h2 id="findings">
        Findings <span class="count">{found.length}</span>
      </h2>
      {found.length === 0 && <p class="quiet">Nothing to say.</p>}
      <ul>
        {found.map(({ object, finding }, index) => (
          <One
            key={index}
            object={object}
            finding={finding}
            several={report.objects.length > 1}
            {...{ report, goTo }}
          />
        ))}
      </ul>
    </section>
  );
}

interface OneProps extends Props {
  readonly object: LintedObject;
  readonly finding: LintFinding;
  /** Are there other objects, so that its name tells something? */
  readonly several: boolean;
}

function One({ object, finding, several, report, goTo }: OneProps): JSX.Element {
  const { severity, rule, field, message, fix, place, suppressed } = finding;
  const { sign, word } = SIGNS[severity];
  return (
    <li class={`finding ${severity}`} data-rule={rule} data-line={place.line}>
      <p class="head">
        <span class="severity">
          <span aria-hidden="true">{sign}</span> {suppressed ? `${word}, suppressed` : word}
        </span>
        {RULE_IDS.includes(rule) ? (
          <a href={pageOf(report.docsUrl, rule)} target="_blank" rel="noreferrer">
            {rule}
          </a>
        ) : (
          <span>{rule}</span>
        )}
        {object.file === STDIN_NAME ? (
          <button type="button" class="line" onClick={() => goTo(place.line, place.column)}>
            line {place.line}
          </button>
        ) : (
          <span>
            {object.file}, line {place.line}
          </span>
        )}
        {several && object.part !== 'file' && <span class="object">{visibleLine(labelOf(object))}</span>}
      </p>
      <FindingText field={field} message={message} fix={fix} />
    </li>
  );
}
