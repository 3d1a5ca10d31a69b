/** How `headcount audit` is called. */
import type { Entry } from '../shared/command.ts';
import {
  commandWith,
  CONFIG,
  CONNECTION,
  KSERVE_VERSION,
  namespace,
  outputs,
  STRICT,
} from '../shared/options.ts';

const DETAILS = `
Each service is judged as it is stored, without headcount's own changes: that is what KServe deployed.
A single-node service is listed where it names a multi-node runtime.

-o html=audit.html writes one page that opens from disk: totals, namespaces by rules, each service with its picture
and its findings. -o json=audit.json writes another format to a file; of several documents one may go to standard
output.

Exit code: 0 fine, 1 something would be denied (with --strict also warned about), 2 wrong use or a cluster that can't be read.`;

export const audit: Entry = {
  command: () =>
    commandWith('audit', 'plan and judge every multi-node service of a cluster', [
      outputs(['text', 'json', 'html']),
      namespace('only this namespace; all of them without it'),
      ...CONNECTION,
      CONFIG,
      KSERVE_VERSION,
      STRICT,
    ]).addHelpText('after', DETAILS),
  load: async () => (await import('./audit.ts')).audit,
};
