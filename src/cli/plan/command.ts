/** How `headcount plan` is called. */
import { Option } from 'commander';
import type { Entry } from '../shared/command.ts';
import {
  AGAINST,
  commandWith,
  EXIT,
  FIT,
  FIT_DETAILS,
  INPUT,
  MODEL,
  namespace,
  outputs,
  STRICT,
} from '../shared/options.ts';

const DETAILS = `
${INPUT}

isvc/NAME is a service as the cluster holds it, where no file is called so; its runtime and claim are then asked of the
cluster too.

A service that is in the input several times is planned as it is there last, as kubectl apply would leave it.

-o svg=plan.svg writes a format to a file; with -o given more than once there are several documents, of which one
may go to standard output. --before takes the manifests as they were, or services as the cluster holds them
(isvc/NAME, or what kubectl get -o yaml wrote): each service is then shown and judged as an update of the one of its namespace and name.
Where a file of either side can't be read, a service that the other side lacks is not compared, and there is no sum.

${FIT_DETAILS} Without a cluster the input or --catalog holds them, as kubectl get nodes,pods,resourcequotas -A -o json
writes them.

${EXIT}`;

export const plan: Entry = {
  command: () =>
    commandWith('plan', 'show the pods and GPUs that KServe will deploy', [
      outputs(['text', 'json', 'yaml', 'mermaid', 'svg']),
      new Option(
        '--before <FILE|isvc/NAME>',
        'show what a change does: GPUs before, after and at the peak of the roll-out',
      ),
      new Option('--explain', 'show the arithmetic step by step'),
      FIT,
      namespace("namespace of isvc/NAME; the context's own without it"),
      ...MODEL,
      ...AGAINST,
      STRICT,
    ])
      .argument('<FILE|isvc/NAME...>')
      .addHelpText('after', DETAILS),
  load: async () => (await import('./plan.ts')).plan,
};
