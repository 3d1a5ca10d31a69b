/** What rules find. */

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
  /** Why a denial was lowered to this warning: an exception of the configuration. */
  readonly exception?: { readonly until: string; readonly reason: string };
}

/** What a rule reports: its id is added where the rules are run (rules/index.ts), and the object as the owner of its field. */
export interface Report extends Omit<Finding, 'rule' | 'owner' | 'exception'> {
  /** For a field of the service's runtime. */
  readonly owner?: 'runtime';
}
