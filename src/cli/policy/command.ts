/** How `headcount policy` is called. */
import { Option } from 'commander';
import type { Entry } from '../shared/command.ts';
import { commandWith, CONFIG } from '../shared/options.ts';

const DETAILS = `
CEL that the API server runs by itself, so that these rules hold while no pod of headcount is up. It needs
Kubernetes 1.30. What it leaves to headcount is in docs/policy.md. Rules that the configuration sets to warn stand in a
policy of their own, which warns; those set to off are left out. The bindings follow enforcement and namespaces; exceptions
are those that hold when this is printed. A GPU type that only KServe's ConfigMap names is
unknown to a policy: name it under gpus.types.

  headcount policy | kubectl apply -f -`;

export const policy: Entry = {
  command: () =>
    commandWith('policy', 'print the rules that need no cluster as a ValidatingAdmissionPolicy', [
      new Option('-o, --output <FORMAT>', 'format, yaml by default').choices(['yaml', 'json']),
      CONFIG,
    ]).addHelpText('after', DETAILS),
  load: async () => (await import('./policy.ts')).policy,
};
