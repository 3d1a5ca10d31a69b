/** A finding as data: the shape that the published schemas share. */
import type { Finding } from '../../rules/rule.ts';

export function findingJson({ rule, severity, field, message, fix }: Finding): object {
  return { rule, severity, field, message, fix };
}
