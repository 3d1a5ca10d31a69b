/**
 * The report as workflow commands of GitHub Actions, which shows them beside the changed lines. Suppressed
 * findings are left out: an annotation is a call to act.
 */
import { visibleLine } from '../../lib/text.ts';
import type { Severity } from '../../rules/rule.ts';
import { pathFromHere } from './paths.ts';
import type { Format, LintedObject, LintFinding } from './report.ts';

const COMMANDS: Readonly<Record<Severity, string>> = { deny: 'error', warn: 'warning', note: 'notice' };

export const github: Format = ({ objects }) =>
  objects
    .flatMap((object) =>
      object.findings.filter(({ suppressed }) => !suppressed).map((finding) => command(object, finding)),
    )
    .join('');

function command(
  { file }: LintedObject,
  { rule, severity, place, field, message, fix }: LintFinding,
): string {
  const path = pathFromHere(file);
  const { line, column, endColumn } = place;
  const where = path === null ? {} : { file: path, line, col: column, endColumn };
  const properties = Object.entries({ title: `headcount ${rule}`, ...where })
    .map(([key, value]) => `${key}=${escapeProperty(visibleLine(String(value)))}`)
    .join(',');
  const text = [field === '' ? message : `${field}: ${message}`, ...(fix === '' ? [] : [`fix: ${fix}`])];
  return `::${COMMANDS[severity]} ${properties}::${escapeData(text.map(visibleLine).join('\n'))}\n`;
}

function escapeData(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
