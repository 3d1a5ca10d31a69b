/**
 * How KServe rolls out a service, and how many GPUs this needs at its peak (docs/kserve.md, Roll-out). KServe makes all
 * new workers start beside the old ones. rollingUpdate applies to the worker only if deploymentStrategy has no type.
 */
import { at } from '../lib/json.ts';
import type { Plan, PodPlan } from './plan.ts';
import { isGiven } from './setting.ts';
import type { ServiceView } from './view.ts';

const RECREATE = 'Recreate';

export interface Strategy {
  /** As it is written; '' when absent. */
  readonly type: unknown;
  /** Are the old pods stopped before new ones come up? */
  readonly recreate: boolean;
  /** Field of rollingUpdate where it is given, else null. */
  readonly rollingUpdate: string | null;
  /** Does rollingUpdate hold for the worker too? */
  readonly ofWorker: boolean;
  /** maxSurge of rollingUpdate: a number or a percentage; null when absent. */
  readonly maxSurge: unknown;
  /** maxUnavailable of rollingUpdate, likewise. */
  readonly maxUnavailable: unknown;
}

/** @returns the strategy that KServe uses. */
export function strategyOf({ predictor, strategyField }: ServiceView): Strategy {
  const strategy = at(predictor, 'deploymentStrategy');
  const type = at(strategy, 'type') ?? '';
  const rolling = isGiven(at(strategy, 'rollingUpdate'));
  return {
    type,
    recreate: type === RECREATE,
    rollingUpdate: rolling ? `${strategyField}.rollingUpdate` : null,
    ofWorker: rolling && type === '',
    maxSurge: at(strategy, 'rollingUpdate', 'maxSurge') ?? null,
    maxUnavailable: at(strategy, 'rollingUpdate', 'maxUnavailable') ?? null,
  };
}

/** @returns GPUs of old and new pods together at the peak of a roll-out. */
export function peakGpus(before: Plan, after: Plan, strategy: Strategy): number {
  if (strategy.recreate) return Math.max(before.allocated, after.allocated);
  const head = strategy.rollingUpdate === null ? both : besides(strategy.maxSurge);
  const worker = strategy.ofWorker ? head : both;
  return head(before.head, after.head) + worker(before.worker, after.worker);
}

type Peak = (before: PodPlan, after: PodPlan) => number;

/**
 * @param before old pods of the role
 * @param strategy one that does not recreate
 * @returns how many new pods of a role start while all old ones are still there
 */
export function startingPods(
  { role, replicas }: { readonly role: 'head' | 'worker'; readonly replicas: number },
  before: number,
  { rollingUpdate, ofWorker, maxSurge }: Strategy,
): number {
  const limited = role === 'head' ? rollingUpdate !== null : ofWorker;
  if (!limited) return replicas;
  const together = Math.max(before, replicas + surge(maxSurge, replicas));
  return Math.min(replicas, together - before);
}

/** All new pods beside all old ones. */
const both: Peak = (before, after) => before.replicas * before.gpus + after.replicas * after.gpus;

/** At most the new pods plus maxSurge, or the number of old pods if that is higher (Kubernetes, Deployments). */
function besides(maxSurge: unknown): Peak {
  return (before, after) => {
    const pods = Math.max(before.replicas, after.replicas + surge(maxSurge, after.replicas));
    const [larger, smaller] = before.gpus > after.gpus ? [before, after] : [after, before];
    const first = Math.min(larger.replicas, pods);
    return first * larger.gpus + Math.min(smaller.replicas, pods - first) * smaller.gpus;
  };
}

/** Kubernetes' own default. */
const DEFAULT_SURGE = '25%';

/** Percentages are rounded up; what is neither a number nor a percentage is refused by the API server. */
function surge(given: unknown, replicas: number): number {
  const stated = given ?? DEFAULT_SURGE;
  const text = typeof stated === 'number' || typeof stated === 'string' ? `${stated}` : '';
  const number = Number.parseInt(text, 10);
  if (!Number.isSafeInteger(number) || number < 0) return replicas;
  return text.endsWith('%') ? Math.ceil((replicas * number) / 100) : number;
}
