/** What lint has found: the one value from which every format is written, so that they can't disagree. */
import type { Enforcement } from '../../admission/enforcement.ts';
import type { Finding, Severity } from '../../rules/rule.ts';
import type { Style } from '../shared/streams.ts';
import { notJudgedText } from '../shared/enforcement-text.ts';
import type { Place } from '../shared/yaml.ts';

export interface LintFinding extends Finding {
  readonly place: Place;
  /** Has the object's author taken note of it (suppress.ts)? It is shown and counted, and denies nothing. */
  readonly suppressed: boolean;
}

/** A file stands for itself where it can't be read. */
type Part = 'service' | 'runtime' | 'file';

export interface LintedObject {
  /** As it was given; <stdin> for standard input. */
  readonly file: string;
  /** Decides which rules were asked. */
  readonly part: Part;
  readonly kind: string;
  /** null for a ClusterServingRuntime, and for a file. */
  readonly namespace: string | null;
  readonly name: string;
  /** Is it a multi-node service of which no plan can be made? Then rules about the plan have said nothing. */
  readonly isUnplanned: boolean;
  /** What is enforced in its namespace; null for a file. */
  readonly enforcement: Enforcement | null;
  readonly findings: readonly LintFinding[];
}

export interface LintReport {
  readonly files: number;
  readonly services: number;
  /** The release of KServe that the rules follow. */
  readonly kserveVersion: string;
  /** In the order of the input. */
  readonly objects: readonly LintedObject[];
  /** Ids of the rules that were not asked, and why. */
  readonly notAsked: ReadonlyMap<string, string>;
  /** Where the pages about the rules stand (config/docs-url.ts). */
  readonly docsUrl: string;
  /** The severities that make the exit code 1. */
  readonly failing: readonly Severity[];
}

/** Writes the report as one document, with its last line end. */
export type Format = (report: LintReport, style: Style) => string | Promise<string>;

/** @returns the findings that count: those that are not suppressed. */
export function openFindings({ objects }: LintReport): readonly LintFinding[] {
  return objects.flatMap(({ findings }) => findings.filter(({ suppressed }) => !suppressed));
}

export function suppressedCount({ objects }: LintReport): number {
  return objects.flatMap(({ findings }) => findings.filter(({ suppressed }) => suppressed)).length;
}

export function unplannedCount({ objects }: LintReport): number {
  return objects.filter(({ isUnplanned }) => isUnplanned).length;
}

/** @returns why no rule was asked about the object; null where all were */
export function whyNotJudged({ enforcement, namespace }: LintedObject): string | null {
  return enforcement && notJudgedText(enforcement, namespace);
}

export function notJudgedCount({ objects }: LintReport): number {
  return objects.filter((object) => whyNotJudged(object) !== null).length;
}

/** @returns how many files can't be read: each has one finding. */
export function unreadableCount({ objects }: LintReport): number {
  return objects.filter(({ part }) => part === 'file').length;
}

/** @returns such as `InferenceService team/llm`; `file` for one that can't be read. */
export function labelOf({ kind, namespace, name }: LintedObject): string {
  return [kind, namespace === null ? name : `${namespace}/${name}`].filter((word) => word !== '').join(' ');
}
