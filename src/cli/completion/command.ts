/** How `headcount completion` is called. */
import { Argument } from 'commander';
import type { Entry } from '../shared/command.ts';
import { commandWith } from '../shared/options.ts';

const DETAILS = `
  source <(headcount completion bash)
  headcount completion zsh > "\${fpath[1]}/_headcount"
  headcount completion fish > ~/.config/fish/completions/headcount.fish`;

export const completion: Entry = {
  command: () =>
    commandWith('completion', 'write the completion script of a shell', [])
      .addArgument(new Argument('<SHELL>').choices(['bash', 'zsh', 'fish']))
      .addHelpText('after', DETAILS),
  load: async () => (await import('./completion.ts')).completionScript,
};
