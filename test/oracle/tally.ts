/** What many trials come to: which rules deny what KServe alone deploys, and where headcount and KServe differ. */
import type { Trial } from './trial.ts';
import type { TwistedWorld } from './worlds.ts';

const EXAMPLES = 3;

interface RuleTally {
  denied: number;
  /** KServe alone, without headcount, deploys the service. */
  deployedAlone: number;
  readonly examples: string[];
}

export interface Mismatches {
  readonly kind: string;
  count: number;
  /** The first one: its number, and what differs. */
  readonly first: number;
  readonly world: TwistedWorld;
  readonly problems: readonly string[];
}

export class Tally {
  readonly #outcomes = new Map<string, number>();
  readonly #rules = new Map<string, RuleTally>();
  readonly #mismatches = new Map<string, Mismatches>();
  #trials = 0;

  add(world: TwistedWorld, trial: Trial): void {
    const number = this.#trials++;
    this.#outcomes.set(trial.outcome, this.count(trial.outcome) + 1);
    if (trial.outcome === 'denied') this.#addDenied(world, trial);
    if (trial.outcome !== 'mismatch') return;
    const { kind, problems } = trial;
    const found = this.#mismatches.get(kind);
    if (found === undefined) this.#mismatches.set(kind, { kind, count: 1, first: number, world, problems });
    else found.count++;
  }

  #addDenied(world: TwistedWorld, { findings, alone }: Extract<Trial, { outcome: 'denied' }>): void {
    const rules = new Set(findings.map(({ rule }) => rule));
    for (const rule of rules) {
      const tally = this.#rules.get(rule) ?? { denied: 0, deployedAlone: 0, examples: [] };
      this.#rules.set(rule, tally);
      tally.denied++;
      if (alone !== null) continue;
      tally.deployedAlone++;
      // An example says the most where no other rule denies.
      const [finding] = findings;
      if (rules.size > 1 || finding === undefined || tally.examples.length === EXAMPLES) continue;
      const example = `${finding.field}: ${finding.message} (${world.twists.join(', ') || 'no twist'})`;
      if (!tally.examples.includes(example)) tally.examples.push(example);
    }
  }

  count(outcome: Trial['outcome']): number {
    return this.#outcomes.get(outcome) ?? 0;
  }

  /** The rules that deny, alone, what KServe deploys. */
  deniedAlone(): readonly string[] {
    return [...this.#rules].filter(([, { examples }]) => examples.length > 0).map(([rule]) => rule);
  }

  mismatches(): readonly Mismatches[] {
    return [...this.#mismatches.values()].sort((one, other) => other.count - one.count);
  }

  /** Lines for a person: the outcomes, then each rule by how much it denies that KServe alone deploys. */
  lines(): readonly string[] {
    const outcomes = [...this.#outcomes].map(([outcome, count]) => `${count} ${outcome}`).join(', ');
    const rules = [...this.#rules].sort(([, one], [, other]) => other.deployedAlone - one.deployedAlone);
    return [
      `${this.#trials} worlds: ${outcomes}`,
      ...rules.flatMap(([rule, { denied, deployedAlone, examples }]) => [
        `${rule}: ${denied} denied, ${deployedAlone} of them deployed by KServe alone`,
        ...examples.map((example) => `    ${example}`),
      ]),
    ];
  }
}
