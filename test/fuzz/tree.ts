/** Mutations that know what a review is made of: places of the tree get other values, keys, lengths. */
import type { Loose } from '../rules/cases.ts';
import type { Random } from './random.ts';

/** One place: the list or object that holds it, and its key there. */
interface Place {
  readonly parent: Loose;
  readonly key: string | number;
}

const KEYS = [
  'metadata', 'name', 'namespace', 'generateName', 'annotations', 'labels', 'generation', 'deletionTimestamp',
  'managedFields', 'spec', 'status', 'predictor', 'model', 'modelFormat', 'runtime', 'storageUri', 'storage',
  'protocolVersion', 'workerSpec', 'containers', 'initContainers', 'tensorParallelSize', 'pipelineParallelSize',
  'resources', 'requests', 'limits', 'nvidia.com/gpu', 'amd.com/gpu', 'rdma/ib', 'env', 'envFrom', 'args', 'command',
  'minReplicas', 'maxReplicas', 'nodeSelector', 'tolerations', 'startupProbe', 'huggingface', 'triton', 'canary',
  'object', 'oldObject', 'request', 'operation', 'kind', 'subResource', 'dryRun', 'options',
  'serving.kserve.io/gpu-resource-types', 'serving.kserve.io/autoscalerClass', 'serving.kserve.io/deploymentMode',
  'headcount.dev/applied', 'headcount.dev/mutation', 'headcount.dev/parallelism',
  'kubectl.kubernetes.io/last-applied-configuration', 'constructor', 'toString', 'length', '0', '',
]; // prettier-ignore

const TEXTS = [
  '', ' ', '0', '8', '-1', '8.5', '1e999', '8Gi', '0x8', 'null', 'true', '[]', '{}', '[""]', '["nvidia.com/mig-1g.5gb"]',
  'none', 'Standard', 'RawDeployment', 'full', 'fill', 'off', 'keep', 'pvc://', 'pvc://models/x', 'pvc://a/../b', 'hf://m',
  '../../../api/v1/secrets', 'rt', 'worker-container', 'kserve-container', 'TENSOR_PARALLEL_SIZE', 'RAY_NODE_COUNT',
  'HEAD_SVC', '--tensor-parallel-size', '--tensor-parallel-size=4', '-tp', '--pipeline-parallel-size 2', '-c', 'bash',
  "vllm serve --tp '4", '${TENSOR_PARALLEL_SIZE}', '$(MODEL)', '\u001b[2J', 'a\nb\tc', '\u202eevil', '\u200b', '\ud800',
  '\uffff', '\u{1f4a5}', '\u0000', '<script>', '"', '\\', '~1', '~0/', 'CREATE', 'UPDATE', 'DELETE', '2026-08-01T00:00:00Z',
  '{"v":1,"wrote":[["size","tensorParallelSize",8]],"made":[]}', '{"v":1,"wrote":[["head.env","RAY_NODE_COUNT","2"]],"made":["head.env"]}',
  '{"v":1,"wrote":[["worker.requests","nvidia.com/gpu","8","4"]],"made":["worker.resources"]}', '[[[[[[',
]; // prettier-ignore

const VALUES: readonly unknown[] = [
  null, true, false, 0, -0, 1, 2, 3, 8, 16, -1, 0.5, 1e308, 5e-324, 2 ** 31, 2 ** 53, 2 ** 53 + 2, -(2 ** 63), [], {}, [[]],
  [null], [{}], { name: 'x' }, [{ name: 'worker-container' }], { 'nvidia.com/gpu': '8' },
]; // prettier-ignore

/** Changes the tree in place, a few times. */
export function mutateTree(tree: Loose, random: Random, reviews: readonly Loose[]): void {
  for (let count = 1 + random.below(4); count > 0; count--) {
    // A tree that has grown to a size of its own is left alone.
    const places = placesOf(tree, 20_000);
    // All of it may have been taken away.
    if (places.length === 0) return;
    const place = random.pick(places);
    random.pick(MUTATIONS)(place, random, places, reviews);
  }
}

type Mutation = (place: Place, random: Random, places: readonly Place[], reviews: readonly Loose[]) => void;

const MUTATIONS: readonly Mutation[] = [
  remove,
  remove,
  replace,
  replace,
  rename,
  add,
  add,
  takeOver,
  takeOver,
  crossOver,
  wrap,
  repeat,
  swap,
  edit,
  edit,
  grow,
];

function remove({ parent, key }: Place): void {
  if (Array.isArray(parent)) parent.splice(Number(key), 1);
  else delete parent[key];
}

function replace({ parent, key }: Place, random: Random): void {
  parent[key] = anything(random);
}

function rename(place: Place, random: Random): void {
  const value = place.parent[place.key];
  remove(place);
  place.parent[Array.isArray(place.parent) ? place.key : random.pick(KEYS)] = value;
}

function add({ parent, key }: Place, random: Random): void {
  const value = parent[key];
  if (Array.isArray(value)) value.push(anything(random));
  else if (isObject(value)) value[random.pick(KEYS)] = anything(random);
  else parent[key] = { [random.pick(KEYS)]: anything(random) };
}

/** A value from another place of the same review. */
function takeOver({ parent, key }: Place, random: Random, places: readonly Place[]): void {
  const other = random.pick(places);
  parent[key] = structuredClone(other.parent[other.key]);
}

/** A value from another review, from the same place where there is one. */
function crossOver(
  { parent, key }: Place,
  random: Random,
  _places: readonly Place[],
  reviews: readonly Loose[],
): void {
  const places = placesOf(random.pick(reviews), 2_000);
  const same = places.filter((place) => place.key === key);
  const other = random.pick(same.length > 0 ? same : places);
  parent[key] = structuredClone(other.parent[other.key]);
}

function wrap({ parent, key }: Place, random: Random): void {
  for (let depth = random.once(8) ? 110 : 1; depth > 0; depth--) {
    parent[key] = random.once(2) ? [parent[key]] : { [random.pick(KEYS)]: parent[key] };
  }
}

function repeat({ parent, key }: Place, random: Random): void {
  const value = parent[key];
  if (typeof value === 'string') parent[key] = value.repeat(1 + random.below(200)).slice(0, 20_000);
  else if (Array.isArray(parent))
    parent.push(...Array.from({ length: 1 + random.below(30) }, () => structuredClone(value)));
  else parent[key] = Array.from({ length: 1 + random.below(5) }, () => structuredClone(value));
}

function swap(place: Place, random: Random, places: readonly Place[]): void {
  const other = random.pick(places);
  const value = structuredClone(place.parent[place.key]);
  place.parent[place.key] = structuredClone(other.parent[other.key]);
  other.parent[other.key] = value;
}

function edit({ parent, key }: Place, random: Random): void {
  const value = parent[key];
  if (typeof value === 'number') parent[key] = value + random.pick([1, -1, 0.5, -2 * value]);
  else if (typeof value === 'string') {
    const at = random.below(value.length + 1);
    parent[key] = value.slice(0, at) + random.pick(TEXTS) + value.slice(at + random.below(3));
  } else parent[key] = anything(random);
}

/** A long list, a wide object or a long text; now and then of the greatest kind. */
function grow({ parent, key }: Place, random: Random): void {
  const count = random.once(40) ? random.below(20_000) : random.below(random.once(4) ? 2_000 : 60);
  const value = isObject(parent[key]) || Array.isArray(parent[key]) ? null : parent[key];
  const item = (index: number): unknown =>
    random.once(2) ? value : { name: `E${index}`, value: String(index) };
  switch (random.below(4)) {
    case 0:
      parent[key] = Array.from({ length: count }, (_, index) => item(index));
      break;
    case 1:
      parent[key] = Object.fromEntries(Array.from({ length: count }, (_, index) => [`x.y/${index}`, '1']));
      break;
    case 2:
      parent[key] = random
        .pick(TEXTS)
        .repeat(count * 4)
        .slice(0, 200_000);
      break;
    default:
      parent[key] = Array.from({ length: count }, (_, index) => `${random.pick(TEXTS)}${index}`);
  }
}

function anything(random: Random): unknown {
  return random.once(2) ? random.pick(TEXTS) : structuredClone(random.pick(VALUES));
}

function isObject(value: unknown): value is Loose {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Every place below the tree's root, the first ones where there are very many. */
export function placesOf(tree: Loose, most: number): readonly Place[] {
  const places: Place[] = [];
  const open: Loose[] = [tree];
  while (open.length > 0 && places.length < most) {
    const parent = open.pop();
    for (const key of Array.isArray(parent) ? parent.keys() : Object.keys(parent)) {
      places.push({ parent, key });
      const value = parent[key];
      if (typeof value === 'object' && value !== null) open.push(value);
    }
  }
  return places;
}
