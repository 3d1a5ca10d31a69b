/**
 * The pods that a forecast places are those that KServe makes: KServe's own packages deploy random services, and what nodes
 * and quotas read of their pod templates is what headcount has computed. HEADCOUNT_RUNS sets how many, HEADCOUNT_SEED
 * repeats a run.
 */
import { afterAll, describe, expect, test } from '@jest/globals';
import { readDemand } from '../../src/fit/demand.ts';
import type { PodTemplate } from '../../src/kserve/pod-templates.ts';
import { requestOf } from '../fit/placing.ts';
import { fitWorld } from '../fit/worlds.ts';
import { Random } from '../fuzz/random.ts';
import { Judge, type Deployment, type Verdict } from '../oracle/judge.ts';
import type { Loose } from '../rules/cases.ts';

const RUNS = Number(process.env['HEADCOUNT_RUNS'] ?? 300);
const SEED = Number(process.env['HEADCOUNT_SEED'] ?? Math.floor(Math.random() * 2 ** 31));

/** More containers and resources than a forecast's own worlds have: API servers would refuse some of their pods. */
function twisted(seed: number): { service: Loose; runtime: Loose } {
  const random = new Random(seed, 1);
  const { service, runtime } = fitWorld(seed, 0);
  const { predictor } = service.spec;
  const asking = (name: string, more: Loose = {}): Loose => ({
    name,
    image: 'x',
    resources: {
      requests: { cpu: random.pick(['1', '2500m']) },
      limits: { memory: random.pick(['1Gi', '3G']) },
    },
    ...more,
  });
  const maybe = (pod: Loose, key: string, value: Loose): void => {
    if (random.once(3)) pod[key] = value;
  };
  maybe(predictor, 'initContainers', [asking('init'), asking('side', { restartPolicy: 'Always' })]);
  maybe(predictor.workerSpec, 'initContainers', [asking('init')]);
  maybe(predictor, 'priorityClassName', 'high');
  maybe(predictor.workerSpec, 'priorityClassName', 'high');
  maybe(predictor, 'resources', { requests: { cpu: '100' } });
  maybe(predictor.workerSpec, 'resources', { limits: { memory: '1Ti' } });
  if (random.once(3))
    predictor.containers = [...(predictor.containers ?? []), asking('transformer-container')];
  if (random.once(3)) runtime.spec.containers.push(asking('transformer-container'), asking('log'));
  if (random.once(3)) Object.assign(runtime.spec.containers[0], asking('kserve-container'));
  if (random.once(3)) Object.assign(runtime.spec.workerSpec.containers[0], asking('worker-container'));
  return { service, runtime };
}

/** What of a template decides about nodes and quotas. */
function facts(role: PodTemplate['role'], replicas: number, spec: Loose): object {
  const { pod, tolerations, choice } = readDemand({ role, replicas, spec }, 'team');
  return {
    role,
    replicas,
    requests: shownAs(pod.requests),
    usage: shownAs(pod.charge.usage),
    stated: [...pod.charge.stated],
    priorityClass: pod.charge.priorityClass,
    tolerations,
    selector: choice.selector.toSorted(([a], [b]) => (a < b ? -1 : 1)),
    affinity: spec.affinity?.nodeAffinity ?? null,
  };
}

/** Jest can't send BigInt between its processes. */
function shownAs(amounts: ReadonlyMap<string, bigint>): object {
  return Object.fromEntries(
    [...amounts].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([name, amount]) => [name, String(amount)]),
  );
}

function deployed({ deployments = {} }: Verdict): readonly object[] {
  const of = (role: PodTemplate['role'], deployment: Deployment | undefined): readonly object[] => {
    const replicas = deployment?.replicas ?? 1;
    return deployment === undefined || replicas === 0
      ? []
      : [facts(role, replicas, deployment.template.spec)];
  };
  return [...of('head', deployments['llm-predictor']), ...of('worker', deployments['llm-predictor-worker'])];
}

describe.each(['0.19.0', '0.20.0'] as const)('KServe %s', (release) => {
  const judge = new Judge(release);
  afterAll(() => judge.close());

  test(`makes the pods of ${RUNS} services as forecasts place them (seed ${SEED})`, async () => {
    let compared = 0;
    for (let index = 0; index < RUNS; index++) {
      const seed = SEED + index;
      const { service, runtime } = twisted(seed);
      const verdict = await judge.ask({ service, runtimes: [runtime] });
      // KServe fails where the head's count leaves too few GPUs: there are no pods then.
      if (verdict.error !== undefined) continue;
      compared++;
      const planned = requestOf(service, runtime).templates;
      expect([seed, planned.map(({ role, replicas, spec }) => facts(role, replicas, spec))]).toEqual([
        seed,
        deployed(verdict),
      ]);
    }
    console.log(`KServe ${release}, seed ${SEED}: ${compared} of ${RUNS} services compared`);
    expect(compared).toBeGreaterThan(RUNS / 2);
  });
});
