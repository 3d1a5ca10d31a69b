/** How `headcount render` is called. */
import { Option } from 'commander';
import type { Entry } from '../shared/command.ts';
import { AGAINST, commandWith, EXIT, INPUT, STRICT } from '../shared/options.ts';

const DETAILS = `
${INPUT}

Only what headcount sets is added or changed; comments, order, quotes and every other object stay as they are, and
a second render changes nothing. Left out are headcount's record and HEAD_SVC and WORKER_SVC, which carry a
generation. The manifests go to standard output, findings to standard error. --write leaves files alone that stay
the same, or that hold a service that is denied.

${EXIT} With --check also 1 where a file would change.`;

export const render: Entry = {
  command: () =>
    commandWith('render', 'write the manifests as headcount would store them, to be committed to Git', [
      new Option('-w, --write', 'change the files instead of writing to standard output'),
      new Option('--check', 'only list the files that --write would change'),
      ...AGAINST,
      STRICT,
    ])
      .argument('<FILE...>')
      .addHelpText('after', DETAILS),
  load: async () => (await import('./render.ts')).render,
};
