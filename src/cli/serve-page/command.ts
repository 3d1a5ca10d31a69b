/** How `headcount page` is called. */
import { Option } from 'commander';
import type { Entry } from '../shared/command.ts';
import { CATALOG, CLUSTER, commandWith } from '../shared/options.ts';

const DETAILS = `
The planner as a page: a manifest on the left, its pods, GPUs and findings on the right. It is served on 127.0.0.1
only, and nothing that is typed into it leaves the browser. The runtimes and claims of --catalog, or those of the
cluster, are in the page; the cluster is only read. SIGTERM and SIGINT end it.

Exit code: 0 ended by a signal, 2 wrong use, unreadable input, or a port that is taken.`;

export const page: Entry = {
  command: () =>
    commandWith('page', 'serve the planner as a page on this machine', [
      new Option('--port <PORT>', 'port on 127.0.0.1 (a free one)'),
      CATALOG,
      ...CLUSTER,
    ]).addHelpText('after', DETAILS),
  load: async () => (await import('./page.ts')).page,
};
