/** GPUs at the peak of a roll-out, with the strategy that KServe really uses. */
import { expect, test } from '@jest/globals';
import { planService } from '../../src/kserve/plan.ts';
import { readRuntime } from '../../src/kserve/runtime.ts';
import { peakGpus, strategyOf } from '../../src/kserve/strategy.ts';
import { runningPlan } from '../../src/kserve/stopped.ts';
import { readService } from '../../src/kserve/view.ts';
import { minimalRuntime, minimalService, minimalWorld, type Loose } from '../rules/cases.ts';

/** Head of 8 and three workers of 8, before and after. */
function peak(deploymentStrategy: Loose, change: (service: Loose) => void = () => {}): number {
  const service = minimalService();
  service.spec.predictor.workerSpec.pipelineParallelSize = 4;
  service.spec.predictor.deploymentStrategy = deploymentStrategy;
  change(service);
  const view = readService(service);
  const plan = planService(view, readRuntime(minimalRuntime()), minimalWorld().kserve);
  if (plan === null) throw new Error('there is no plan');
  const running = runningPlan(plan, view);
  return peakGpus(running, running, strategyOf(view));
}

const rollingUpdate = (maxSurge?: unknown): Loose => ({ rollingUpdate: { maxSurge } });
const typed = (maxSurge?: unknown): Loose => ({ type: 'RollingUpdate', ...rollingUpdate(maxSurge) });

test.each<[string, Loose, number]>([
  ['without a strategy everything comes up beside the old pods', undefined, 64],
  ['so it does with the type alone', { type: 'RollingUpdate' }, 64],
  ['Recreate stops the old pods first', { type: 'Recreate' }, 32],
  ["with a type the numbers hold for the head, and KServe's for the workers", typed(0), 56],
  ['without a type they hold for both', rollingUpdate(0), 32],
  ['one more pod of each', rollingUpdate(1), 48],
  ['half of three workers, rounded up', rollingUpdate('50%'), 56],
  ['a quarter where nothing is said, as in Kubernetes', rollingUpdate(), 48],
  ['more than there are pods is all of them', rollingUpdate(9), 64],
])('%s', (_what, strategy, gpus) => {
  expect(peak(strategy)).toBe(gpus);
});

test('of a service that is stopped nothing runs, whoever says so', () => {
  const stop = { 'serving.kserve.io/stop': 'true' };
  expect(peak(undefined, ({ metadata }) => Object.assign(metadata.annotations, stop))).toBe(0);
  expect(peak(undefined, ({ spec }) => (spec.predictor.annotations = stop))).toBe(0);
  const goesOn = { 'serving.kserve.io/stop': 'false' };
  expect(
    peak(undefined, ({ metadata, spec }) => {
      Object.assign(metadata.annotations, stop);
      spec.predictor.annotations = goesOn;
    }),
  ).toBe(64);
});
