/** How many findings of each severity there are. */
import type { Finding, Severity } from '../../rules/rule.ts';
import { count } from './finding-text.ts';

export type Tally = Readonly<Record<Severity, number>>;

export function tally(findings: readonly Finding[]): Tally {
  const of = (severity: Severity): number =>
    findings.filter((finding) => finding.severity === severity).length;
  return { deny: of('deny'), warn: of('warn'), note: of('note') };
}

/** @returns such as "2 services in 1 file: 1 denied, 0 warnings, 3 notes" */
export function tallyText(findings: readonly Finding[], services: number, files?: number): string {
  const { deny, warn, note } = tally(findings);
  const where = files === undefined ? '' : ` in ${count(files, 'file')}`;
  return `${count(services, 'service')}${where}: ${deny} denied, ${count(warn, 'warning')}, ${count(note, 'note')}`;
}
