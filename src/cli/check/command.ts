/** How `headcount check` is called. */
import { Option } from 'commander';
import type { Entry } from '../shared/command.ts';
import { commandWith, KUBECONFIG, namespace } from '../shared/options.ts';

const DETAILS = `
One service is to be accepted, one mutated and one refused. They are sent as dry runs: nothing is stored. It
takes the right to create InferenceServices in that namespace.

Exit code: 0 all three came back as they should, 1 not, 2 wrong use or no cluster.`;

export const check: Entry = {
  command: () =>
    commandWith('check', 'ask the API server about three services, to see headcount at work', [
      namespace("namespace to ask in; the context's own without it"),
      new Option('--runtime <NAME>', 'multi-node runtime to name (kserve-huggingfaceserver-multinode)'),
      new Option('--wait <SECONDS>', 'how long to go on asking until all is well (30)'),
      ...KUBECONFIG,
    ]).addHelpText('after', DETAILS),
  load: async () => (await import('./check.ts')).check,
};
