import type { Loose, RuleCases, World } from './cases.ts';

const WORKER = 'spec.predictor.workerSpec.containers[0].resources';
const HEAD = 'spec.predictor.model.resources';
const NVIDIA = 'nvidia.com/gpu';

interface Shape {
  readonly tensor: number;
  readonly pipeline: number;
  /** GPUs as requests and limits; none where absent. */
  readonly head?: number;
  readonly worker?: number;
}

function gpus(count: number | undefined): Loose {
  if (count === undefined) return undefined;
  return { requests: { [NVIDIA]: String(count) }, limits: { [NVIDIA]: String(count) } };
}

/** Sizes and counts, of which undefined ones are left out. */
function shape(service: Loose, { tensor, pipeline, head, worker }: Shape): Loose {
  const { model, workerSpec } = service.spec.predictor;
  workerSpec.tensorParallelSize = tensor;
  workerSpec.pipelineParallelSize = pipeline;
  model.resources = gpus(head);
  workerSpec.containers[0].resources = gpus(worker);
  return service;
}

function on(given: Shape): (world: World) => void {
  return (world) => void shape(world.service, given);
}

function onMp(given: Shape): (world: World) => void {
  return (world) => {
    shape(world.service, given);
    world.runtime.spec.annotations = { 'multinode/executor-backend': 'mp' };
  };
}

export const cases: RuleCases = {
  rule: 'gpu-idle',
  service: [
    { name: "the guide's case 1 passes", change: on({ tensor: 8, pipeline: 2, worker: 8 }), expect: null },
    { name: "the guide's example passes", change: on({ tensor: 1, pipeline: 2 }), expect: null },
    {
      name: 'a head with more than the workers leave for it, over uneven pods',
      change: on({ tensor: 6, pipeline: 2, head: 8, worker: 2 }),
      expect: [
        {
          severity: 'warn',
          field: `${HEAD}.requests[${NVIDIA}]`,
          says: /head 8 \+ 5 x 2 = 18 GPUs are reserved and TP 6 x PP 2 = 12 are used: 6 stay idle/,
        },
        { severity: 'warn', field: `${WORKER}.requests[${NVIDIA}]`, says: /TP 6 spans uneven pods/ },
      ],
    },
    {
      name: 'one GPU too many in the head, where each group still fits a pod',
      change: on({ tensor: 8, pipeline: 2, head: 9, worker: 8 }),
      expect: {
        severity: 'warn',
        field: `${HEAD}.requests[${NVIDIA}]`,
        says: /9 \+ 1 x 8 = 17 .*: 1 stay idle/,
      },
    },
    ...['--data-parallel-size=2', '--data-parallel-rank=1'].map((flag) => ({
      name: `beside ${flag} no GPU is called idle`,
      change: (world: World) => {
        on({ tensor: 8, pipeline: 2, head: 9, worker: 8 })(world);
        world.service.spec.predictor.model.args.push(flag);
      },
      expect: null,
    })),
    {
      name: 'too few GPUs are left to gpu-capacity',
      change: on({ tensor: 8, pipeline: 2, head: 1, worker: 8 }),
      expect: null,
    },
    {
      name: "the guide's case 3: one pod",
      change: on({ tensor: 8, pipeline: 1, worker: 8 }),
      expect: {
        severity: 'warn',
        field: 'spec.predictor.workerSpec',
        says: /this is not multi-node: TP 8 x PP 1 = 8, and the head alone has 8/,
      },
    },
    {
      name: 'an empty workerSpec on a runtime of one GPU: one pod',
      change: (world) => {
        delete world.service.spec.predictor.model.resources;
        world.service.spec.predictor.workerSpec = {};
      },
      expect: { severity: 'warn', field: 'spec.predictor.workerSpec', says: /this is not multi-node/ },
    },
    {
      name: 'one pod whose head count is ours',
      change: (world) => {
        shape(world.service, { tensor: 8, pipeline: 1, head: 8, worker: 8 });
        world.declared = structuredClone(world.service);
        world.declared.spec.predictor.model.resources = gpus(undefined);
      },
      expect: { severity: 'warn', field: 'spec.predictor.workerSpec', says: /no worker is started$/ },
    },
    {
      name: 'mp replaces the counts of head and worker',
      change: onMp({ tensor: 8, pipeline: 2, head: 4, worker: 2 }),
      expect: [
        {
          severity: 'warn',
          field: `${HEAD}.requests[${NVIDIA}]`,
          says: /4 GPUs in the head, and KServe raises that to 8: the mp back end/,
        },
        {
          severity: 'warn',
          field: `${WORKER}.requests[${NVIDIA}]`,
          says: /2 GPUs in the worker, and KServe raises that to 8/,
        },
      ],
    },
    {
      name: 'mp with the counts that it gives passes',
      change: onMp({ tensor: 8, pipeline: 2, head: 8, worker: 8 }),
      expect: null,
    },
    {
      name: 'a count of the runtime that mp replaces is shown where it could be written',
      change: (world) => {
        onMp({ tensor: 8, pipeline: 2 })(world);
        world.runtime.spec.containers[0].resources = gpus(2);
      },
      expect: {
        severity: 'warn',
        field: HEAD,
        says: /ServingRuntime "rt" asks for 2 GPUs in the head.*raises that to 8/,
      },
    },
    {
      name: 'limits alone, where nothing is mutated: KServe does not read them',
      change: (world) => {
        shape(world.service, { tensor: 4, pipeline: 2 });
        world.service.spec.predictor.workerSpec.containers[0].resources = { limits: { [NVIDIA]: 4 } };
      },
      expect: {
        severity: 'warn',
        field: `${WORKER}.limits[${NVIDIA}]`,
        says: /4 GPUs in the worker, and KServe lowers that to 1: KServe counts requests, not limits/,
      },
    },
    {
      name: 'sixteen pods of one GPU, because nobody gave a count',
      change: on({ tensor: 8, pipeline: 2 }),
      expect: { severity: 'warn', field: WORKER, says: /no GPU count is given.*become 16 pods of one GPU/ },
    },
    {
      name: 'counts of one that are ours do not hide four pods',
      change: (world) => {
        world.declared = shape(structuredClone(world.service), { tensor: 4, pipeline: 1 });
        shape(world.service, { tensor: 4, pipeline: 1, head: 1, worker: 1 });
      },
      expect: { severity: 'warn', field: WORKER, says: /become 4 pods of one GPU/ },
    },
    { name: 'three pods of one GPU pass', change: on({ tensor: 1, pipeline: 3 }), expect: null },
    {
      name: 'four pods of one GPU that the author asked for pass',
      change: on({ tensor: 1, pipeline: 4, head: 1, worker: 1 }),
      expect: null,
    },
    {
      name: 'four pods of one GPU that the runtime asks for pass',
      change: (world) => {
        shape(world.service, { tensor: 1, pipeline: 4 });
        world.runtime.spec.workerSpec.containers[0].resources = gpus(1);
      },
      expect: null,
    },
    {
      name: 'a group over pods of 2, 3 and 3',
      change: on({ tensor: 8, pipeline: 1, worker: 3 }),
      expect: {
        severity: 'warn',
        field: `${WORKER}.requests[${NVIDIA}]`,
        says: /TP 8 spans uneven pods, a head of 2 and 2 x 3 GPUs/,
      },
    },
    {
      name: 'a group over even pods passes',
      change: on({ tensor: 16, pipeline: 1, worker: 8 }),
      expect: null,
    },
    {
      name: 'uneven pods of 2 and 4 that hold whole groups of 2 pass',
      change: on({ tensor: 2, pipeline: 3, head: 2, worker: 4 }),
      expect: null,
    },
    {
      name: 'a head of 8 beside workers that get one each',
      change: on({ tensor: 8, pipeline: 2, head: 8 }),
      expect: { severity: 'warn', field: WORKER, says: /a head of 8 and 8 x 1 GPUs/ },
    },
    {
      name: 'mp with PP 1 is one pod, whose count it takes from TP',
      change: onMp({ tensor: 8, pipeline: 1, head: 4 }),
      expect: [
        { severity: 'warn', field: 'spec.predictor.workerSpec', says: /this is not multi-node/ },
        { severity: 'warn', field: `${HEAD}.requests[${NVIDIA}]`, says: /raises that to 8: the mp back end/ },
      ],
    },
    {
      name: 'a head that is lowered because everything fits on it',
      change: on({ tensor: 4, pipeline: 1, head: 8, worker: 4 }),
      expect: [
        { severity: 'warn', field: 'spec.predictor.workerSpec', says: /this is not multi-node/ },
        {
          severity: 'warn',
          field: `${HEAD}.requests[${NVIDIA}]`,
          says: /for 8 GPUs in the head, and KServe lowers that to 4/,
        },
      ],
    },
    {
      name: 'a head that is raised because one worker would do',
      change: on({ tensor: 4, pipeline: 1, head: 1, worker: 4 }),
      expect: [
        { severity: 'warn', field: 'spec.predictor.workerSpec', says: /this is not multi-node/ },
        { severity: 'warn', field: `${HEAD}.requests[${NVIDIA}]`, says: /raises that to 4/ },
      ],
    },
    {
      name: 'a head alone that has more than it uses',
      change: on({ tensor: 4, pipeline: 1, head: 8 }),
      expect: [
        { severity: 'warn', field: 'spec.predictor.workerSpec', says: /this is not multi-node/ },
        {
          severity: 'warn',
          field: `${HEAD}.requests[${NVIDIA}]`,
          says: /head 8 GPUs are reserved .* 4 stay idle/,
        },
      ],
    },
    {
      name: 'uneven pods that can not hold four groups of 2 without splitting one',
      change: on({ tensor: 2, pipeline: 4, head: 3, worker: 5 }),
      expect: { severity: 'warn', field: `${WORKER}.requests[${NVIDIA}]`, says: /TP 2 spans uneven pods/ },
    },
    {
      name: 'four stages of one GPU on mp pass, since no count would change them',
      change: onMp({ tensor: 1, pipeline: 4 }),
      expect: null,
    },
    {
      name: "the guide's case 2, as headcount rewrote it, passes",
      change: (world) => {
        world.declared = shape(structuredClone(world.service), { tensor: 16, pipeline: 1, worker: 8 });
        shape(world.service, { tensor: 8, pipeline: 2, head: 8, worker: 8 });
      },
      expect: null,
    },
    {
      name: 'a type that only the annotation lists is left to gpu-capacity',
      change: ({ service }) => {
        const mig = 'nvidia.com/mig-1g.5gb';
        service.metadata.annotations['serving.kserve.io/gpu-resource-types'] = JSON.stringify([mig]);
        service.spec.predictor.model.resources = { requests: { [mig]: '2' } };
        service.spec.predictor.workerSpec.containers[0].resources = { requests: { [mig]: '2' } };
      },
      expect: null,
    },
    {
      name: 'nothing is said where no plan can be made',
      change: (world) => {
        shape(world.service, { tensor: 8, pipeline: 1, worker: 8 });
        world.outcome = { status: 'missing', name: 'rt' };
      },
      expect: null,
    },
    {
      name: 'a single-node service is not looked at',
      change: (world) => delete world.service.spec.predictor.workerSpec,
      expect: null,
    },
  ],
};
