/** A report that is put into words when they are read: of thousands the first hundred are (bounded.ts). */
import type { Report, Severity } from './finding.ts';

export type Words = Pick<Report, 'message' | 'fix' | 'short'>;

export class LateReport implements Report {
  readonly severity: Severity;
  readonly owner?: 'runtime';
  readonly #fieldOf: () => string;
  readonly #make: () => Words;
  #words: Words | undefined;

  constructor(severity: Severity, fieldOf: () => string, make: () => Words, owner?: 'runtime') {
    this.severity = severity;
    this.#fieldOf = fieldOf;
    this.#make = make;
    if (owner !== undefined) this.owner = owner;
  }

  get field(): string {
    return this.#fieldOf();
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
