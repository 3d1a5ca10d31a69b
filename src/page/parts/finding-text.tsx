/** What a finding says: its field, its message and its fix. */
import type { JSX } from 'preact';
import type { Finding } from '../../rules/rule.ts';
import { visibleLine } from '../../lib/text.ts';

export function FindingText({
  field,
  message,
  fix,
}: Pick<Finding, 'field' | 'message' | 'fix'>): JSX.Element {
  return (
    <>
      {field !== '' && <p class="field">{visibleLine(field)}</p>}
      <p>{visibleLine(message)}</p>
      {fix !== '' && (
        <p class="fix">
          <strong>Fix</strong> {visibleLine(fix)}
        </p>
      )}
    </>
  );
}
