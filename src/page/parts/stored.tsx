/** What headcount changes in the manifest, as a diff; the whole of it to be copied. */
import { structuredPatch } from 'diff';
import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import type { Result } from '../core/verdict.ts';
import { CopyButton } from './copy-button.tsx';

interface Props {
  readonly given: string;
  readonly stored: Result<string>;
}

/** Lines around a change. */
const CONTEXT = 2;

export function Stored({ given, stored }: Props): JSX.Element {
  const { value, refusal } = stored;
  const hunks = useMemo(
    () => (value === null ? [] : structuredPatch('', '', given, value, '', '', { context: CONTEXT }).hunks),
    [given, value],
  );
  return (
    <section class="stored" aria-labelledby="stored">
      <h2 id="stored">As headcount stores it</h2>
      {refusal !== null && <p class="problem">{refusal}</p>}
      {value !== null && (
        <>
          <p class="quiet">
            {hunks.length === 0
              ? 'Nothing is added or changed.'
              : 'What headcount render writes. Left out: headcount’s own record, and HEAD_SVC and WORKER_SVC, which carry a generation.'}
          </p>
          {hunks.map(({ oldStart, newStart, lines }) => (
            <div
              class="hunk"
              key={`${oldStart} ${newStart}`}
              role="group"
              aria-label={`From line ${newStart}`}
              tabIndex={0}
            >
              {lines.map((line, index) => (
                <Line key={index} line={line} />
              ))}
            </div>
          ))}
          <CopyButton text={() => value} words="Copy" label="Copy the stored manifest" />
        </>
      )}
    </section>
  );
}

const KINDS: Readonly<Record<string, readonly [string, string]>> = {
  '+': ['added', 'added: '],
  '-': ['removed', 'removed: '],
};

function Line({ line }: { readonly line: string }): JSX.Element {
  const sign = line.slice(0, 1);
  const [kind, said] = KINDS[sign] ?? ['same', ''];
  return (
    <code class={kind}>
      <span class="sign" aria-hidden="true">
        {kind === 'same' ? ' ' : sign}
      </span>
      {said !== '' && <span class="unseen">{said}</span>}
      {line.slice(1)}
    </code>
  );
}
