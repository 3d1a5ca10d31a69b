/** Which services of an audit are shown. */
import type { AuditedService } from '../../cli/audit/page-data.ts';

export interface Filter {
  /** Part of namespace/name, in any letters; '' for all. */
  readonly text: string;
  /** Each '' for all. */
  readonly namespace: string;
  readonly rule: string;
  readonly severity: string;
}

export const ALL: Filter = { text: '', namespace: '', rule: '', severity: '' };

/** @returns the services of which name, namespace and one finding are as the filter wants them */
export function matching(
  services: readonly AuditedService[],
  { text, namespace, rule, severity }: Filter,
): readonly AuditedService[] {
  const wanted = text.trim().toLowerCase();
  const asks = rule !== '' || severity !== '';
  return services.filter(
    (service) =>
      `${service.namespace}/${service.name}`.toLowerCase().includes(wanted) &&
      (namespace === '' || service.namespace === namespace) &&
      (!asks ||
        service.findings.some(
          (finding) =>
            (rule === '' || finding.rule === rule) && (severity === '' || finding.severity === severity),
        )),
  );
}

/** @returns the values, each once, in order */
export function distinct(values: readonly string[]): readonly string[] {
  return [...new Set(values)].toSorted();
}
