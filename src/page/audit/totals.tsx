/** The cluster in numbers. */
import type { JSX } from 'preact';
import type { AuditedService } from '../../cli/audit/page-data.ts';
import type { Severity } from '../../rules/rule.ts';

export function Totals({ services }: { readonly services: readonly AuditedService[] }): JSX.Element {
  const findings = services.flatMap((service) => service.findings);
  const of = (severity: Severity): number =>
    findings.filter((finding) => finding.severity === severity).length;
  const denied = services.filter((service) => service.findings.some(({ severity }) => severity === 'deny'));
  const sum = (key: 'allocated' | 'idle'): number =>
    services.reduce((total, { gpus }) => total + gpus[key], 0);
  const numbers = [
    ['services', services.length],
    ['GPUs allocated', sum('allocated')],
    ['GPUs idle', sum('idle')],
    ['services denied', denied.length],
    ['denials', of('deny')],
    ['warnings', of('warn')],
    ['notes', of('note')],
  ] as const;
  return (
    <dl class="numbers" aria-label="Totals">
      {numbers.map(([name, number]) => (
        <div key={name} class={name === 'services denied' && number > 0 ? 'short' : ''}>
          <dt>{name}</dt>
          <dd>{number.toLocaleString('en')}</dd>
        </div>
      ))}
    </dl>
  );
}
