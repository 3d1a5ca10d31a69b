/**
 * What a rule is. A rule is a function of what is known about one object: it returns findings and never
 * throws, logs, awaits or reads a clock. Each lives in the file of its id; index.ts lists them in order.
 */
import type { RuntimeSubject, ServiceSubject } from './subject.ts';

/** What is configured for a rule: as the rule says, its warnings raised, its denials lowered, or nothing of it. */
export type Level = 'default' | 'deny' | 'warn' | 'off';

/** deny: refused; warn: admitted with a warning; note: shown by the command line only. */
export type Severity = 'deny' | 'warn' | 'note';

/** Which object has a field. */
export type Owner = 'service' | 'runtime';

/** The gravest first. */
export const SEVERITIES: readonly Severity[] = ['deny', 'warn', 'note'];

export interface Finding {
  readonly rule: string;
  readonly severity: Severity;
  /** The field path, as Kubernetes writes them. */
  readonly field: string;
  /** Whose field it is: a finding about a service may be one of its runtime. */
  readonly owner: Owner;
  /** What was found, with the values and the arithmetic; one sentence without a full stop. */
  readonly message: string;
  /** What to write instead. */
  readonly fix: string;
  /** For admission warnings: at most 250 characters, the important words first; without the rule id. */
  readonly short: string;
  /** How many problems it stands for, where it stands for several that are counted instead of listed. */
  readonly count?: number;
}

/** What a rule reports: its id is added where the rules are run (index.ts), and the object as the owner of its field. */
export interface Report extends Omit<Finding, 'rule' | 'owner'> {
  /** For a field of the service's runtime. */
  readonly owner?: 'runtime';
}

export interface Rule {
  /** The file's name. */
  readonly id: string;
  /** One line for tables and help. */
  readonly summary: string;
  /** A rule that may have many reports yields them one by one, since only the first hundred are kept (bounded.ts). */
  readonly checkService?: (subject: ServiceSubject) => Iterable<Report>;
  readonly checkRuntime?: (subject: RuntimeSubject) => Iterable<Report>;
}
