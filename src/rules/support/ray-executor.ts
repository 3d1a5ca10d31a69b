/** Several nodes on Ray, and whether vLLM is told to use them. For vllm-args. */
import type { ContainerView, Word } from '../../kserve/container.ts';
import type { RuntimeOutcome } from '../../kserve/selection.ts';
import type { ModelView } from '../../kserve/model.ts';
import type { Plan } from '../../kserve/plan.ts';
import type { RuntimeView } from '../../kserve/runtime.ts';
import { quote } from '../../lib/text.ts';
import { RAY, type StatedSizes } from '../../vllm/args.ts';
import { dropsArguments, namesServer } from '../../vllm/words.ts';
import type { Report } from './finding.ts';

/** Not for an assumed runtime, because its args are not known, nor where unknown-field refuses the service's own. */
export function withoutRay(
  model: ModelView | null,
  runtime: RuntimeOutcome,
  { backend }: StatedSizes,
  plan: Plan | null,
): readonly Report[] {
  if (runtime.status !== 'found' || runtime.how === 'assumed') return [];
  if (model === null || plan === null || plan.nodes === 1 || plan.backend !== 'ray') return [];
  if (!model.holdsWords) return [];
  // It asks for the mp back end, and kserve-release says that this release has none.
  if (runtime.runtime.backend === 'mp') return [];
  if (backend !== null) return backend.name === RAY ? [] : otherBackend(backend, model, runtime.runtime);
  const { head } = runtime.runtime;
  if (startsOther(model, head)) return [];
  const isLost =
    model.command.length === 0 &&
    dropsArguments([...(head?.command ?? []), ...(head?.args ?? []), ...model.args]);
  const advice = isLost
    ? `put --distributed-executor-backend=ray into the script of the ${runtime.runtime.kind}, which ignores further args`
    : 'add the argument --distributed-executor-backend=ray';
  return [
    {
      severity: 'note',
      field: `${model.field}.args`,
      message:
        'several nodes on Ray, but neither service nor runtime passes --distributed-executor-backend ray',
      fix: `${advice}: vLLM 0.11.1 and later need it`,
      short: `several nodes on Ray: ${advice}`,
    },
  ];
}

/** Does a command name another program than vLLM? Without a command, nobody knows what the image starts. */
function startsOther(model: ModelView, head: ContainerView | null): boolean {
  const command = model.command.length > 0 ? model.command : (head?.command ?? NO_WORDS);
  return command.length > 0 && !namesServer([...command, ...(head?.args ?? NO_WORDS), ...model.args]);
}

const NO_WORDS: readonly Word[] = [];

/** vLLM does not use the Ray cluster then. What a variable stands for is not known. */
function otherBackend(
  { field, name }: NonNullable<StatedSizes['backend']>,
  model: ModelView,
  { kind, name: runtime }: RuntimeView,
): readonly Report[] {
  if (!/^\w+$/.test(name)) return [];
  const isOwn = field.startsWith(model.field);
  const place = isOwn ? '' : ` in the ${kind} ${quote(runtime)}`;
  const found = `vLLM is told --distributed-executor-backend ${name}${place}, and does not use the Ray cluster of several nodes`;
  return [
    {
      severity: 'warn',
      field,
      ...(!isOwn && { owner: 'runtime' as const }),
      message: found,
      fix: `write ray in place of ${name}${place}`,
      short: `${found}: write ray in place of ${name}`,
    },
  ];
}
