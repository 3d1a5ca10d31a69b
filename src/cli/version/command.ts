/** How `headcount version` is called. */
import type { Entry } from '../shared/command.ts';
import { commandWith } from '../shared/options.ts';

export const version: Entry = {
  command: () => commandWith('version', 'show the version', []),
  load: async () => (await import('../version.ts')).version,
};
