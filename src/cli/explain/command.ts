/** How `headcount explain` is called. */
import type { Entry } from '../shared/command.ts';
import { commandWith } from '../shared/options.ts';

export const explain: Entry = {
  command: () =>
    commandWith(
      'explain',
      'say what a rule is about, with an example; without a rule, list them',
      [],
    ).argument('[RULE...]'),
  load: async () => (await import('./explain.ts')).explainRule,
};
