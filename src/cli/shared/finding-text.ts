/** A finding on a terminal. */
import type { ServiceView } from '../../kserve/view.ts';
import { visibleLine } from '../../lib/text.ts';
import type { Finding, Severity } from '../../rules/rule.ts';
import type { Style } from './streams.ts';

const COLOURS: Readonly<Record<Severity, string>> = { deny: '31;1', warn: '33', note: '36' };

/** @returns `severity rule-id field: message`, and the fix on a line of its own. */
export function findingLines(finding: Finding, style: Style): readonly string[] {
  const { severity, rule, field, message, fix } = finding;
  const where = field === '' ? '' : `${visibleLine(field)}: `;
  return [
    `${highlight(severity, severity, style)} ${rule} ${where}${visibleLine(message)}`,
    ...(fix === '' ? [] : [`  fix: ${visibleLine(fix)}`]),
  ];
}

/** @returns the field to point at in the service's file; for a runtime's field, the one that names the runtime. */
export function fieldInFile({ field, owner }: Finding, { model, predictorField }: ServiceView): string {
  return owner === 'service' ? field : (model?.runtimeField ?? predictorField);
}

/** @returns the text in the colour of a severity, where colours are shown. */
export function highlight(text: string, severity: Severity, { colour }: Style): string {
  return colour ? `\u001B[${COLOURS[severity]}m${text}\u001B[0m` : text;
}

/** @returns "1 warning", "2 warnings". */
export function count(number: number, noun: string, plural = `${noun}s`): string {
  return `${number} ${number === 1 ? noun : plural}`;
}
