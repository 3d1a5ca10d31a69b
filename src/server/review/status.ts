/** The status of a denial: every cause with its field, as kubectl shows them. */
import { asString, at } from '../../lib/json.ts';
import { plain } from '../../lib/text.ts';
import type { AdmissionRequest, Decision } from '../../admission/decision.ts';
import { pageOf } from '../../config/docs-url.ts';
import type { Finding } from '../../rules/rule.ts';
import { marked } from './marked.ts';

const MAX_CAUSES = 20;
/** Bytes of one cause, escaped. */
export const MAX_MESSAGE = 1024;
const MAX_NAME = 253;

type Denied = Extract<Decision, { outcome: 'deny' }>;

interface Cause {
  readonly reason: string;
  readonly field: string;
  readonly message: string;
}

/**
 * 422 Invalid makes kubectl print each cause on a line of its own; other clients show status.message, which
 * carries the same lines. details.name must be filled, or kubectl loses the message.
 */
export function invalid({ findings, docsUrl }: Denied, request: AdmissionRequest): object {
  const { group, kind } = request.kind;
  const name = plain(nameOf(request), MAX_NAME);
  const denials = findings.filter((finding) => finding.severity === 'deny');
  const causes = causesOf(denials, docsUrl);
  const lines = causes.map(({ field, message }) =>
    field === '' ? `* ${message}` : `* ${field}: ${message}`,
  );
  return {
    code: 422,
    reason: 'Invalid',
    message: [`${plain(`${kind}.${group}`, MAX_NAME)} "${name}" is invalid:`, ...lines].join('\n'),
    details: { group: plain(group, MAX_NAME), kind: plain(kind, MAX_NAME), name, causes },
  };
}

function causesOf(denials: readonly Finding[], docsUrl: Denied['docsUrl']): readonly Cause[] {
  const listed = denials.slice(0, MAX_CAUSES).map((finding): Cause => ({
    reason: finding.rule,
    field: plain(finding.field, MAX_MESSAGE),
    message: marked(
      finding.fix === '' ? finding.message : `${finding.message}; ${finding.fix}`,
      finding.rule,
      MAX_MESSAGE,
      docsUrl === undefined ? null : pageOf(docsUrl, finding.rule),
    ),
  }));
  const left = denials.slice(MAX_CAUSES).reduce((sum, { count = 1 }) => sum + count, 0);
  if (left === 0) return listed;
  return [...listed, { reason: 'more', field: '', message: `and ${left} more: headcount lint shows all` }];
}

function nameOf({ name, object }: AdmissionRequest): string {
  const candidates = [name, at(object, 'metadata', 'name'), at(object, 'metadata', 'generateName')];
  return (
    candidates.map((value) => asString(value) ?? '').find((candidate) => candidate !== '') ?? '(no name)'
  );
}
