import type { RuleCases } from './cases.ts';

const TENSOR = 'spec.predictor.workerSpec.tensorParallelSize';
const PIPELINE = 'spec.predictor.workerSpec.pipelineParallelSize';

export const cases: RuleCases = {
  rule: 'parallel-size',
  service: [
    {
      name: 'TP above the GPUs of a worker, with PP 1 written out, is kept and warned of',
      change: ({ service }) =>
        Object.assign(service.spec.predictor.workerSpec, { tensorParallelSize: 16, pipelineParallelSize: 1 }),
      expect: {
        severity: 'warn',
        field: TENSOR,
        says: /TP 16 spans 2 pods, since a worker has 8 GPUs and PP is 1/,
      },
    },
    {
      name: 'such a TP with the annotation keep is meant',
      change: ({ service }) => {
        Object.assign(service.spec.predictor.workerSpec, { tensorParallelSize: 16, pipelineParallelSize: 1 });
        service.metadata.annotations['headcount.dev/parallelism'] = 'keep';
      },
      expect: null,
    },
    {
      name: 'TP above the GPUs of a worker is warned of beside PP 2, too',
      change: ({ service }) =>
        Object.assign(service.spec.predictor.workerSpec, { tensorParallelSize: 16, pipelineParallelSize: 2 }),
      expect: {
        severity: 'warn',
        field: 'spec.predictor.workerSpec.tensorParallelSize',
        says: /TP 16 spans 2 pods, since a worker has 8 GPUs and PP is 2/,
        fix: /^write tensorParallelSize: 8 and pipelineParallelSize: 4, or keep it/,
      },
    },
    {
      name: 'TP above the GPUs of a worker is warned of where the PP of the runtime multiplies it',
      change: ({ service, runtime }) => {
        runtime.spec.workerSpec.pipelineParallelSize = 2;
        service.spec.predictor.workerSpec.tensorParallelSize = 16;
        delete service.spec.predictor.workerSpec.pipelineParallelSize;
      },
      expect: {
        severity: 'warn',
        field: TENSOR,
        says: /^TP 16 x PP 2 = 32 GPUs on 4 pods, since pipelineParallelSize of the ServingRuntime "rt" is 2; TP 16 alone spans 2/,
        fix: /^write tensorParallelSize: 8 and pipelineParallelSize: 2 for 16 GPUs, or keep it/,
      },
    },
    {
      name: 'a TP that a worker does not divide is warned of as well, beside the PP of the runtime',
      change: ({ service, runtime }) => {
        runtime.spec.workerSpec.pipelineParallelSize = 2;
        service.spec.predictor.workerSpec.tensorParallelSize = 12;
        delete service.spec.predictor.workerSpec.pipelineParallelSize;
      },
      expect: { severity: 'warn', field: TENSOR, fix: /^write a tensorParallelSize that a pod holds/ },
    },
    {
      name: 'a TP that a worker holds passes with the PP of the runtime',
      change: ({ service, runtime }) => {
        runtime.spec.workerSpec.pipelineParallelSize = 2;
        delete service.spec.predictor.workerSpec.pipelineParallelSize;
      },
      expect: null,
    },
    {
      name: 'with the annotation keep, the PP of the runtime is meant',
      change: ({ service, runtime }) => {
        runtime.spec.workerSpec.pipelineParallelSize = 2;
        service.spec.predictor.workerSpec.tensorParallelSize = 16;
        delete service.spec.predictor.workerSpec.pipelineParallelSize;
        service.metadata.annotations['headcount.dev/parallelism'] = 'keep';
      },
      expect: null,
    },
    {
      name: 'counts of a type that KServe does not count are left to gpu-capacity',
      change: ({ service: { metadata, spec } }) => {
        metadata.annotations['serving.kserve.io/gpu-resource-types'] = '["nvidia.com/mig-1g.5gb"]';
        const counts = {
          requests: { 'nvidia.com/mig-1g.5gb': '8' },
          limits: { 'nvidia.com/mig-1g.5gb': '8' },
        };
        spec.predictor.model.resources = counts;
        spec.predictor.workerSpec.containers[0].resources = counts;
      },
      expect: null,
    },
    {
      name: 'counts that headcount has written are not the counts of the author: no sizes of one GPU are advised',
      change: (world) => {
        const { workerSpec } = world.service.spec.predictor;
        workerSpec.pipelineParallelSize = 1;
        world.declared = structuredClone(world.service);
        delete world.declared.spec.predictor.model.resources;
        delete world.declared.spec.predictor.workerSpec.containers;
        const one = { requests: { 'nvidia.com/gpu': '1' }, limits: { 'nvidia.com/gpu': '1' } };
        world.service.spec.predictor.model.resources = one;
        workerSpec.containers[0].resources = one;
      },
      expect: {
        severity: 'warn',
        field: TENSOR,
        says: /TP 8 spans 8 pods, since a worker has 1 GPU/,
        fix: /^write how many GPUs a pod has into requests and limits of head and worker, or keep it/,
      },
    },
    {
      name: 'beside PP 2 they are silent as well: gpu-idle speaks of the number of pods',
      change: (world) => {
        world.declared = structuredClone(world.service);
        delete world.declared.spec.predictor.model.resources;
        delete world.declared.spec.predictor.workerSpec.containers;
        const one = { requests: { 'nvidia.com/gpu': '1' }, limits: { 'nvidia.com/gpu': '1' } };
        world.service.spec.predictor.model.resources = one;
        world.service.spec.predictor.workerSpec.containers[0].resources = one;
      },
      expect: null,
    },
    {
      name: 'a worker that asks for cpu alone is no reason to be silent',
      change: ({ service }) => {
        const { workerSpec } = service.spec.predictor;
        Object.assign(workerSpec, { tensorParallelSize: 16, pipelineParallelSize: 1 });
        workerSpec.containers[0].resources = { requests: { cpu: '4' } };
        service.spec.predictor.model.resources = {};
      },
      expect: {
        severity: 'warn',
        field: 'spec.predictor.workerSpec.tensorParallelSize',
        says: /TP 16 spans 16 pods, since a worker has 1 GPU and PP is 1/,
      },
    },
    {
      name: 'GPUs under a name that KServe does not know are left to gpu-resource',
      change: ({ service }) => {
        const { workerSpec } = service.spec.predictor;
        Object.assign(workerSpec, { tensorParallelSize: 16, pipelineParallelSize: 1 });
        workerSpec.containers[0].resources = { requests: { 'nvidia.com/mig-1g.5gb': '2' } };
        service.spec.predictor.model.resources = {};
      },
      expect: null,
    },
    {
      name: 'TP of one pod with PP 1 written out passes',
      change: ({ service }) => (service.spec.predictor.workerSpec.pipelineParallelSize = 1),
      expect: null,
    },
    {
      name: 'TP 0 is refused',
      change: ({ service }) => (service.spec.predictor.workerSpec.tensorParallelSize = 0),
      expect: { severity: 'deny', field: TENSOR, says: /is 0, / },
    },
    {
      name: 'a negative PP is refused',
      change: ({ service }) => (service.spec.predictor.workerSpec.pipelineParallelSize = -2),
      expect: { severity: 'deny', field: PIPELINE, says: /is -2, / },
    },
    {
      name: 'TP 1.5 is refused',
      change: ({ service }) => (service.spec.predictor.workerSpec.tensorParallelSize = 1.5),
      expect: { severity: 'deny', field: TENSOR, says: /1\.5/ },
    },
    {
      name: 'TP as a text is refused',
      change: ({ service }) => (service.spec.predictor.workerSpec.tensorParallelSize = '8'),
      expect: { severity: 'deny', field: TENSOR, says: /"8"/ },
    },
    {
      name: 'a number that no integer type holds is refused',
      change: ({ service }) => (service.spec.predictor.workerSpec.tensorParallelSize = 1e30),
      expect: { severity: 'deny', field: TENSOR },
    },
    {
      name: 'TP 1 with PP 2, the example of the guide, passes',
      change: ({ service }) => {
        service.spec.predictor.workerSpec.tensorParallelSize = 1;
        service.spec.predictor.workerSpec.pipelineParallelSize = 2;
      },
      expect: null,
    },
    {
      name: 'absent sizes pass',
      change: ({ service }) => (service.spec.predictor.workerSpec = {}),
      expect: null,
    },
    {
      name: 'a size of null is an absent one',
      change: ({ service }) => (service.spec.predictor.workerSpec.tensorParallelSize = null),
      expect: null,
    },
    {
      name: 'a wrong size that the service inherits is refused, naming the runtime',
      change: ({ service, runtime }) => {
        delete service.spec.predictor.workerSpec.tensorParallelSize;
        runtime.spec.workerSpec.tensorParallelSize = 0;
      },
      expect: { severity: 'deny', field: 'spec.workerSpec.tensorParallelSize', says: /ServingRuntime "rt"/ },
    },
    {
      name: 'a wrong size of the runtime that the service overrides passes',
      change: ({ runtime }) => (runtime.spec.workerSpec.tensorParallelSize = 0),
      expect: null,
    },
    {
      name: 'TP x PP above the cap is refused, with the product',
      change: ({ service }) => {
        service.spec.predictor.workerSpec.tensorParallelSize = 4096;
        service.spec.predictor.workerSpec.pipelineParallelSize = 2;
      },
      expect: { severity: 'deny', field: TENSOR, says: /4096 .* 2 = 8192 .* 4096/ },
    },
    {
      name: 'the field named is the bigger size',
      change: ({ service }) => {
        service.spec.predictor.workerSpec.tensorParallelSize = 1;
        service.spec.predictor.workerSpec.pipelineParallelSize = 5000;
      },
      expect: { severity: 'deny', field: PIPELINE },
    },
    {
      name: 'a product that a double does not hold is written out in full',
      change: ({ service }) => {
        service.spec.predictor.workerSpec.tensorParallelSize = Number.MAX_SAFE_INTEGER;
        service.spec.predictor.workerSpec.pipelineParallelSize = Number.MAX_SAFE_INTEGER;
      },
      expect: { severity: 'deny', field: TENSOR, says: /81129638414606663681390495662081/ },
    },
    {
      name: 'a product that reaches the cap only with the size of the runtime is refused',
      change: ({ service, runtime, settings }) => {
        settings.maxTotal = 8;
        delete service.spec.predictor.workerSpec.pipelineParallelSize;
        runtime.spec.workerSpec.pipelineParallelSize = 2;
      },
      expect: { severity: 'deny', field: TENSOR, says: /8 .* 2 = 16 / },
    },
    {
      name: 'without a runtime the sizes of the service alone are held against the cap',
      change: (world) => {
        world.outcome = { status: 'missing', name: 'rt' };
        world.settings.maxTotal = 8;
      },
      expect: { severity: 'deny', field: TENSOR, says: /= 16 / },
    },
    {
      name: 'TP x PP equal to the cap passes',
      change: ({ service }) => {
        service.spec.predictor.workerSpec.tensorParallelSize = 8;
        service.spec.predictor.workerSpec.pipelineParallelSize = 512;
      },
      expect: null,
    },
    {
      name: 'case 2 of the guide, rewritten by headcount, is explained',
      change: (world) => {
        world.declared = structuredClone(world.service);
        world.declared.spec.predictor.workerSpec.tensorParallelSize = 16;
        delete world.declared.spec.predictor.workerSpec.pipelineParallelSize;
      },
      expect: { severity: 'warn', field: TENSOR, says: /TP 16 is stored as TP 8 x PP 2.*fast fabric/ },
    },
    {
      name: 'case 2 with a TP that comes from the runtime is explained as well',
      change: (world) => {
        world.runtime.spec.workerSpec.tensorParallelSize = 16;
        world.declared = structuredClone(world.service);
        delete world.declared.spec.predictor.workerSpec.tensorParallelSize;
        delete world.declared.spec.predictor.workerSpec.pipelineParallelSize;
      },
      expect: { severity: 'warn', field: TENSOR, says: /TP 16 is stored as TP 8 x PP 2/ },
    },
    {
      name: 'case 2 kept as given is not mentioned',
      change: ({ service }) => {
        service.metadata.annotations['headcount.dev/parallelism'] = 'keep';
        service.spec.predictor.workerSpec.tensorParallelSize = 16;
        service.spec.predictor.workerSpec.pipelineParallelSize = 1;
      },
      expect: null,
    },
    {
      name: 'sizes that headcount only filled in are not mentioned',
      change: (world) => {
        world.declared = structuredClone(world.service);
        world.declared.spec.predictor.workerSpec = {};
      },
      expect: null,
    },
    {
      name: 'in mode fill, case 2 stays and is warned of',
      change: (world) => {
        world.mutationMode = 'fill';
        world.service.spec.predictor.workerSpec.tensorParallelSize = 16;
        delete world.service.spec.predictor.workerSpec.pipelineParallelSize;
      },
      expect: {
        severity: 'warn',
        field: 'spec.predictor.workerSpec.tensorParallelSize',
        says: /TP 16 spans 2 pods, since a worker has 8 GPUs/,
        fix: /^write tensorParallelSize: 8 and pipelineParallelSize: 2, or/,
      },
    },
    {
      name: 'in mode off, case 2 stays and is warned of',
      change: (world) => {
        world.mutationMode = 'off';
        world.service.spec.predictor.workerSpec.tensorParallelSize = 16;
        delete world.service.spec.predictor.workerSpec.pipelineParallelSize;
      },
      expect: { severity: 'warn', field: TENSOR, says: /TP 16 spans 2 pods, since a worker has 8 GPUs/ },
    },
    {
      name: 'case 2 that is not normalized is warned of, though headcount wrote PP 1 where there was none',
      change: (world) => {
        const sizes = world.service.spec.predictor.workerSpec;
        sizes.tensorParallelSize = 16;
        sizes.pipelineParallelSize = 1;
        world.declared = structuredClone(world.service);
        delete world.declared.spec.predictor.workerSpec.pipelineParallelSize;
      },
      expect: { severity: 'warn', field: TENSOR, says: /TP 16 spans 2 pods, since a worker has 8 GPUs/ },
    },
    {
      name: 'a head that holds the whole TP spans no pods',
      change: (world) => {
        world.mutationMode = 'off';
        const { model, workerSpec } = world.service.spec.predictor;
        workerSpec.tensorParallelSize = 16;
        delete workerSpec.pipelineParallelSize;
        model.resources = { requests: { 'nvidia.com/gpu': '16' }, limits: { 'nvidia.com/gpu': '16' } };
      },
      expect: null,
    },
    {
      name: 'in mode fill, a TP that fits the head alone spans nothing',
      change: (world) => {
        world.mutationMode = 'fill';
        const gpus = { 'nvidia.com/gpu': '16' };
        world.service.spec.predictor.model.resources = { requests: gpus, limits: gpus };
        world.service.spec.predictor.workerSpec.tensorParallelSize = 16;
        delete world.service.spec.predictor.workerSpec.pipelineParallelSize;
      },
      expect: null,
    },
    {
      name: 'in mode fill, a TP that fits one pod passes',
      change: (world) => (world.mutationMode = 'fill'),
      expect: null,
    },
  ],
  runtime: [
    {
      name: 'a runtime with PP 0 is refused',
      change: ({ runtime }) => (runtime.spec.workerSpec.pipelineParallelSize = 0),
      expect: { severity: 'deny', field: 'spec.workerSpec.pipelineParallelSize' },
    },
    {
      name: 'a runtime with TP as a text is refused',
      change: ({ runtime }) => (runtime.spec.workerSpec.tensorParallelSize = 'eight'),
      expect: { severity: 'deny', field: 'spec.workerSpec.tensorParallelSize', says: /"eight"/ },
    },
    {
      name: 'a runtime above the cap is refused',
      change: ({ runtime }) => (runtime.spec.workerSpec.tensorParallelSize = 5000),
      expect: { severity: 'deny', field: 'spec.workerSpec.tensorParallelSize', says: /5000/ },
    },
    {
      name: 'a runtime without sizes passes',
      change: ({ runtime }) => {
        delete runtime.spec.workerSpec.tensorParallelSize;
        delete runtime.spec.workerSpec.pipelineParallelSize;
      },
      expect: null,
    },
    {
      name: 'a runtime without workerSpec passes',
      change: ({ runtime }) => delete runtime.spec.workerSpec,
      expect: null,
    },
  ],
};
