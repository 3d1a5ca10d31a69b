/** XML 1.0 as text. */
import { visibleLine } from '../../lib/text.ts';

export type Attributes = Readonly<Record<string, string | number>>;

/** @param body already escaped; '' makes an empty element */
export function element(name: string, attributes: Attributes, body: string): string {
  const pairs = Object.entries(attributes).map(
    ([key, value]) => ` ${key}="${escaped(visibleLine(String(value)))}"`,
  );
  return `<${name}${pairs.join('')}${body === '' ? '/>' : `>${body}</${name}>`}\n`;
}

/** @param text without control characters, for which XML has no place: visibleLine takes them out */
export function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
