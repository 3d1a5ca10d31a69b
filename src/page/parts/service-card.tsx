/** One service: its sizes in a sentence, the numbers and the picture. */
import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import type { Assessment } from '../../admission/assess.ts';
import type { Fit } from '../../fit/forecast.ts';
import type { Plan } from '../../kserve/plan.ts';
import { runningPlan } from '../../kserve/stopped.ts';
import { topologySvg } from '../../cli/plan/svg/topology.ts';
import { idleGpus, rolloutPeak } from '../../cli/planned/figures.ts';
import { fitLines } from '../../cli/planned/fit-words.ts';
import type { PlannedService } from '../../cli/planned/report.ts';
import {
  gpusText,
  runtimeText,
  sizesText,
  splitText,
  storageText,
  titleOf,
  totalsText,
  whyNoPlan,
} from '../../cli/planned/words.ts';
import { count } from '../../cli/shared/finding-text.ts';

interface Props extends Pick<PlannedService, 'assessment' | 'fit'> {
  /** For the parts of the card. */
  readonly id: string;
}

export function ServiceCard({ assessment, fit, id }: Props): JSX.Element {
  const { plan } = assessment;
  const split = splitText(assessment);
  return (
    <article class="service" aria-labelledby={id}>
      <h2 id={id}>{titleOf(assessment)}</h2>
      {plan === null ? (
        <p class="no-plan">{whyNoPlan(assessment)}</p>
      ) : (
        <>
          <p class="sizes">{sizesText(plan)}</p>
          <p class="quiet">
            {[runtimeText(assessment, plan), ...podsTexts(plan), ...(split === null ? [] : [split])].join(
              ' · ',
            )}
          </p>
          <Numbers assessment={assessment} whole={plan} />
          {fitLines(fit).map((line) => (
            <p key={line}>{line}</p>
          ))}
          <Picture assessment={assessment} fit={fit} plan={plan} id={id} />
        </>
      )}
    </article>
  );
}

function Numbers({
  assessment,
  whole,
}: {
  readonly assessment: Assessment;
  readonly whole: Plan;
}): JSX.Element {
  const { service } = assessment;
  const plan = runningPlan(whole, service);
  const missing = Math.max(0, plan.required - plan.allocated);
  const isShort = whole.allocated < whole.required;
  const numbers = [
    ['GPUs required', plan.required],
    ['allocated', plan.allocated],
    isShort ? (['too few', missing] as const) : (['idle', idleGpus(plan)] as const),
    ['peak of a roll-out', rolloutPeak(whole, service)],
    ['pods', plan.nodes],
  ] as const;
  return (
    <dl class="numbers">
      {numbers.map(([name, number]) => (
        <div key={name} class={name === 'too few' ? 'short' : ''}>
          <dt>{name}</dt>
          <dd>{number}</dd>
        </div>
      ))}
    </dl>
  );
}

/** @returns the pods of each role, such as `head: 1 pod of 8 x nvidia.com/gpu` */
function podsTexts({ head, worker }: Plan): readonly string[] {
  const roles = [
    ['head', head],
    ['worker', worker],
  ] as const;
  return roles
    .filter(([, { replicas }]) => replicas > 0)
    .map(([role, pod]) => `${role}: ${count(pod.replicas, 'pod')} of ${gpusText(pod)}`);
}

/** @param plan drawn anew only where the drawing would differ */
function Picture({ assessment, fit, plan, id }: Props & { readonly plan: Plan }): JSX.Element {
  const storage = storageText(assessment);
  const caption = {
    id: `${id}-picture`,
    title: `Pods and GPUs of ${titleOf(assessment)}`,
    description: [sizesText(plan), totalsText(plan, assessment, null), storage ?? ''].join('. '),
  };
  const { tensorParallelSize, pipelineParallelSize, head, worker, nodes } = plan;
  const key = JSON.stringify([
    caption,
    storage,
    [tensorParallelSize, pipelineParallelSize, nodes, head.gpus, worker.gpus],
    nodesOf(fit),
  ]);
  const svg = useMemo(() => topologySvg(plan, storage, fit, caption), [key]);
  // The drawing escapes every text in it.
  return <div class="picture" dangerouslySetInnerHTML={{ __html: svg }} />;
}

/** The nodes in the order of the pods; null for one that waits. */
function nodesOf(fit: Fit | null): readonly (string | null)[] {
  return fit?.now.pods.map(({ node }) => node) ?? [];
}
