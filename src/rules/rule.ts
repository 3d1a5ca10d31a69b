/**
 * What a rule is. A rule is a function of what is known about one object: it returns findings and never
 * throws, logs, awaits or reads a clock. Each lives in the file of its id; index.ts lists them in order.
 */
import type { RuntimeSubject, ServiceSubject } from './subject.ts';
import type { Report } from './support/finding.ts';

export { SEVERITIES } from './support/finding.ts';
export type { Finding, Owner, Report, Severity } from './support/finding.ts';

/** A rule's configured level. default: as the rule says; deny: warnings deny; warn: denials warn; off: no findings. */
export type Level = 'default' | 'deny' | 'warn' | 'off';

export interface Rule {
  /** The file's name. */
  readonly id: string;
  /** One line for tables and help. */
  readonly summary: string;
  /** Is a service of which no plan can be made not checked by the rule, or only in part? */
  readonly needsPlan?: true;
  /** A rule that may have many reports yields them one by one, since only the first hundred are kept (bounded.ts). */
  readonly checkService?: (subject: ServiceSubject) => Iterable<Report>;
  readonly checkRuntime?: (subject: RuntimeSubject) => Iterable<Report>;
}
