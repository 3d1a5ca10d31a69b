/** Where each number of a plan comes from, step by step: as `headcount plan --explain`. */
import type { JSX } from 'preact';
import { arithmetic } from '../../cli/plan/arithmetic.ts';
import type { PlannedService } from '../../cli/planned/report.ts';
import { titleOf } from '../../cli/planned/words.ts';

export function Arithmetic({
  services,
}: {
  readonly services: readonly PlannedService[];
}): JSX.Element | null {
  const explained = services
    .map(({ assessment }) => ({ title: titleOf(assessment), lines: arithmetic(assessment) }))
    .filter(({ lines }) => lines.length > 0);
  if (explained.length === 0) return null;
  return (
    <section aria-labelledby="arithmetic">
      <h2 id="arithmetic">Arithmetic</h2>
      {explained.map(({ title, lines }, index) => (
        <div key={index}>
          {explained.length > 1 && <h3>{title}</h3>}
          <ol class="arithmetic">
            {lines.map((line, step) => (
              <li key={step}>{line.trim()}</li>
            ))}
          </ol>
        </div>
      ))}
    </section>
  );
}
