/**
 * What an update of a live service costs.
 *
 * Reads: the plans and the runtimes before and after, deploymentStrategy, and whether the author changed the sizes.
 * Why: KServe rolls the worker out with maxUnavailable 0 and maxSurge 100 %, whatever rollingUpdate says beside
 * type RollingUpdate, so old and new pods need their GPUs at once; and pods of two plans do not form one Ray
 * cluster, which is why the guide says to delete and recreate, or to use Recreate. A rollingUpdate without a type
 * takes effect as it is written, for head and worker. A stopped service has no roll-out.
 * Source: docs/kserve.md, The guide; docs/kserve.md, Roll-out.
 */
import { equalJson, at } from '../lib/json.ts';
import type { ServiceView } from '../kserve/view.ts';
import type { Plan } from '../kserve/plan.ts';
import { workerDeployment } from '../kserve/names.ts';
import { makesSamePods } from '../kserve/same-pods.ts';
import { runningPlan } from '../kserve/stopped.ts';
import { peakGpus, strategyOf, type Strategy } from '../kserve/strategy.ts';
import type { Report, Rule } from './rule.ts';
import type { ServiceSubject } from './subject.ts';
import { quote, visible } from '../lib/text.ts';

export const rule: Rule = {
  id: 'rollout',
  summary: 'What an update costs in GPUs while it rolls out',
  needsPlan: true,
  checkService(subject) {
    const { service, declared, previous, previousDeclared, plan, previousPlan } = subject;
    if (previous === null || previousPlan === null) return [];
    if (service.worker === null) return abandoned(service, runningPlan(previousPlan, previous));
    if (plan === null) return [];
    const isEdited = !equalJson(at(service.raw, 'spec'), at(previous.raw, 'spec'));
    if (!isEdited && !isOnNewRuntime(subject)) return [];
    const strategy = strategyOf(service);
    const running = runningPlan(plan, service);
    const runningBefore = runningPlan(previousPlan, previous);
    // A stopped service has no roll-out: its pods only start, or only stop.
    const rolling = !strategy.recreate && running.allocated > 0 && runningBefore.allocated > 0;
    return [
      ...(rolling ? peak(service, running, runningBefore, strategy) : []),
      ...(rolling ? ignored(strategy, plan) : []),
      ...sizes(service, plan, previousPlan, rolling),
      ...(isReplanned(declared, previousDeclared, plan, previousPlan)
        ? [replanned(service, plan, previousPlan)]
        : []),
    ];
  },
};

/** Does the runtime make other pods now? KServe rolls them out without an edit of the service. */
function isOnNewRuntime({ service, runtime, previousRuntime }: ServiceSubject): boolean {
  return (
    runtime.status === 'found' &&
    previousRuntime?.status === 'found' &&
    runtime.runtime !== previousRuntime.runtime &&
    !makesSamePods(service, previousRuntime.runtime, runtime.runtime)
  );
}

/** KServe never deletes the worker's Deployment, so its GPUs stay taken. A stopped service has none. */
function abandoned(service: ServiceView, { worker }: Plan): readonly Report[] {
  if (worker.replicas === 0) return [];
  const deployment = workerDeployment(service.name ?? '');
  const gpus = `${worker.replicas * worker.gpus} GPUs`;
  return [
    {
      severity: 'warn',
      field: `${service.predictorField}.workerSpec`,
      message: `workerSpec was taken out, but KServe keeps the Deployment ${quote(deployment)} with its ${gpus}`,
      fix: `delete it: kubectl delete deployment ${visible(deployment)} -n ${visible(service.namespace)}`,
      short: `KServe keeps the Deployment ${quote(deployment)} with its ${gpus}: delete it`,
    },
  ];
}

function peak(service: ServiceView, plan: Plan, before: Plan, strategy: Strategy): readonly Report[] {
  const gpus = peakGpus(before, plan, strategy);
  const all = before.allocated + plan.allocated;
  if (gpus <= Math.max(before.allocated, plan.allocated)) return [];
  const sum =
    gpus === all
      ? `${before.allocated} old + ${plan.allocated} new = ${all} GPUs`
      : `${gpus} GPUs of ${before.allocated} old + ${plan.allocated} new`;
  return [
    {
      severity: 'warn',
      field: service.strategyField,
      message: `the roll-out needs ${sum} at its peak, as old pods stay until the new ones are ready`,
      fix: 'have them free, or write deploymentStrategy: {type: Recreate} and accept the downtime',
      short: `the roll-out needs ${sum} at its peak; deploymentStrategy Recreate needs no extra ones`,
    },
  ];
}

/** Without a type the numbers take effect: KServe forces its own only if the type is RollingUpdate. */
function ignored({ rollingUpdate, ofWorker }: Strategy, { worker }: Plan): readonly Report[] {
  if (rollingUpdate === null || ofWorker || worker.replicas === 0) return [];
  return [
    {
      severity: 'warn',
      field: rollingUpdate,
      message:
        'rollingUpdate does not hold for the worker: KServe forces maxUnavailable 0 % and maxSurge 100 % there',
      fix: 'remove rollingUpdate and count on twice the GPUs, or write deploymentStrategy: {type: Recreate}',
      short: 'rollingUpdate is ignored for the worker: KServe forces maxUnavailable 0 %, maxSurge 100 %',
    },
  ];
}

function sizes(service: ServiceView, plan: Plan, before: Plan, rolling: boolean): readonly Report[] {
  const same =
    plan.tensorParallelSize === before.tensorParallelSize &&
    plan.pipelineParallelSize === before.pipelineParallelSize;
  if (same || !rolling || service.worker === null) return [];
  const from = `TP ${before.tensorParallelSize} x PP ${before.pipelineParallelSize}`;
  const to = `TP ${plan.tensorParallelSize} x PP ${plan.pipelineParallelSize}`;
  return [
    {
      severity: 'warn',
      field: service.worker.field,
      message: `${from} becomes ${to} on a live service, and pods of the two plans do not form one Ray cluster`,
      fix: 'delete the service and create it again, or write deploymentStrategy: {type: Recreate}',
      short: `${from} becomes ${to} on a live service: delete and recreate it, or use Recreate`,
    },
  ];
}

/** Is the plan different although the author has changed nothing? Then the runtime has changed. */
function isReplanned(
  declared: ServiceView,
  declaredBefore: () => ServiceView | null,
  plan: Plan,
  planBefore: Plan,
): boolean {
  const same =
    plan.nodes === planBefore.nodes &&
    plan.head.gpus === planBefore.head.gpus &&
    plan.worker.gpus === planBefore.worker.gpus;
  const before = same ? null : declaredBefore();
  if (before === null) return false;
  return PARTS.every((part) => equalJson(written(declared, part), written(before, part)));
}

/** The parts of a predictor that a plan depends on; the one that edits change most comes first. */
const PARTS = ['workerSpec', 'model'];

function written(service: ServiceView, part: string): unknown {
  return at(service.raw, 'spec', 'predictor', part);
}

function replanned(service: ServiceView, plan: Plan, before: Plan): Report {
  const from = `${before.pods} pods with ${before.allocated} GPUs`;
  const to = `${plan.pods} pods with ${plan.allocated} GPUs`;
  return {
    severity: 'warn',
    field: service.worker?.field ?? service.predictorField,
    message: `the runtime has changed since the last edit: ${from} become ${to}`,
    fix: 'write sizes and GPU counts into the service to be independent of the runtime',
    short: `the runtime has changed since the last edit: ${from} become ${to}`,
  };
}
