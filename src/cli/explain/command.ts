/** How `headcount explain` is called. */
import type { Entry } from '../command.ts';
import { commandWith } from '../options.ts';

export const explain: Entry = {
  command: () =>
    commandWith(
      'explain',
      'say what a rule is about, with an example; without a rule, list them',
      [],
    ).argument('[RULE...]'),
  load: async () => (await import('../explain-rule.ts')).explainRule,
};
