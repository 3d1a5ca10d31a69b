/** GPU types that KServe knows only when it is told, quantities of every spelling, and what is no GPU. */
import { annotate, anyContainer, modelOf, runtimeHeadOf, runtimeWorkerOf, workerOf } from './world.ts';
import type { Twist, World } from './world.ts';
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

const quantity = ['0', 0, '1', '1.0', '1.5', '500m', '2000m', '1e1', '-1', '1Ki', 3, '', 'two', '16'];

export const gpus: Readonly<Record<string, Twist>> = {
  customByAnnotation: (world, pick) => {
    const type = pick(CUSTOM);
    rename(world, type);
    annotate(world, { 'serving.kserve.io/gpu-resource-types': JSON.stringify(pick([[type], CUSTOM])) });
  },
  customByConfigMap: (world, pick) => {
    const type = pick(CUSTOM);
    rename(world, type);
    world.configMap['multiNode'] = JSON.stringify({ customGPUResourceTypeList: pick([[type], CUSTOM]) });
  },
  customByBoth: (world, pick) => {
    const type = pick(CUSTOM);
    rename(world, type);
    annotate(world, { 'serving.kserve.io/gpu-resource-types': JSON.stringify([type]) });
    world.configMap['multiNode'] = JSON.stringify({ customGPUResourceTypeList: CUSTOM });
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
    if (pick([true, false]))
      annotate(world, { 'serving.kserve.io/gpu-resource-types': JSON.stringify([name]) });
  },
};
