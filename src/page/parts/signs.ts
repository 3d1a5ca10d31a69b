/** How a severity is shown: its colour is never the only sign. */
import type { Severity } from '../../rules/rule.ts';

export const SIGNS: Readonly<Record<Severity, { readonly sign: string; readonly word: string }>> = {
  deny: { sign: '✕', word: 'denied' },
  warn: { sign: '▲', word: 'warning' },
  note: { sign: '◻', word: 'note' },
};
