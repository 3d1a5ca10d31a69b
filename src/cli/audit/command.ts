/** How `headcount audit` is called. */
import { Option } from 'commander';
import type { Entry } from '../shared/command.ts';
import { REPORT_FORMATS } from './report-kinds.ts';
import {
  commandWith,
  CONFIG,
  CONNECTION,
  FIT,
  FIT_DETAILS,
  KSERVE_VERSION,
  namespace,
  outputs,
  STRICT,
} from '../shared/options.ts';

const DETAILS = `
Each service is judged as it is stored, without headcount's own changes: that is what KServe deployed.
A single-node service is listed where it names a multi-node runtime. One that is being deleted is called so and not judged.
What --config says of enforcement and of namespaces counts: with enforcement: warn there are warnings in place of
denials. Leave it out to see what would be refused.

-o html=audit.html writes one page that opens from disk: totals, namespaces by rules, each service with its picture
and its findings. -o json=audit.json writes another format to a file; of several documents one may go to standard
output. -o metrics is the text format of Prometheus.

policyreport is Report of openreports.io/v1alpha1, policyreport-wgpolicyk8s is PolicyReport of wgpolicyk8s.io/v1alpha2,
for tools that do not read the former yet. With --write and without -o only the totals are printed, and the exit code
is 0 when the reports are written, whatever they say.

${FIT_DETAILS}

Exit code: 0 fine, 1 something would be denied (with --strict also warned about), 2 wrong use or a cluster that can't be read.`;

export const audit: Entry = {
  command: () =>
    commandWith('audit', 'plan and judge every multi-node service of a cluster', [
      outputs(['text', 'json', 'html', 'metrics', ...REPORT_FORMATS]),
      new Option(
        '--write <KIND>',
        'write the reports into the cluster: one in each namespace, and none where there is nothing to report',
      ).choices(REPORT_FORMATS),
      FIT,
      namespace('only this namespace; all of them without it'),
      ...CONNECTION,
      CONFIG,
      KSERVE_VERSION,
      STRICT,
    ]).addHelpText('after', DETAILS),
  load: async () => (await import('./audit.ts')).audit,
};
