/** A report that is put into words when they are read: of thousands the first hundred are (bounded.ts). */
import type { Report, Severity } from './finding.ts';

export type Words = Pick<Report, 'message' | 'fix' | 'short'>;

export class LateReport implements Report {
  readonly severity: Severity;
  readonly field: string;
  readonly owner?: 'runtime';
  readonly #make: () => Words;
  #words: Words | undefined;

  constructor(severity: Severity, field: string, make: () => Words, owner?: 'runtime') {
    this.severity = severity;
    this.field = field;
    this.#make = make;
    if (owner !== undefined) this.owner = owner;
  }

  get #made(): Words {
    return (this.#words ??= this.#make());
  }

  get message(): string {
    return this.#made.message;
  }

  get fix(): string {
    return this.#made.fix;
  }

  get short(): string {
    return this.#made.short;
  }
}
