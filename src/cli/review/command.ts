/** How `headcount review` is called. */
import { Option } from 'commander';
import type { Entry } from '../shared/command.ts';
import { AGAINST, commandWith } from '../shared/options.ts';

const DETAILS = `
FILE holds an AdmissionReview of admission.k8s.io/v1 as JSON or YAML, - reads standard input. With --endpoint both,
/validate judges the object as /mutate has patched it.

Exit code: 0 allowed, 1 denied, 2 wrong use or unreadable input.`;

export const review: Entry = {
  command: () =>
    commandWith('review', 'answer an AdmissionReview as the webhook would', [
      new Option('--endpoint <ENDPOINT>', 'which of the two answers, validate by default').choices([
        'validate',
        'mutate',
        'both',
      ]),
      ...AGAINST,
    ])
      .argument('<FILE>')
      .addHelpText('after', DETAILS),
  load: async () => (await import('./review.ts')).review,
};
