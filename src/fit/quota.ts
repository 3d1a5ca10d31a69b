/** ResourceQuotas, which the API server asks whenever a pod is made (read: k8s.io/apiserver v0.36.3, CheckRequest). */
import { asList, asString, at, property } from '../lib/json.ts';
import { only, plus, readAmounts, shown, type Amounts } from './amounts.ts';
import { MUST_STATE, type Charge } from './charge.ts';
import type { Pod } from './pod.ts';

export interface Quota {
  readonly namespace: string;
  readonly name: string;
  readonly hard: Amounts;
  /** null where the cluster has not counted yet, or the object comes from a manifest. */
  readonly used: Amounts | null;
  readonly selects: (charge: Charge) => boolean;
}

export function readQuota(object: unknown): Quota {
  const isCounted = at(object, 'status', 'hard') !== undefined;
  return {
    namespace: asString(at(object, 'metadata', 'namespace')) ?? 'default',
    name: asString(at(object, 'metadata', 'name')) ?? '',
    hard: readAmounts(isCounted ? at(object, 'status', 'hard') : at(object, 'spec', 'hard')),
    used: isCounted ? readAmounts(at(object, 'status', 'used')) : null,
    selects: selectorOf(property(object, 'spec')),
  };
}

/** Every scope has to match. */
function selectorOf(spec: unknown): Quota['selects'] {
  const scopes = [
    ...asList(property(spec, 'scopes')).map((scopeName) => ({ scopeName, operator: 'Exists' })),
    ...asList(at(spec, 'scopeSelector', 'matchExpressions')),
  ];
  return (charge) => scopes.every((scope) => isInScope(charge, scope));
}

function isInScope(charge: Charge, scope: unknown): boolean {
  switch (property(scope, 'scopeName')) {
    case 'Terminating':
      return charge.terminating;
    case 'NotTerminating':
      return !charge.terminating;
    case 'BestEffort':
      return charge.bestEffort;
    case 'NotBestEffort':
      return !charge.bestEffort;
    case 'PriorityClass':
      return hasPriority(charge, scope);
    case 'CrossNamespacePodAffinity':
      return charge.crossNamespaceAffinity;
    default:
      return false;
  }
}

function hasPriority({ priorityClass }: Charge, scope: unknown): boolean {
  const named = asList(property(scope, 'values')).includes(priorityClass) && priorityClass !== '';
  switch (property(scope, 'operator')) {
    case 'In':
      return named;
    case 'NotIn':
      return !named;
    case 'Exists':
      return priorityClass !== '';
    case 'DoesNotExist':
      return priorityClass === '';
    default:
      return false;
  }
}

/** The quota that refuses a pod. */
export interface QuotaEnd {
  readonly name: string;
  /** What it limits, such as requests.nvidia.com/gpu. */
  readonly resource: string;
  /** What the pod asks for; null where a container does not state it, but has to. */
  readonly requested: string | null;
  readonly used: string;
  readonly hard: string;
}

/** @returns a sentence */
export function quotaText({ name, resource, requested, used, hard }: QuotaEnd): string {
  return requested === null
    ? `the quota ${name} wants every container to state ${resource}`
    : `the quota ${name} has ${used} of ${hard} ${resource} in use, and the pod asks for ${requested}`;
}

/** The quotas of all namespaces, and what is used of them; it changes while pods come and go. */
export class Quotas {
  readonly #quotas: readonly Quota[];
  readonly #used: Map<Quota, Amounts>;
  readonly #unsettled: Set<string>;

  /** @param pods that exist: for quotas that nobody has counted yet */
  static of(quotas: readonly Quota[], pods: readonly Pod[]): Quotas {
    const used = quotas.map((quota): [Quota, Amounts] => [quota, quota.used ?? counted(quota, pods)]);
    return new Quotas(quotas, new Map(used), new Set());
  }

  private constructor(quotas: readonly Quota[], used: Map<Quota, Amounts>, unsettled: Set<string>) {
    this.#quotas = quotas;
    this.#used = used;
    this.#unsettled = unsettled;
  }

  copy(): Quotas {
    return new Quotas(this.#quotas, new Map(this.#used), new Set(this.#unsettled));
  }

  /** Some pods of a service were refused: which, and so what is left for later ones, depends on which come first. */
  unsettle(namespaces: readonly string[]): void {
    for (const namespace of namespaces) this.#unsettled.add(namespace);
  }

  isSettled(namespace: string): boolean {
    return !this.#unsettled.has(namespace);
  }

  /** @returns the quota that refuses the pod; null where none does, and then the pod is counted */
  add(pod: Pod): QuotaEnd | null {
    const asked = this.#asked(pod);
    const end = asked
      .map((quota) => unstated(quota, pod) ?? this.#exceeded(quota, pod))
      .find((one) => one !== null);
    if (end !== undefined) return end;
    for (const quota of asked) this.#used.set(quota, plus(this.#usedOf(quota), within(quota, pod)));
    return null;
  }

  remove(pod: Pod): void {
    for (const quota of this.#asked(pod)) {
      const used = new Map(this.#usedOf(quota));
      for (const [name, amount] of within(quota, pod)) {
        const rest = (used.get(name) ?? 0n) - amount;
        used.set(name, rest > 0n ? rest : 0n);
      }
      this.#used.set(quota, used);
    }
  }

  #asked({ namespace, charge }: Pod): readonly Quota[] {
    return this.#quotas.filter((quota) => quota.namespace === namespace && quota.selects(charge));
  }

  #usedOf(quota: Quota): Amounts {
    return this.#used.get(quota) ?? new Map();
  }

  #exceeded(quota: Quota, pod: Pod): QuotaEnd | null {
    const used = this.#usedOf(quota);
    for (const [resource, requested] of within(quota, pod)) {
      const [hard, known] = [quota.hard.get(resource) ?? 0n, used.get(resource) ?? 0n];
      if (requested > 0n && known + requested > hard) return endOf(quota, resource, requested, known);
    }
    return null;
  }
}

function counted(quota: Quota, pods: readonly Pod[]): Amounts {
  const own = pods.filter(({ namespace, charge }) => namespace === quota.namespace && quota.selects(charge));
  return plus(...own.map((pod) => within(quota, pod)));
}

/** What the quota counts of the pod. */
function within({ hard }: Quota, { charge: { usage } }: Pod): Amounts {
  return only(usage, (name) => hard.has(name));
}

function unstated(quota: Quota, { charge: { stated } }: Pod): QuotaEnd | null {
  const missing = MUST_STATE.find((name) => quota.hard.has(name) && !stated.has(name));
  return missing === undefined ? null : endOf(quota, missing, null, 0n);
}

function endOf({ name, hard }: Quota, resource: string, requested: bigint | null, used: bigint): QuotaEnd {
  return {
    name,
    resource,
    requested: requested === null ? null : shown(resource, requested),
    used: shown(resource, used),
    hard: shown(resource, hard.get(resource) ?? 0n),
  };
}
