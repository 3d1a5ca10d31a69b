/**
 * Random clusters with a service to place: nodes with GPUs of four vendors, taints and labels, pods that run there, and a
 * plan that fits into about half of them. Objects as the API server takes them; the same seed gives the same world.
 */
import { KNOWN_GPU_TYPES } from '../../src/kserve/gpu-types.ts';
import { minimalRuntime, minimalService, type Loose } from '../rules/cases.ts';
import { Random } from '../fuzz/random.ts';
import { stockOf } from './placing.ts';

export interface FitWorld {
  readonly nodes: readonly Loose[];
  /** Bound to nodes; some have ended. */
  readonly pods: readonly Loose[];
  readonly service: Loose;
  readonly runtime: Loose;
}

const ZONES = ['a', 'b', 'c'];
const SPOT: Loose = { key: 'spot', effect: 'NoExecute' };
const TAINTS: readonly Loose[] = [
  { key: 'gpu', value: 'only', effect: 'NoSchedule' },
  { key: 'gpu', value: 'shared', effect: 'NoSchedule' },
  SPOT,
  { key: 'old', effect: 'PreferNoSchedule' },
];

/** @param index of the world among those of the seed */
export function fitWorld(seed: number, index: number): FitWorld {
  const random = new Random(seed, index);
  const type = random.pick(KNOWN_GPU_TYPES);
  // Mostly small clusters: there one pod more or less decides.
  const size = random.once(4) ? 2 + random.below(59) : 2 + random.below(10);
  const nodes = Array.from({ length: size }, (_, number) => nodeOf(random, number, type));
  const pods = nodes.flatMap((node) => podsOn(random, node, type));
  return { nodes, pods, ...plannedOn(random, type, nodes, pods) };
}

function nodeOf(random: Random, number: number, type: string): Loose {
  const gpus = random.once(5) ? 0 : random.pick([1, 2, 4, 8, 8, 8]);
  const vendor = random.once(8) ? random.pick(KNOWN_GPU_TYPES) : type;
  const allocatable = {
    cpu: random.pick(['16', '31850m', '48', '64']),
    memory: random.pick(['64Gi', '131072Mi', '527925364Ki']),
    'ephemeral-storage': '100Gi',
    // Some nodes are full of small pods.
    pods: random.once(4) ? String(1 + random.below(3)) : '110',
    ...(gpus > 0 && { [vendor]: String(gpus) }),
  };
  const taints = random.once(3) ? [random.pick(TAINTS)] : [];
  if (random.once(8) && taints[0] !== SPOT) taints.push(SPOT);
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      // Not in the order of their numbers, so that the first by name is none in particular.
      name: `node-${((number * 37) % 100).toString().padStart(2, '0')}-${number}`,
      labels: {
        zone: random.pick(ZONES),
        rack: String(random.below(6)),
        ...(random.once(2) && { fabric: 'ib' }),
      },
    },
    spec: { ...(taints.length > 0 && { taints }), ...(random.once(12) && { unschedulable: true }) },
    status: { capacity: allocatable, allocatable },
  };
}

function podsOn(random: Random, { metadata, status }: Loose, type: string): readonly Loose[] {
  const free = Number(status.allocatable[type] ?? 0);
  const count = random.once(2) ? 0 : 1 + random.below(3);
  return Array.from({ length: count }, (_, number) => {
    const gpus = random.once(2) ? random.below(Math.min(free, 4) + 1) : 0;
    const resources = resourcesOf({
      cpu: random.pick(['100m', '1', '2500m', '8', '15', '31']),
      memory: random.pick(['128Mi', '1G', '8Gi', '48Gi']),
      ...(gpus > 0 && { [type]: String(gpus) }),
    });
    const init = {
      name: 'init',
      image: 'x',
      resources: { requests: { cpu: random.pick(['1', '20', '40']) } },
    };
    const sidecar = {
      name: 'sidecar',
      image: 'x',
      restartPolicy: 'Always',
      resources: { requests: { cpu: random.pick(['500m', '9', '18']), memory: '256Mi' } },
    };
    const initContainers = [...(random.once(3) ? [sidecar] : []), ...(random.once(3) ? [init] : [])];
    return {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: `on-${metadata.name}-${number}`, namespace: 'others' },
      spec: {
        nodeName: metadata.name,
        containers: [{ name: 'main', image: 'x', resources }],
        ...(initContainers.length > 0 && { initContainers }),
        ...(random.once(6) && { resources: { requests: { cpu: '90', memory: '60Gi' } } }),
      },
      ...(random.once(6) && { status: { phase: random.pick(['Succeeded', 'Failed']) } }),
    };
  });
}

/** Extended resources have equal limits. */
function resourcesOf(requests: Loose): Loose {
  const gpus = Object.entries(requests).filter(([name]) => name.includes('/'));
  return { requests, ...(gpus.length > 0 && { limits: Object.fromEntries(gpus) }) };
}

function plannedOn(
  random: Random,
  type: string,
  nodes: readonly Loose[],
  pods: readonly Loose[],
): Pick<FitWorld, 'service' | 'runtime'> {
  const [service, runtime] = [minimalService(), minimalRuntime()];
  const { model, workerSpec } = service.spec.predictor;
  const perWorker = random.pick([1, 1, 2, 4, 8]);
  const sizes = {
    tensorParallelSize: perWorker,
    pipelineParallelSize: 1 + random.below(Math.min(nodes.length, 5)),
  };
  Object.assign(workerSpec, sizes);
  const each = { [type]: String(perWorker) };
  // A head of another size than the workers is what a placement can get wrong.
  const ofHead = { [type]: String(random.once(3) ? random.pick([1, 2, 4, 8]) : perWorker) };
  model.resources = { requests: { ...ofHead, ...asked(random, nodes, pods) }, limits: ofHead };
  workerSpec.containers[0].resources = { requests: { ...each, ...asked(random, nodes, pods) }, limits: each };
  if (random.once(3)) Object.assign(runtime.spec, choiceOf(random, nodes));
  if (random.once(3)) Object.assign(runtime.spec.workerSpec, choiceOf(random, nodes));
  Object.assign(service.spec.predictor, choiceOf(random, nodes));
  Object.assign(workerSpec, random.once(4) ? choiceOf(random, nodes) : sameChoice(service.spec.predictor));
  if (random.once(6)) {
    service.spec.predictor.containers = [
      { name: 'sidecar', image: 'x', resources: { requests: { cpu: '2', memory: '4Gi' } } },
    ];
  }
  return { service, runtime };
}

/** cpu and memory of a pod: some amount, or just what a node has left, or a little more than that. */
function asked(random: Random, nodes: readonly Loose[], pods: readonly Loose[]): Loose {
  const some = {
    cpu: random.pick(['1', '8', '12500m', '24']),
    memory: random.pick(['2Gi', '24Gi', '60Gi']),
  };
  const room = stockOf(...nodes, ...pods).room();
  const node = random.pick(room.nodes);
  const [cpu, memory] = [room.free(node, 'cpu') / 1_000_000n, room.free(node, 'memory') / 1_000_000_000n];
  if (cpu <= 0n || memory <= 0n || random.once(2)) return some;
  const more = BigInt(random.below(2));
  return random.once(2) ? { ...some, cpu: `${cpu + more}m` } : { ...some, memory: `${memory + more}` };
}

function sameChoice({ nodeSelector, tolerations, affinity }: Loose): Loose {
  return JSON.parse(JSON.stringify({ nodeSelector, tolerations, affinity }));
}

/** Where the pods of one template may run. */
function choiceOf(random: Random, nodes: readonly Loose[]): Loose {
  return {
    ...(random.once(5) && { nodeSelector: { zone: random.pick(ZONES) } }),
    ...(random.once(2) && { tolerations: tolerationsOf(random) }),
    ...(random.once(2) && {
      affinity: {
        nodeAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: {
            nodeSelectorTerms: Array.from({ length: 1 + random.below(2) }, () => termOf(random, nodes)),
          },
        },
      },
    }),
  };
}

function tolerationsOf(random: Random): readonly Loose[] {
  const all: readonly Loose[] = [
    { operator: 'Exists' },
    { operator: 'Exists', effect: 'NoSchedule' },
    { key: 'gpu', operator: 'Exists' },
    { key: 'gpu', value: 'only' },
    { key: 'gpu', value: 'shared' },
    { key: 'gpu', operator: 'Equal', value: 'shared', effect: 'NoSchedule' },
    { key: 'spot', operator: 'Exists', effect: 'NoExecute' },
    { key: 'node.kubernetes.io/unschedulable', operator: 'Exists' },
  ];
  return Array.from({ length: 1 + random.below(2) }, () => random.pick(all));
}

function termOf(random: Random, nodes: readonly Loose[]): Loose {
  const expressions: readonly Loose[] = [
    { key: 'zone', operator: 'In', values: ['a', 'b'] },
    { key: 'zone', operator: 'NotIn', values: [random.pick(ZONES)] },
    { key: 'fabric', operator: 'Exists' },
    { key: 'fabric', operator: 'DoesNotExist' },
    { key: 'fabric', operator: 'NotIn', values: ['ib'] },
    { key: 'rack', operator: 'Gt', values: [String(random.below(4))] },
    { key: 'rack', operator: 'Lt', values: [String(2 + random.below(4))] },
    { key: 'zone', operator: 'Gt', values: ['1'] },
  ];
  const { name } = random.pick(nodes).metadata;
  const field = { key: 'metadata.name', operator: random.pick(['In', 'NotIn', 'NotIn']), values: [name] };
  return random.once(6)
    ? { matchFields: [field] }
    : { matchExpressions: Array.from({ length: 1 + random.below(2) }, () => random.pick(expressions)) };
}
