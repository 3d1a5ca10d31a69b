/** Arguments of a service that the script of its runtime does not pass on. For vllm-args. */
import type { ContainerView } from '../../kserve/container.ts';
import type { ModelView } from '../../kserve/model.ts';
import type { RuntimeOutcome } from '../../kserve/selection.ts';
import { quote } from '../../lib/text.ts';
import { oncePer } from '../../lib/once.ts';
import { ignoredBy } from '../../vllm/words.ts';
import type { Report } from './finding.ts';

/** Only a note: an author may give a script an argument that it ignores. */
export function lostArguments(model: ModelView | null, outcome: RuntimeOutcome): readonly Report[] {
  if (model === null || outcome.status !== 'found' || outcome.how === 'assumed') return [];
  const { runtime } = outcome;
  const { head } = runtime;
  const [first] = model.args;
  // What is no flag may stand there to be $0.
  if (head === null || runtime.unread || first?.text.startsWith('-') !== true) return [];
  const ignored = model.command.length > 0 ? 'none' : ignoredByScript(head);
  if (ignored === 'none') return [];
  const script = `the script of the ${runtime.kind} ${quote(runtime.name)}`;
  const [why, fix] =
    ignored === 'each'
      ? [`${script} passes no arguments on`, `write "$@" behind the command of vLLM in ${script}`]
      : [
          `the first argument is $0 of ${script}, which passes on those behind it`,
          'write another argument in front of it, such as "vllm"',
        ];
  const found = `${quote(first.text)} does not reach vLLM: ${why}`;
  return [{ severity: 'note', field: first.field, message: found, fix, short: found }];
}

/** It is the same for every service of a runtime. */
const ignoredByScript = oncePer((head: ContainerView) => ignoredBy([...head.command, ...head.args]));
