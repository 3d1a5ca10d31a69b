import { releaseNamed } from '../../src/kserve/releases.ts';
import type { Loose, RuleCases } from './cases.ts';

const IMAGE = 'spec.predictor.model.image';
const images = (runtime: Loose, head: string, worker = head): void => {
  runtime.spec.containers[0].image = head;
  runtime.spec.workerSpec.containers[0].image = worker;
};
const withoutImages = ({ spec }: Loose): void => {
  delete spec.containers[0].image;
  delete spec.workerSpec.containers[0].image;
};
/** The runtime whose tags KServe changes. */
const rename = ({ service, runtime }: Loose): void => {
  runtime.metadata.name = 'kserve-huggingfaceserver';
  service.spec.predictor.model.runtime = 'kserve-huggingfaceserver';
};

export const cases: RuleCases = {
  rule: 'image-parity',
  service: [
    {
      name: 'an image on the head only is warned of beside a runtime whose images are not known',
      change: ({ service, runtime }) => {
        withoutImages(runtime);
        service.spec.predictor.model.image = 'my/vllm:1';
      },
      expect: {
        severity: 'warn',
        field: IMAGE,
        says: /^the head runs "my\/vllm:1", the worker the one of the ServingRuntime "rt"/,
        fix: /^write spec\.predictor\.workerSpec\.containers\[0\]\.image: "my\/vllm:1"$/,
      },
    },
    {
      name: 'an image on the worker only is warned of beside such a runtime, too',
      change: ({ service, runtime }) => {
        withoutImages(runtime);
        service.spec.predictor.workerSpec.containers[0].image = 'my/vllm:1';
      },
      expect: { severity: 'warn', field: 'spec.predictor.workerSpec.containers[0].image' },
    },
    {
      name: 'runtimeVersion is warned of beside such a runtime without an invented tag',
      change: ({ service, runtime }) => {
        withoutImages(runtime);
        service.spec.predictor.model.runtimeVersion = '2';
      },
      expect: {
        severity: 'warn',
        field: 'spec.predictor.model.runtimeVersion',
        says: /^runtimeVersion changes the tag of the head's image, and the worker runs the one of/,
      },
    },
    {
      name: 'the same image on both passes beside such a runtime',
      change: ({ service, runtime }) => {
        withoutImages(runtime);
        service.spec.predictor.model.image = 'my/vllm:1';
        service.spec.predictor.workerSpec.containers[0].image = 'my/vllm:1';
      },
      expect: null,
    },
    {
      name: 'an image on the head only is warned of',
      change: ({ service }) => (service.spec.predictor.model.image = 'my/vllm:1'),
      expect: { severity: 'warn', field: IMAGE, says: /the head runs "my\/vllm:1", the worker "x"/ },
    },
    {
      name: 'an image on the worker only is warned of',
      change: ({ service }) => (service.spec.predictor.workerSpec.containers[0].image = 'my/vllm:1'),
      expect: { severity: 'warn', field: 'spec.predictor.workerSpec.containers[0].image' },
    },
    {
      name: 'the same image on both passes',
      change: ({ service }) => {
        service.spec.predictor.model.image = 'my/vllm:1';
        service.spec.predictor.workerSpec.containers[0].image = 'my/vllm:1';
      },
      expect: null,
    },
    {
      name: 'two images that the author states are left alone',
      change: ({ service }) => {
        service.spec.predictor.model.image = 'my/vllm:1';
        service.spec.predictor.workerSpec.containers[0].image = 'my/ray:1';
      },
      expect: null,
    },
    {
      name: 'two images of the runtime are left alone',
      change: ({ runtime }) => images(runtime, 'a:1', 'b:1'),
      expect: null,
    },
    {
      name: 'runtimeVersion changes the tag of the head only',
      change: ({ service, runtime }) => {
        images(runtime, 'vllm:1');
        service.spec.predictor.model.runtimeVersion = '2';
      },
      expect: { severity: 'warn', field: 'spec.predictor.model.runtimeVersion', says: /"vllm:2".*"vllm:1"/ },
    },
    {
      name: 'runtimeVersion does nothing to a digest',
      change: ({ service, runtime }) => {
        images(runtime, 'vllm@sha256:00');
        service.spec.predictor.model.runtimeVersion = '2';
      },
      expect: null,
    },
    {
      name: 'an empty runtimeVersion is refused: the image has no valid name then',
      change: ({ service, runtime }) => {
        images(runtime, 'vllm:1');
        service.spec.predictor.model.runtimeVersion = '';
      },
      expect: {
        severity: 'deny',
        field: 'spec.predictor.model.runtimeVersion',
        says: /^the empty runtimeVersion makes the head's image "vllm:", which is no valid name/,
        fix: /^remove spec\.predictor\.model\.runtimeVersion$/,
      },
    },
    {
      name: 'it is refused on one node as well',
      change: ({ service }) => {
        service.spec.predictor.model.runtimeVersion = '';
        service.spec.predictor.workerSpec.pipelineParallelSize = 1;
      },
      expect: { severity: 'deny', field: 'spec.predictor.model.runtimeVersion' },
    },
    {
      name: 'an empty runtimeVersion does nothing to a digest',
      change: ({ service, runtime }) => {
        images(runtime, 'vllm@sha256:00');
        service.spec.predictor.model.runtimeVersion = '';
      },
      expect: null,
    },
    {
      name: 'runtimeVersion of the tag that both have passes',
      change: ({ service, runtime }) => {
        images(runtime, 'vllm:1');
        service.spec.predictor.model.runtimeVersion = '1';
      },
      expect: null,
    },
    {
      name: 'a tag that gets -gpu is warned of',
      change: (world) => {
        rename(world);
        images(world.runtime, 'hf:1.2');
      },
      expect: { severity: 'warn', field: IMAGE, says: /"hf:1.2-gpu" and the worker "hf:1.2"/ },
    },
    {
      name: 'it gets -gpu for slices of a GPU as well',
      change: (world) => {
        rename(world);
        images(world.runtime, 'hf:1.2');
        world.service.spec.predictor.model.resources.limits = { 'nvidia.com/mig-1g.5gb': '1' };
      },
      expect: { severity: 'warn', field: IMAGE },
    },
    {
      name: 'a worker whose image has the tag already passes',
      change: (world) => {
        rename(world);
        images(world.runtime, 'hf:1.2');
        world.service.spec.predictor.workerSpec.containers[0].image = 'hf:1.2-gpu';
      },
      expect: null,
    },
    {
      name: 'a tag that ends in -gpu stays, and an image without a tag',
      change: (world) => {
        rename(world);
        images(world.runtime, 'hf:1.2-gpu');
      },
      expect: null,
    },
    {
      name: 'an image without a tag stays',
      change: (world) => {
        rename(world);
        images(world.runtime, 'registry/hf');
      },
      expect: null,
    },
    {
      name: 'without GPUs in the limits the tag stays',
      change: (world) => {
        rename(world);
        images(world.runtime, 'hf:1.2');
        delete world.service.spec.predictor.model.resources.limits;
      },
      expect: null,
    },
    {
      name: 'a runtime of another name keeps its tags',
      change: ({ runtime }) => images(runtime, 'hf:1.2'),
      expect: null,
    },
    {
      name: 'from 0.20 on a runtime that states its server changes its tags, whatever its name is',
      change: ({ runtime, kserve }) => {
        images(runtime, 'hf:1.2');
        runtime.metadata.annotations = { 'serving.kserve.io/server-type': 'huggingfaceserver' };
        kserve.release = releaseNamed('0.20');
      },
      expect: { severity: 'warn', field: IMAGE, says: /"hf:1.2-gpu" and the worker "hf:1.2"/ },
    },
    {
      name: 'up to 0.19 nobody reads that statement',
      change: ({ runtime }) => {
        images(runtime, 'hf:1.2');
        runtime.metadata.annotations = { 'serving.kserve.io/server-type': 'huggingfaceserver' };
      },
      expect: null,
    },
    {
      name: "from 0.20 on vLLM's server gets another image without GPUs of NVIDIA in its limits",
      change: ({ service, runtime, kserve }) => {
        images(runtime, 'vllm/vllm-openai:1.2');
        runtime.metadata.annotations = { 'serving.kserve.io/server-type': 'vllmserver' };
        delete service.spec.predictor.model.resources.limits;
        kserve.release = releaseNamed('0.20');
      },
      expect: { severity: 'warn', field: IMAGE, says: /"vllm\/vllm-openai-cpu:1.2" and the worker "vllm/ },
    },
    {
      name: 'with them it keeps its image',
      change: ({ runtime, kserve }) => {
        images(runtime, 'vllm/vllm-openai:1.2');
        runtime.metadata.annotations = { 'serving.kserve.io/server-type': 'vllmserver' };
        kserve.release = releaseNamed('0.20');
      },
      expect: null,
    },
    {
      name: 'on one node there is no worker',
      change: ({ service }) => {
        service.spec.predictor.model.image = 'my/vllm:1';
        service.spec.predictor.workerSpec.pipelineParallelSize = 1;
      },
      expect: null,
    },
  ],
  runtime: [
    {
      name: 'two images of a runtime are noted, since they may be made for each other',
      change: ({ runtime }) => images(runtime, 'a:1', 'b:1'),
      expect: {
        severity: 'note',
        field: 'spec.workerSpec.containers[0].image',
        says: /^the head runs "a:1", the worker "b:1"/,
      },
    },
    { name: 'one image of a runtime passes', change: () => {}, expect: null },
  ],
};
