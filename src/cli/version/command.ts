/** How `headcount version` is called. */
import type { Entry } from '../command.ts';
import { commandWith } from '../options.ts';

export const version: Entry = {
  command: () => commandWith('version', 'show the version', []),
  load: async () => (await import('../version.ts')).version,
};
