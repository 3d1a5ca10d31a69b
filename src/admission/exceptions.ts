/** Exceptions of the configuration: they lower the denials that they name to warnings that carry the reason. */
import type { Exception } from '../config/exceptions.ts';
import type { ServiceView } from '../kserve/view.ts';
import { plain } from '../lib/text.ts';
import type { Finding } from '../rules/rule.ts';

/** Characters of a reason that an admission warning has room for. */
const SHORT_REASON = 60;

/** @param exceptions those whose day is not over (config/exceptions.ts) */
export function excepted(
  findings: readonly Finding[],
  service: ServiceView,
  exceptions: readonly Exception[],
): readonly Finding[] {
  if (exceptions.length === 0 || !findings.some(({ severity }) => severity === 'deny')) return findings;
  const own = exceptions.filter((exception) => names(exception, service));
  return findings.map((finding) => {
    if (finding.severity !== 'deny') return finding;
    const exception = own.find(({ rules }) => rules.includes(finding.rule));
    return exception === undefined ? finding : lowered(finding, exception);
  });
}

function names({ namespaces, names: patterns }: Exception, { namespace, name }: ServiceView): boolean {
  if (!namespaces.includes(namespace)) return false;
  return patterns === undefined || patterns.some((pattern) => matches(pattern, name ?? ''));
}

/** @param pattern a name in which * stands for any characters */
function matches(pattern: string, name: string): boolean {
  const parts = pattern.split('*').map((part) => part.replaceAll(/[^a-z0-9]/gi, String.raw`\$&`));
  return new RegExp(`^${parts.join('.*')}$`).test(name);
}

function lowered(finding: Finding, { reason, until }: Exception): Finding {
  const excuse = `excepted until ${until}`;
  return {
    ...finding,
    severity: 'warn',
    message: `${finding.message} (${excuse}: ${plain(reason, 200)})`,
    short: `${excuse} (${plain(reason, SHORT_REASON)}): ${finding.short}`,
    exception: { until, reason },
  };
}
