/**
 * What ResourceQuotas count of a pod, and by what they select it (read: k8s.io/kubernetes v1.36.3,
 * pkg/quota/v1/evaluator/core/pods.go).
 */
import { asList, asObject, asString, at, property } from '../lib/json.ts';
import { ONE_POD, plus, PODS, type Amounts } from './amounts.ts';
import { isOfPod, limitsOf, podLimits, podRequests, requestsOf } from './requests.ts';

export interface Charge {
  /** By the names that quotas use: pods, requests.cpu, limits.memory, requests.nvidia.com/gpu ... */
  readonly usage: Amounts;
  /** Of those names of cpu and memory the ones that every container states: a quota that limits another refuses the pod. */
  readonly stated: ReadonlySet<string>;
  readonly terminating: boolean;
  readonly bestEffort: boolean;
  /** '' where it states none. */
  readonly priorityClass: string;
  readonly crossNamespaceAffinity: boolean;
}

/** @param pod with spec */
export function readCharge(pod: unknown): Charge {
  const spec = property(pod, 'spec');
  const containers = ['containers', 'initContainers'].flatMap((key) => asList(property(spec, key)));
  const deadline = property(spec, 'activeDeadlineSeconds');
  return {
    usage: plus(
      usageOf(podRequests(pod), podLimits(pod)),
      new Map([['count/pods', ONE_POD.get(PODS) ?? 0n]]),
    ),
    stated: hasOwnResources(spec) ? new Set(MUST_STATE) : statedByAll(containers),
    terminating: typeof deadline === 'number' && deadline >= 0,
    bestEffort: isBestEffort(spec, containers),
    priorityClass: asString(property(spec, 'priorityClassName')) ?? '',
    crossNamespaceAffinity: ['podAffinity', 'podAntiAffinity'].some((kind) =>
      isCrossNamespace(at(spec, 'affinity', kind)),
    ),
  };
}

/** A pod must state what of this a quota limits. */
export const MUST_STATE: readonly string[] = [
  'cpu',
  'memory',
  'requests.cpu',
  'requests.memory',
  'limits.cpu',
  'limits.memory',
];

const NATIVE = ['cpu', 'memory', 'ephemeral-storage'];

function usageOf(requests: Amounts, limits: Amounts): Amounts {
  const usage = new Map(ONE_POD);
  for (const [name, amount] of requests) {
    usage.set(`requests.${name}`, amount);
    if (NATIVE.includes(name) || name.startsWith('hugepages-')) usage.set(name, amount);
  }
  for (const [name, amount] of limits) if (NATIVE.includes(name)) usage.set(`limits.${name}`, amount);
  return usage;
}

function statedByAll(containers: readonly unknown[]): ReadonlySet<string> {
  const all = containers.map((container) => usageOf(requestsOf(container), limitsOf(container)));
  return new Set(MUST_STATE.filter((name) => all.every((usage) => usage.has(name))));
}

/** Does the pod itself state resources, so that its containers need not? */
function hasOwnResources(spec: unknown): boolean {
  return ['requests', 'limits'].some((part) =>
    Object.keys(asObject(at(spec, 'resources', part)) ?? {}).some(isOfPod),
  );
}

/** Kubernetes' QoS class of pods that state neither cpu nor memory. */
function isBestEffort(spec: unknown, containers: readonly unknown[]): boolean {
  const stating = property(spec, 'resources') === undefined ? containers : [spec];
  return !stating.some((one) =>
    ['cpu', 'memory'].some(
      (name) => (requestsOf(one).get(name) ?? 0n) > 0n || (limitsOf(one).get(name) ?? 0n) > 0n,
    ),
  );
}

function isCrossNamespace(affinity: unknown): boolean {
  const preferred = asList(property(affinity, 'preferredDuringSchedulingIgnoredDuringExecution'));
  return [
    ...asList(property(affinity, 'requiredDuringSchedulingIgnoredDuringExecution')),
    ...preferred.map((one) => property(one, 'podAffinityTerm')),
  ].some(
    (term) =>
      asList(property(term, 'namespaces')).length > 0 ||
      asObject(property(term, 'namespaceSelector')) !== null,
  );
}
