/** GPU types that KServe knows only when it is told, quantities of every spelling, and what is no GPU. */
import {
  annotate,
  annotatePredictor,
  annotateRuntime,
  anyContainer,
  GPU_TYPES,
  modelOf,
  runtimeHeadOf,
  runtimeWorkerOf,
  workerOf,
} from './world.ts';
import type { Pick, Twist, World } from './world.ts';
import type { Loose } from '../../rules/cases.ts';

const KNOWN = ['nvidia.com/gpu', 'amd.com/gpu', 'intel.com/gpu', 'habana.ai/gaudi'];
const CUSTOM = ['example.com/npu', 'nvidia.com/mig-3g.40gb'];

/** The same counts under another name, in service and runtime. */
function rename(world: World, type: string): void {
  for (const container of [modelOf, workerOf, runtimeHeadOf, runtimeWorkerOf].map((find) => find(world))) {
    for (const list of [container.resources?.requests, container.resources?.limits]) renameIn(list, type);
  }
}

function renameIn(list: Loose, type: string): void {
  for (const known of KNOWN) {
    if (list?.[known] === undefined) continue;
    list[type] = list[known];
    delete list[known];
  }
}

/** KServe's webhook wants it listed as a GPU type. */
const CARD = { 'example.com/nic': '1' };

/** Slices of the runtime's alone, in both of its containers: the service says nothing about GPUs. */
function fromRuntime(world: World, count: string, type: string): void {
  for (const container of [modelOf(world), workerOf(world)]) delete container.resources;
  for (const container of [runtimeHeadOf(world), runtimeWorkerOf(world)]) {
    container.resources = { requests: { [type]: count }, limits: { [type]: count } };
  }
}

/** Mostly a list of the head's and one of the worker's. */
function listInRuntime(world: World, list: string, pick: Pick): void {
  const parts = pick([['head', 'worker'], ['head', 'worker'], ['head'], ['worker']] as const);
  for (const part of parts) annotateRuntime(world, part, { [GPU_TYPES]: list });
}

const quantity = ['0', 0, '1', '1.0', '1.5', '500m', '2000m', '1e1', '-1', '1Ki', 3, '', 'two', '16'];

export const gpus: Readonly<Record<string, Twist>> = {
  customByAnnotation: (world, pick) => {
    const type = pick(CUSTOM);
    rename(world, type);
    annotate(world, { [GPU_TYPES]: JSON.stringify(pick([[type], CUSTOM])) });
  },
  customByConfigMap: (world, pick) => {
    const type = pick(CUSTOM);
    rename(world, type);
    world.configMap['multiNode'] = JSON.stringify({ customGPUResourceTypeList: pick([[type], CUSTOM]) });
  },
  customByBoth: (world, pick) => {
    const type = pick(CUSTOM);
    rename(world, type);
    annotate(world, { [GPU_TYPES]: JSON.stringify([type]) });
    world.configMap['multiNode'] = JSON.stringify({ customGPUResourceTypeList: CUSTOM });
  },
  customByPredictor: (world, pick) => {
    const type = pick(CUSTOM);
    rename(world, type);
    annotatePredictor(world, { [GPU_TYPES]: JSON.stringify([type]) });
    if (pick([true, false])) fromRuntime(world, pick(['1', '2']), type);
  },
  customByRuntime: (world, pick) => {
    const type = pick(CUSTOM);
    if (pick([true, true, false])) fromRuntime(world, pick(['1', '1', '2']), type);
    else rename(world, type);
    listInRuntime(world, JSON.stringify(pick([[type], CUSTOM])), pick);
    if (pick([true, false, false])) annotate(world, { [GPU_TYPES]: pick(['', JSON.stringify([type])]) });
  },
  cardOfRuntime: (world, pick) => {
    for (const container of [runtimeHeadOf(world), runtimeWorkerOf(world)]) {
      const { requests, limits } = container.resources ?? {};
      container.resources = { requests: { ...requests, ...CARD }, limits: { ...limits, ...CARD } };
    }
    listInRuntime(world, JSON.stringify(Object.keys(CARD)), pick);
  },
  listOfRuntime: (world, pick) => {
    const list = pick(['', '[]', 'example.com/npu', '["example.com/npu"]', '["cpu"]', '["rdma/hca"]']);
    listInRuntime(world, list, pick);
    if (pick([true, false, false])) annotate(world, { [GPU_TYPES]: pick(['', '["example.com/npu"]']) });
  },
  listedStandard: (world, pick) => {
    annotate(world, { [GPU_TYPES]: JSON.stringify(pick([['cpu'], ['memory', 'cpu']])) });
  },
  customUnknown: (world, pick) => rename(world, pick(CUSTOM)),
  secondType: (world, pick) => {
    const container = anyContainer(world, pick);
    const list = pick(['requests', 'limits']);
    const more = { [pick([...KNOWN, ...CUSTOM])]: pick(['0', '1', '4']) };
    container.resources = { ...container.resources, [list]: { ...container.resources?.[list], ...more } };
  },
  quantity: (world, pick) => {
    const container = anyContainer(world, pick);
    const count = { 'nvidia.com/gpu': pick(quantity) };
    container.resources = pick([{ requests: count }, { limits: count }, { requests: count, limits: count }]);
  },
  notGpu: (world, pick) => {
    const container = anyContainer(world, pick);
    const name = pick([
      'rdma/hca',
      'vpc.amazonaws.com/efa',
      'hugepages-2Mi',
      'ephemeral-storage',
      'example.com/x',
    ]);
    const more = { [name]: '1' };
    const { requests, limits } = container.resources ?? {};
    container.resources = { requests: { ...requests, ...more }, limits: { ...limits, ...more } };
    if (pick([true, false])) annotate(world, { [GPU_TYPES]: JSON.stringify([name]) });
  },
};
