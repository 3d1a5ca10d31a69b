/** The verdict on all that was given: in a sentence, then each service, the findings, the stored manifest, the data. */
import type { JSX } from 'preact';
import { json as lintJson } from '../../cli/lint/json.ts';
import { openFindings } from '../../cli/lint/report.ts';
import { json as planJson } from '../../cli/plan/json.ts';
import { count } from '../../cli/shared/finding-text.ts';
import { releaseText } from '../../cli/shared/release.ts';
import type { Style } from '../../cli/shared/streams.ts';
import { tally } from '../../cli/shared/tally.ts';
import type { State } from '../core/state.ts';
import type { Result, Verdict } from '../core/verdict.ts';
import { Arithmetic } from './arithmetic.tsx';
import { Data } from './data.tsx';
import { Findings } from './findings.tsx';
import { ServiceCard } from './service-card.tsx';
import { Stored } from './stored.tsx';
import type { GoTo } from './props.ts';

/** Which no format of data asks for. */
const STYLE: Style = { colour: false, unicode: true };

interface Props {
  readonly state: State;
  readonly verdict: Verdict;
  readonly goTo: GoTo;
}

export function Results({ state, verdict, goTo }: Props): JSX.Element {
  const { plan, lint, stored } = verdict;
  return (
    <>
      <Sentence {...verdict} />
      {plan.value?.services.map(({ assessment, fit }, index) => (
        <ServiceCard key={index} assessment={assessment} fit={fit} id={`service-${index}`} />
      ))}
      {lint.value !== null && <Findings report={lint.value} goTo={goTo} />}
      {plan.value !== null && <Arithmetic services={plan.value.services} />}
      {plan.value !== null && plan.value.services.length > 0 && (
        <Stored given={state.manifest} stored={stored} />
      )}
      <Data
        documents={[
          ['plan', documentOf(plan, (report) => planJson(report, STYLE))],
          ['lint', documentOf(lint, (report) => lintJson(report, STYLE) as string)],
        ]}
      />
    </>
  );
}

function documentOf<T>(result: Result<T>, write: (value: T) => string): Result<string> {
  return result.refusal === null ? { value: write(result.value), refusal: null } : result;
}

/** The verdict in short, read out when it changes. */
function Sentence({ plan, lint, release }: Verdict): JSX.Element {
  if (lint.value === null) {
    return (
      <p class="verdict empty" role="status">
        {lint.refusal}
      </p>
    );
  }
  const { deny, warn, note } = tally(openFindings(lint.value));
  const also = [
    ...(warn > 0 ? [count(warn, 'warning')] : []),
    ...(note > 0 ? [count(note, 'note')] : []),
  ].join(', ');
  const skipped = plan.value?.skipped ?? 0;
  return (
    <div class={deny > 0 ? 'verdict denied' : 'verdict admitted'}>
      <p role="status">
        <span class="sign" aria-hidden="true">
          {deny > 0 ? '✕' : '✓'}
        </span>
        <strong>{deny > 0 ? `Denied: ${count(deny, 'finding')}` : 'Admitted'}</strong>
        {also !== '' && <span class="also">{also}</span>}
      </p>
      <p class="release">
        {releaseText(release)}
        {skipped > 0 && `; ${count(skipped, 'object')} of other kinds skipped`}
      </p>
    </div>
  );
}
