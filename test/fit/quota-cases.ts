/**
 * Random ResourceQuotas with the pods of a plan: all scopes, what pods state and what they leave out, in containers, in init
 * containers, in sidecars and in the pod itself. Objects as the API server takes them; the same seed gives the same case.
 */
import type { PodTemplate } from '../../src/kserve/pod-templates.ts';
import { Random } from '../fuzz/random.ts';
import type { Loose } from '../rules/cases.ts';

export interface QuotaCase {
  readonly quotas: readonly {
    readonly name: string;
    readonly hard: Loose;
    readonly used: Loose;
    readonly scopes?: readonly string[];
    readonly scopeSelector?: Loose;
  }[];
  readonly templates: readonly PodTemplate[];
}

export function quotaCase(seed: number): QuotaCase {
  const random = new Random(seed, 0);
  const head = specOf(random);
  const worker = random.once(2) ? specOf(random) : head;
  return {
    quotas: Array.from({ length: 1 + random.below(3) }, (_, index) => quotaOf(random, `quota-${index}`)),
    templates: [
      { role: 'head', replicas: 1, spec: head },
      { role: 'worker', replicas: random.below(4), spec: worker },
    ],
  };
}

type Amounts = readonly (readonly [name: string, amounts: readonly string[]])[];

/** About as much as some pods ask for together. */
const CPU_AND_MEMORY: Amounts = [
  ['cpu', ['3', '9', '30', '200']],
  ['memory', ['1Gi', '20G', '100Gi', '900Gi']],
  ['requests.cpu', ['2500m', '9', '30', '200']],
  ['requests.memory', ['1Gi', '20Gi', '100Gi', '900Gi']],
  ['limits.cpu', ['6', '18', '60']],
  ['limits.memory', ['4Gi', '40Gi', '200Gi']],
];
const PODS: Amounts = [['pods', ['1', '2', '3', '9']]];
const OTHERS: Amounts = [
  ['count/pods', ['1', '2', '3', '9']],
  ['requests.nvidia.com/gpu', ['0', '4', '12', '40']],
  ['requests.amd.com/gpu', ['0', '4']],
  ['requests.ephemeral-storage', ['1Gi', '10Gi']],
  ['limits.ephemeral-storage', ['1Gi', '10Gi']],
  ['ephemeral-storage', ['10Gi']],
  ['requests.hugepages-2Mi', ['4Mi', '64Mi']],
  ['hugepages-2Mi', ['4Mi', '64Mi']],
];

function quotaOf(random: Random, name: string): QuotaCase['quotas'][number] {
  const scope = random.once(2) ? scopeOf(random) : {};
  // The API server lets a quota with a scope count pods, and mostly cpu and memory too.
  const countable = random.pick(
    scope.scopes?.includes('BestEffort') === true
      ? [PODS]
      : Object.keys(scope).length > 0
        ? [PODS, [...PODS, ...CPU_AND_MEMORY]]
        : [PODS, OTHERS, OTHERS, CPU_AND_MEMORY, [...PODS, ...CPU_AND_MEMORY, ...OTHERS]],
  );
  const hard: Loose = {};
  const used: Loose = {};
  for (let count = 1 + random.below(3); count > 0; count--) {
    const [resource, amounts] = random.pick(countable);
    hard[resource] = random.pick(amounts);
    used[resource] = random.once(3) ? random.pick(['1', '2']) : '0';
  }
  return { name, hard, used, ...scope };
}

function scopeOf(random: Random): Loose {
  const withPriority = (operator: string, values?: readonly string[]): Loose => ({
    scopeSelector: {
      matchExpressions: [{ scopeName: 'PriorityClass', operator, ...(values !== undefined && { values }) }],
    },
  });
  return random.pick<Loose>([
    { scopes: ['BestEffort'] },
    { scopes: ['NotBestEffort'] },
    { scopes: ['Terminating'] },
    { scopes: ['NotTerminating'] },
    { scopes: ['NotTerminating', 'NotBestEffort'] },
    { scopes: ['PriorityClass'] },
    { scopes: ['CrossNamespacePodAffinity'] },
    withPriority('In', ['high']),
    withPriority('In', ['high', 'low']),
    withPriority('NotIn', ['low']),
    withPriority('Exists'),
    withPriority('DoesNotExist'),
  ]);
}

function specOf(random: Random): PodTemplate['spec'] {
  const hasCpu = !random.once(4);
  return {
    containers: [
      containerOf(random, 'main', hasCpu),
      ...(random.once(5) ? [containerOf(random, 'more', hasCpu)] : []),
    ],
    ...(random.once(4) && { initContainers: initContainersOf(random, hasCpu) }),
    ...(random.once(3) && { priorityClassName: random.pick(['high', 'low']) }),
    ...(random.once(3) && { activeDeadlineSeconds: 60 }),
    ...(random.once(5) && { resources: { requests: { cpu: '60', memory: '300Gi' } } }),
    ...(random.once(3) && { affinity: affinityOf(random) }),
  };
}

function initContainersOf(random: Random, hasCpu: boolean): readonly Loose[] {
  return [
    ...(random.once(2) ? [{ ...containerOf(random, 'sidecar', hasCpu), restartPolicy: 'Always' }] : []),
    containerOf(random, 'init', hasCpu),
  ];
}

function containerOf(random: Random, name: string, hasCpu: boolean): Loose {
  const requests: Loose = {};
  const limits: Loose = {};
  const state = (resource: string, request: readonly string[], limit: readonly string[]): void => {
    const how = random.below(4);
    if (how > 0) requests[resource] = random.pick(request);
    if (how > 1) limits[resource] = random.pick(limit);
    // A limit alone is the request as well.
    if (how === 3) delete requests[resource];
  };
  if (hasCpu) {
    state('cpu', ['500m', '2', '8'], ['8', '9500m']);
    state('memory', ['512Mi', '8Gi', '16G'], ['16Gi', '20Gi']);
  }
  if (random.once(4)) state('ephemeral-storage', ['500Mi', '1Gi'], ['1Gi', '2Gi']);
  if (requests['cpu'] !== undefined && random.once(6))
    requests['hugepages-2Mi'] = limits['hugepages-2Mi'] = '4Mi';
  const gpus = random.pick(['1', '4', '8']);
  if (random.once(2)) requests['nvidia.com/gpu'] = limits['nvidia.com/gpu'] = gpus;
  return { name, image: 'x', resources: { requests, limits } };
}

function affinityOf(random: Random): Loose {
  const term = {
    topologyKey: 'zone',
    labelSelector: { matchLabels: { app: 'llm' } },
    ...random.pick<Loose>([{}, { namespaces: ['others'] }, { namespaceSelector: {} }, { namespaces: [] }]),
  };
  const kind = random.pick(['podAffinity', 'podAntiAffinity']);
  return random.once(2)
    ? { [kind]: { requiredDuringSchedulingIgnoredDuringExecution: [term] } }
    : {
        [kind]: {
          preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 1, podAffinityTerm: term }],
        },
      };
}
