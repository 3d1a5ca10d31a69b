/** The verdict as data: byte for byte what the commands print with -o json. */
import type { JSX } from 'preact';
import type { Result } from '../core/verdict.ts';
import { CopyButton } from './copy-button.tsx';

interface Props {
  readonly documents: readonly (readonly [command: string, document: Result<string>])[];
}

export function Data({ documents }: Props): JSX.Element {
  return (
    <section class="data" aria-label="Data">
      {documents.map(([command, { value, refusal }]) => (
        <details key={command}>
          <summary>
            JSON, as <code>headcount {command} - -o json</code>
          </summary>
          <pre id={`${command}-json`} tabIndex={0} aria-label={`${command} as JSON`}>
            {value ?? refusal}
          </pre>
          {value !== null && (
            <CopyButton text={() => value} words="Copy" label={`Copy the JSON of ${command}`} />
          )}
        </details>
      ))}
    </section>
  );
}
