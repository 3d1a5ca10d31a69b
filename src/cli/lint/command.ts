/** How `headcount lint` is called. */
import type { Entry } from '../shared/command.ts';
import { AGAINST, commandWith, EXIT, INPUT, MODEL, outputs, Repeatable, STRICT } from '../shared/options.ts';

const DETAILS = `
${INPUT}
Runtimes in FILE are linted too; those of --catalog are not.

-o sarif=out.sarif writes a format to a file; with -o given more than once there are several documents, of which
one may go to standard output. What the annotation headcount.dev/suppress of an object names ("rule-id rule-id")
is shown as suppressed, counted, and denies nothing here; the webhook does not read it.

${EXIT}`;

export const lint: Entry = {
  command: () =>
    commandWith('lint', 'list every problem with its file, line and column', [
      outputs(['text', 'json', 'sarif', 'github', 'junit']),
      new Repeatable('--disable <RULE>', 'leave a rule out of this run'),
      ...MODEL,
      ...AGAINST,
      STRICT,
    ])
      .argument('<FILE...>')
      .addHelpText('after', DETAILS),
  load: async () => (await import('./lint.ts')).lint,
};
